package admin

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// longPath is a database whose own directory leaves no room for a socket.
func longPath(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 20), strings.Repeat("path", 20))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "a.db")
}

// room is a directory with a short path, which the name of a test is not.
func room(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "ams")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func TestLongPathHasItsSocketInAPrivateDirectory(t *testing.T) {
	runtime := room(t)
	t.Setenv("XDG_RUNTIME_DIR", runtime)
	db := longPath(t)
	up(t, db, example())
	private := filepath.Join(runtime, "amsbot-"+strconv.Itoa(os.Getuid()))
	info, err := os.Lstat(private)
	if err != nil || info.Mode() != os.ModeDir|0o700 {
		t.Fatalf("%s: %v, %v", private, info, err)
	}
	sockets, err := os.ReadDir(private)
	if err != nil || len(sockets) != 1 || sockets[0].Type() != os.ModeSocket {
		t.Fatalf("in it: %v, %v", sockets, err)
	}
	if h, err := dial(t, db).Health(t.Context()); err != nil || !h.OK {
		t.Errorf("health: %+v, %v", h, err)
	}
	if _, err := Dial(longPath(t)); !errors.Is(err, ErrNoBot) {
		t.Errorf("another database with a long path: %v", err)
	}
}

func TestBotIsFoundFromAnotherEnvironment(t *testing.T) {
	t.Setenv("TMPDIR", room(t))
	t.Setenv("XDG_RUNTIME_DIR", "") // as a system service has it
	db := longPath(t)
	up(t, db, example())
	t.Setenv("XDG_RUNTIME_DIR", room(t)) // as a shell has it
	if h, err := dial(t, db).Health(t.Context()); err != nil || !h.OK {
		t.Errorf("health: %+v, %v", h, err)
	}
}

func TestPrivateDirectoryThatIsNotPrivate(t *testing.T) {
	own := "amsbot-" + strconv.Itoa(os.Getuid())
	for name, spoil := range map[string]func(dir string) error{
		"mode 0755": func(dir string) error { return os.Mkdir(dir, 0o755) },
		"mode 0770": func(dir string) error { return errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, 0o770)) },
		"a link":    func(dir string) error { return os.Symlink(t.TempDir(), dir) },
		"a file":    func(dir string) error { return os.WriteFile(dir, nil, 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			runtime := room(t)
			t.Setenv("XDG_RUNTIME_DIR", runtime)
			if err := spoil(filepath.Join(runtime, own)); err != nil {
				t.Fatal(err)
			}
			db := longPath(t)
			all, err := spots(db)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := all[0].listen(); !errors.Is(err, ErrUnsafe) {
				t.Errorf("listen: %v", err)
			}
			if _, err := Dial(db); !errors.Is(err, ErrUnsafe) {
				t.Errorf("Dial: %v", err)
			}
		})
	}
}

func TestPrivateDirectoryOfSomebodyElse(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give a directory to somebody else")
	}
	runtime := room(t)
	t.Setenv("XDG_RUNTIME_DIR", runtime)
	dir := filepath.Join(runtime, "amsbot-0")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.Chown(dir, 65532, 65532)); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(longPath(t)); !errors.Is(err, ErrUnsafe) {
		t.Errorf("Dial: %v", err)
	}
}

func TestOneDatabaseHasOneSocketHoweverItIsSpelled(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	up(t, filepath.Join(link, "a.db"), example())
	for _, spelled := range []string{"a.db", "./a.db", filepath.Join(dir, "x", "..", "a.db"), filepath.Join(link, "a.db")} {
		if _, err := Dial(spelled); err != nil {
			t.Errorf("%s: %v", spelled, err)
		}
	}
}

func TestNoRoomAtAll(t *testing.T) {
	long := "/" + strings.Repeat("x", 90)
	t.Setenv("XDG_RUNTIME_DIR", long)
	t.Setenv("TMPDIR", long)
	all, err := spots("/" + strings.Repeat("long/", 30) + "a.db")
	if err != nil || len(all) != 1 || filepath.Dir(filepath.Dir(all[0].path)) != "/tmp" {
		t.Errorf("spots: %v, %v", all, err)
	}
	for _, s := range all {
		if len(s.path) > maxPath {
			t.Errorf("%s has %d bytes", s.path, len(s.path))
		}
	}
}

func TestPathOfExactlyTheLimit(t *testing.T) {
	for extra, beside := range map[int]bool{0: true, 1: false} {
		db := "/" + strings.Repeat("d", maxPath-len("/.sock")+extra)
		all, err := spots(db)
		if err != nil || (all[0].private == "") != beside {
			t.Errorf("%d bytes: %v, %v", len(db)+5, all, err)
		}
	}
}
