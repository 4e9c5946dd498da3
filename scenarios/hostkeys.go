package scenarios

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// trouble is why there is no connection: in words, and what has to be shown
// whole.
type trouble struct{ why, note string }

func (t *trouble) Error() string { return t.why }

// hostKeys is what a known_hosts file says about one machine.
type hostKeys struct {
	file       string
	address    string // host:port as the file names it
	check      ssh.HostKeyCallback
	algorithms []string // those of the keys that the file has
	refused    *trouble // why the machine's key was not taken
}

// maxKnownHosts bounds what is read for every try.
const maxKnownHosts = 16 << 20

// readHostKeys reads the file anew: it changes while amsbot runs.
func readHostKeys(file, address string) (*hostKeys, error) {
	if info, err := os.Stat(file); err == nil && (!info.Mode().IsRegular() || info.Size() > maxKnownHosts) {
		return nil, &trouble{why: fmt.Sprintf("known_hosts %s is no file of at most %d MiB", file, maxKnownHosts>>20)}
	}
	check, err := knownhosts.New(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &trouble{why: "known_hosts " + file + " does not exist where amsbot runs: put the machines' keys there, as ssh-keyscan prints them and their owners confirm them"}
	case errors.Is(err, fs.ErrPermission):
		return nil, &trouble{why: "known_hosts " + file + " may not be read by amsbot"}
	case err != nil:
		return nil, &trouble{why: "known_hosts cannot be used: " + strings.TrimPrefix(err.Error(), "knownhosts: ")}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, &trouble{why: "known_hosts cannot be read: " + err.Error()}
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, &trouble{why: address + " is no address"}
	}
	k := &hostKeys{file: file, check: check, address: net.JoinHostPort(strings.ToLower(strings.TrimSuffix(host, ".")), port)}
	k.algorithms = k.wanted(strings.Split(string(data), "\n"))
	return k, nil
}

// wanted lists the algorithms of the keys that the file has for the machine, so
// that a machine with several keys shows one that is known. Where there is none
// any will do: it is only looked at.
func (k *hostKeys) wanted(lines []string) []string {
	var types []string
	authority := false
	for _, known := range k.known() {
		types = append(types, known.Key.Type())
		// It may have been written between the two looks at it.
		authority = authority || known.Line <= len(lines) && strings.HasPrefix(strings.TrimSpace(lines[known.Line-1]), "@cert-authority")
	}
	all := ssh.SupportedAlgorithms().HostKeys
	if len(types) == 0 {
		slices.Reverse(all) // the short keys first
		return slices.DeleteFunc(all, isCertificate)
	}
	return slices.DeleteFunc(all, func(algorithm string) bool {
		if isCertificate(algorithm) {
			return !authority
		}
		if strings.HasPrefix(algorithm, "rsa-sha2-") {
			algorithm = ssh.KeyAlgoRSA
		}
		return !slices.Contains(types, algorithm)
	})
}

func isCertificate(algorithm string) bool { return strings.Contains(algorithm, "-cert-v01@") }

// known asks the file about a key that nobody has, to learn which it wants.
func (k *hostKeys) known() []knownhosts.KnownKey {
	nobodys, err := ssh.NewPublicKey(ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)))
	if err != nil {
		return nil
	}
	var unknown *knownhosts.KeyError
	if errors.As(k.check(k.address, &net.TCPAddr{}, nobodys), &unknown) {
		return unknown.Want
	}
	return nil
}

// verify is the callback of a handshake. It never takes a key that the file
// does not have.
func (k *hostKeys) verify(_ string, _ net.Addr, key ssh.PublicKey) error {
	err := k.check(k.address, &net.TCPAddr{}, key)
	if err == nil {
		return nil
	}
	shown, name := ssh.FingerprintSHA256(key), knownhosts.Normalize(k.address)
	var unknown *knownhosts.KeyError
	var revoked *knownhosts.RevokedError
	switch {
	case errors.As(err, &revoked):
		k.refused = &trouble{why: fmt.Sprintf("host key revoked: %s:%d says so of %s; nothing was sent", k.file, revoked.Revoked.Line, shown)}
	case !errors.As(err, &unknown):
		k.refused = &trouble{why: "host certificate not accepted: " + strings.TrimPrefix(err.Error(), "ssh: ")}
	case len(unknown.Want) == 0:
		k.refused = &trouble{
			why:  fmt.Sprintf("host key not known: %s has no line for %s. Compare %s with the machine's own, then add the line that the output shows", k.file, name, shown),
			note: fmt.Sprintf("The line for %s, once %s is confirmed by whoever runs the machine:\n%s\n", k.file, shown, knownhosts.Line([]string{k.address}, key)),
		}
	default:
		k.refused = &trouble{why: fmt.Sprintf("host key changed: %s:%d has another key for %s than the %s that was shown. The machine was set up anew, or somebody stands in between: find out before you replace that line",
			k.file, unknown.Want[0].Line, name, shown)}
	}
	return k.refused
}
