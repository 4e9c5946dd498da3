# The image holds one static binary, with zone files, and CA certificates; no shell.
# All steps work in it but exec, and nagios without ssh, which start programs: for
# those start your own image from one that has them and copy /amsbot into it.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /out/amsbot ./cmd/amsbot
RUN mkdir -m 0700 /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
# The database lies in /data, which belongs to the user that the bot runs as and
# is the only place where anything is written.
ENV TMPDIR=/data
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/amsbot /amsbot
USER 65532:65532
# What amsbot reads by default lies here too: amsbot.yaml and scenarios.
WORKDIR /data
VOLUME /data
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["/amsbot", "healthcheck", "--db", "/data/amsbot.db"]
ENTRYPOINT ["/amsbot"]
CMD ["run"]
