package scenarios

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
)

// stage is one thing that is said before TLS begins, and the answer to it.
type stage struct {
	say  string
	want string // how the last line of the answer begins
	more string // how those before it begin; "": there is one
}

// starts is how TLS is asked for in protocols that begin without.
var starts = map[string][]stage{
	"smtp": {{"", "220 ", "220-"}, {"EHLO amsbot\r\n", "250 ", "250-"}, {"STARTTLS\r\n", "220 ", "220-"}},
	"imap": {{"", "* OK ", ""}, {"a STARTTLS\r\n", "a OK ", "* "}},
	"pop3": {{"", "+OK ", ""}, {"STLS\r\n", "+OK ", ""}},
	// PostgreSQL's SSLRequest, which is answered by one letter.
	"postgres": {{"\x00\x00\x00\x08\x04\xd2\x16\x2f", "S", ""}},
}

var startWords = slices.Sorted(maps.Keys(starts))

// startTLS asks for TLS. An answer that is no consent is an error which is
// neither of the network nor io.EOF.
func startTLS(conn net.Conn, protocol string) error {
	for _, st := range starts[protocol] {
		if _, err := io.WriteString(conn, st.say); err != nil {
			return err
		}
		if err := st.answer(conn, protocol); err != nil {
			return err
		}
	}
	return nil
}

// answer reads up to the line that is wanted and not a byte beyond it, where
// TLS begins.
func (st stage) answer(conn net.Conn, protocol string) error {
	for range 100 {
		line, err := readLine(conn, protocol == "postgres")
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(line+" ", st.want):
			return nil
		case st.more == "" || !strings.HasPrefix(line, st.more):
			return fmt.Errorf("%s answers %q", protocol, clip(clean(line), 80))
		}
	}
	return errors.New(protocol + " answers without end")
}

// readLine reads a line, or a letter, byte by byte.
func readLine(r io.Reader, letter bool) (string, error) {
	var line []byte
	one := make([]byte, 1)
	for len(line) < 1024 {
		if _, err := io.ReadFull(r, one); err != nil {
			return "", err
		}
		if one[0] == '\n' {
			return strings.TrimSuffix(string(line), "\r"), nil
		}
		if line = append(line, one[0]); letter {
			return string(line), nil
		}
	}
	return "", errors.New("a line without end")
}
