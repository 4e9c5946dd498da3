package scenarios

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// How long a datagram is waited for before another is sent, and how often each
// server is asked.
const (
	datagramWait  = 2 * time.Second
	datagramTries = 2
	datagramSize  = 1232 // bytes of an answer that no network tears apart
)

// The causes of answers from which nothing can be told.
var (
	errOther = errors.New("the answer is to another question")
	errPart  = errors.New("the answer is cut off, by TCP too")
)

// dnsName says why a text is no name of DNS.
func dnsName(name, kind string) error {
	if _, err := netip.ParseAddr(name); err == nil {
		return fmt.Errorf("%s is an address, which only PTR asks about, not %s", name, kind)
	}
	if len(name) > 253 || !dnsLabels.MatchString(name) {
		return fmt.Errorf("%q is no name", clip(name, 60))
	}
	return nil
}

func (a *question) try(ctx context.Context, w *world, t Tools) Outcome {
	began := time.Now()
	name, err := a.asks(w)
	if err != nil {
		return Outcome{Verdict: Unknown, Why: err.Error()}
	}
	servers, err := a.servers(w)
	if err != nil {
		return Outcome{Verdict: Unknown, Why: err.Error()}
	}
	way := a.server.open(ctx, t, 0)
	defer way.end()
	m := new(dns.Msg).SetQuestion(dns.Fqdn(name), dns.StringToType[a.kind])
	m.SetEdns0(datagramSize, false)
	server, res, err := askAll(way, servers, m)
	if err != nil {
		return noAnswer(way, server, err)
	}
	took := time.Since(began)
	return a.conclude(res, server, w, took)
}

// servers lists whom to ask.
func (a *question) servers(w *world) ([]string, error) {
	if a.server.address != nil {
		one, err := a.server.fill(w)
		return []string{one}, err
	}
	conf, err := dns.ClientConfigFromFile(a.system)
	if err != nil {
		return nil, fmt.Errorf("the system's name servers: %w", err)
	}
	var out []string
	for _, s := range conf.Servers[:min(len(conf.Servers), 3)] {
		out = append(out, net.JoinHostPort(s, conf.Port))
	}
	if len(out) == 0 {
		return nil, errors.New("the system has no name server; say server")
	}
	return out, nil
}

// askAll asks one server after the other, as long as none knows better, and
// all of them once more where no answer came. It returns whoever answered, or
// was the last to be asked.
func askAll(way *wire, servers []string, m *dns.Msg) (server string, res *dns.Msg, err error) {
	for range datagramTries {
		for _, one := range servers {
			got, wrong := ask(way, one, m)
			switch {
			case wrong == nil && (got.Rcode == dns.RcodeSuccess || got.Rcode == dns.RcodeNameError):
				return one, got, nil
			case wrong == nil:
				server, res = one, got
			case res == nil:
				server, err = one, wrong
			}
			if way.ctx.Err() != nil {
				break
			}
		}
		if res != nil {
			return server, res, nil
		}
		if way.ctx.Err() != nil {
			break
		}
	}
	return server, nil, err
}

// ask sends one datagram, and asks by TCP where the answer does not fit one.
func ask(way *wire, server string, m *dns.Msg) (*dns.Msg, error) {
	res, err := askOver(way, "udp", server, m)
	if err == nil && res.Truncated {
		return askOver(way, "tcp", server, m)
	}
	return res, err
}

func askOver(way *wire, network, server string, m *dns.Msg) (*dns.Msg, error) {
	conn, err := way.dial(way.ctx, network, server)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	client := &dns.Client{Net: network, Timeout: datagramWait}
	res, _, err := client.ExchangeWithConnContext(way.ctx, m, &dns.Conn{Conn: conn})
	if err != nil {
		return nil, err
	}
	if network == "tcp" && res.Truncated {
		return nil, errPart
	}
	if len(res.Question) != 1 || !res.Response || res.Question[0].Qtype != m.Question[0].Qtype ||
		!strings.EqualFold(res.Question[0].Name, m.Question[0].Name) {
		return nil, errOther
	}
	return res, nil
}

// noAnswer judges why there is none.
func noAnswer(way *wire, server string, err error) Outcome {
	var name *net.DNSError
	if !errors.As(err, &name) && (timedOut(err) || errors.Is(context.Cause(way.ctx), errTimeout)) {
		return Outcome{Verdict: way.away(), Why: "no answer from " + server + " in time"}
	}
	if o, ok := way.judge(err); ok {
		return o
	}
	if errors.Is(err, errOther) || errors.Is(err, errPart) {
		return Outcome{Verdict: Unknown, Why: server + ": " + err.Error()}
	}
	return Outcome{Verdict: NG, Why: "no usable answer from " + server + ": " + inner(err)}
}

// conclude judges an answer and makes the outcome of it.
func (a *question) conclude(res *dns.Msg, server string, w *world, took time.Duration) Outcome {
	got := told{rcode: dns.RcodeToString[res.Rcode], took: took}
	if got.rcode == "" {
		got.rcode = "RCODE" + strconv.Itoa(res.Rcode)
	}
	read := map[string]any{"rcode": got.rcode, "server": server, "ms": int(took.Milliseconds())}
	for _, rr := range res.Answer {
		if rr.Header().Rrtype != dns.StringToType[a.kind] {
			continue // the aliases on the way
		}
		ttl := int(rr.Header().Ttl)
		if old, ok := read["ttl"].(int); !ok || ttl < old {
			read["ttl"] = ttl
		}
		got.answers = append(got.answers, recordText(rr))
	}
	read["answers"] = texts(got.answers)
	verdict, why := a.expect.judge(got, w)
	return Outcome{Verdict: verdict, Why: why, Line: strings.Join(got.answers, ", "),
		Output: []byte(strings.Join(got.answers, "\n")), Fields: read}
}

// recordText is what a record says, without the dots at the end of names.
func recordText(rr dns.RR) string {
	switch r := rr.(type) {
	case *dns.TXT:
		return unescaped(strings.Join(r.Txt, ""))
	case *dns.CAA:
		return fmt.Sprintf("%d %s %s", r.Flag, r.Tag, unescaped(r.Value))
	}
	words := strings.Fields(strings.TrimPrefix(rr.String(), rr.Header().String()))
	for i, word := range words {
		if len(word) > 1 {
			words[i] = strings.TrimSuffix(word, ".")
		}
	}
	return strings.Join(words, " ")
}

// unescaped takes the escapes out with which the library keeps texts.
func unescaped(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		if i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 10, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		i++
		b.WriteByte(s[i])
	}
	return b.String()
}
