package scenarios

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// login is what amsbot shows to be let in: keys, never a password.
type login struct {
	user   string
	method ssh.AuthMethod
	public []ssh.PublicKey // of the key files
	ends   func()
}

// login reads the keys. They are read for every try, since they change while
// scenarios stay pinned, and made known to the maskers.
func (a access) login(ctx context.Context, w *world) (*login, error) {
	var own []ssh.Signer
	l := &login{user: a.user, ends: func() {}}
	if a.key != "" {
		signer, err := a.signer(w)
		if err != nil {
			return nil, err
		}
		own, l.public = []ssh.Signer{signer}, []ssh.PublicKey{signer.PublicKey()}
	}
	// ssh asks one method of a kind once: all keys have to come from one.
	signers := func() ([]ssh.Signer, error) { return own, nil }
	if a.agent {
		path := os.Getenv("SSH_AUTH_SOCK")
		if path == "" {
			return nil, errors.New("agent: true, and amsbot's environment has no SSH_AUTH_SOCK")
		}
		conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
		if err != nil {
			return nil, errors.New("the SSH agent cannot be asked: " + inner(err))
		}
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		l.ends = func() {
			stop()
			_ = conn.Close()
		}
		signers = func() ([]ssh.Signer, error) {
			more, err := agent.NewClient(conn).Signers()
			return append(own, more...), err
		}
	}
	l.method = ssh.PublicKeysCallback(signers)
	return l, nil
}

// signer reads the private key. No error repeats any of it.
func (a access) signer(w *world) (ssh.Signer, error) {
	key, err := w.reference(a.key)
	if err != nil {
		return nil, fmt.Errorf("the SSH key: %w", err)
	}
	var missing *ssh.PassphraseMissingError
	signer, err := ssh.ParsePrivateKey([]byte(key))
	switch {
	case err == nil:
		return signer, nil
	case errors.As(err, &missing) && a.passphrase == "":
		return nil, fmt.Errorf("the SSH key %s is encrypted; say passphrase: env:NAME beside it", a.key)
	case !errors.As(err, &missing):
		return nil, fmt.Errorf("the SSH key %s is no private key that can be read", a.key)
	}
	passphrase, err := w.reference(a.passphrase)
	if err != nil {
		return nil, fmt.Errorf("the passphrase of the SSH key: %w", err)
	}
	signer, err = ssh.ParsePrivateKeyWithPassphrase([]byte(key), []byte(passphrase))
	switch {
	case errors.Is(err, x509.IncorrectPasswordError):
		return nil, fmt.Errorf("the passphrase %s does not open the SSH key %s", a.passphrase, a.key)
	case err != nil:
		return nil, fmt.Errorf("the SSH key %s cannot be read with its passphrase", a.key)
	}
	return signer, nil
}

// denied is what to do where none of the keys was taken.
func (l *login) denied(name string) *trouble {
	bad := &trouble{why: fmt.Sprintf("%s takes none of amsbot's keys for %s: add its public key to the authorized_keys of %s there", name, l.user, l.user)}
	for _, key := range l.public {
		bad.note += "amsbot's public key is\n" + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) + "\n"
	}
	return bad
}
