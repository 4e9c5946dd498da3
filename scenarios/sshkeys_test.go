package scenarios

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// newLogin makes a key and the file of its private half.
func newLogin(t *testing.T) (ssh.Signer, []byte) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer, pem.EncodeToMemory(block)
}

// TestRealSSHKeys reads keys as ssh-keygen writes them, plain and encrypted.
func TestRealSSHKeys(t *testing.T) {
	keygen := installed(t, "/usr/bin/ssh-keygen", "openssh-client")
	m := newMachine(t)
	m.write("passphrase", []byte("open sesame\n"))
	m.write("wrong", []byte("open barley\n"))
	for _, kind := range []string{"ed25519", "ecdsa", "rsa", "rsa -m PEM"} {
		for _, passphrase := range []string{"", "open sesame"} {
			path := filepath.Join(t.TempDir(), "id")
			args := append([]string{"-q", "-a", "1", "-N", passphrase, "-f", path, "-t"}, strings.Fields(kind)...)
			if out, err := exec.Command(keygen, args...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			public, err := os.ReadFile(path + ".pub")
			if err != nil {
				t.Fatal(err)
			}
			key, _, _, _, err := ssh.ParseAuthorizedKey(public)
			if err != nil {
				t.Fatal(err)
			}
			m.authorize(key)
			cases := map[string]string{"": "", ", passphrase: file:DIR/passphrase": ""}
			if passphrase != "" {
				cases = map[string]string{"": "is encrypted; say passphrase: env:NAME beside it", ", passphrase: file:DIR/passphrase": "",
					", passphrase: file:DIR/wrong":          "the passphrase file:DIR/wrong does not open the SSH key file:",
					", passphrase: env:AMSBOT_TEST_NOWHERE": "the passphrase of the SSH key: the environment has no AMSBOT_TEST_NOWHERE"}
			}
			for more, want := range cases {
				step := strings.ReplaceAll("    ssh: {host: web-1, user: amsbot, known_hosts: DIR/known_hosts, command: [say, open sesame], key: file:"+path+more+"}\n", "DIR", m.dir)
				o := m.do(step, "", Facts{})
				want = strings.ReplaceAll(want, "DIR", m.dir)
				if want == "" && o.Verdict != OK || want != "" && (o.Verdict != Unknown || !strings.Contains(o.Why, want)) {
					t.Errorf("%s %s: %s, %q, want %q", kind, more, o.Verdict, o.Why, want)
				}
				if passphrase != "" && o.Verdict == OK && o.Line != "'[redacted]'" || strings.Contains(o.Why, "sesame") {
					t.Errorf("%s %s: %q, %q", kind, more, o.Line, o.Why)
				}
			}
		}
	}
}
