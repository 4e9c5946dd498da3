package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// deepFile is a file whose tree has several levels of branch pages, and free pages
// that were branch pages once.
func deepFile(t *testing.T) []byte {
	t.Helper()
	db := newDB(t)
	var all sync.WaitGroup
	for n := range 400 {
		all.Go(func() { db.commit(fmt.Sprintf("pd:acme:%s%03d", strings.Repeat("x", 150), n), change("received")) })
	}
	all.Wait()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// branches are the branch pages of a sound file's trees, level by level, and those
// that are free.
func branches(t *testing.T, sound []byte) (levels [][]uint64, free []uint64) {
	t.Helper()
	f := bytes.NewReader(sound)
	meta, err := newest(f)
	if err != nil || meta == nil || ring(f, 0) != nil {
		t.Fatal(err, ring(f, 0))
	}
	w := &walk{file: f, size: int(number32(meta, metaPageSize)), end: number64(meta, metaPages)}
	w.met, w.free = make(pageSet, w.end/64+1), make(pageSet, w.end/64+1)
	w.readFree(number64(meta, metaFree))
	for _, root := range w.roots(number64(meta, metaRoot)) {
		for level := []uint64{root}; len(level) > 0; {
			levels = append(levels, level)
			if level, err = w.next(level); err != nil {
				t.Fatal(err)
			}
		}
	}
	for id := range w.end {
		if w.free.has(id) && w.kind(id) == branchKind {
			free = append(free, id)
		}
	}
	if len(levels) < 2 || len(free) == 0 {
		t.Fatalf("%d levels, %d free branch pages: the file is too small", len(levels), len(free))
	}
	return levels, free
}

// leads is where the entry lies by which a page leads to its nth child.
func leads(page uint64, n int) int {
	return int(page)*os.Getpagesize() + pageHeader + n*entrySize + entryPage
}

func children(b []byte, page uint64) int {
	return int(binary.NativeEndian.Uint16(b[int(page)*os.Getpagesize()+pageCount:]))
}

// Whichever page leads back to one above it, to itself or to one that was a branch
// page once: that is an error, and nobody follows it.
func TestPagesThatLeadInARing(t *testing.T) {
	sound := deepFile(t)
	levels, free := branches(t, sound)
	path := filepath.Join(t.TempDir(), "damaged.db")
	bad, tried := bytes.Clone(sound), 0
	for depth, level := range levels {
		for at, page := range level {
			for n := range children(sound, page) {
				to := map[string]uint64{"itself": page, "the root": levels[0][0], "its neighbour": level[(at+1)%len(level)], "a free page": free[n%len(free)]}
				for name, child := range to {
					binary.NativeEndian.PutUint64(bad[leads(page, n):], child)
					what := fmt.Sprintf("level %d, page %d, child %d: %s", depth, page, n, name)
					if err := ring(bytes.NewReader(bad), 0); !errors.Is(err, ErrDamaged) {
						t.Fatalf("%s: %v", what, err)
					}
					if tried++; tried%97 == 1 {
						mustRefuse(t, what, path, bad)
					}
				}
				copy(bad[leads(page, n):], sound[leads(page, n):][:8])
			}
		}
	}
	t.Logf("%d pages led elsewhere", tried)
}

// mustRefuse opens a damaged file in every way.
func mustRefuse(t *testing.T, what, path string, bad []byte) {
	t.Helper()
	if err := os.WriteFile(path, bad, 0o600); err != nil {
		t.Fatal(err)
	}
	_, unclean := Unclean(path, 0)
	_, writing := Open(path, Options{})
	_, reading := Open(path, Options{ReadOnly: true})
	for _, err := range []error{unclean, writing, reading} {
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if free, err := hold(path); err != nil {
		t.Errorf("%s: its lock was left behind: %v", what, err)
	} else {
		letGo(free)
	}
}

// Any other flipped bit in where a branch page leads to is found by whoever reads
// there.
func TestFlippedWays(t *testing.T) {
	sound := deepFile(t)
	levels, _ := branches(t, sound)
	path, f := spoilable(t, sound)
	random := rand.New(rand.NewPCG(5, 6))
	refused, found := 0, 0
	for range 150 {
		level := levels[random.IntN(len(levels))]
		page := level[random.IntN(len(level))]
		at := leads(page, random.IntN(children(sound, page))) + random.IntN(2) // low bits lead to pages that there are
		flip(t, f, sound, at, 1<<random.IntN(8))
		switch err := checked(path); {
		case err == nil:
			t.Errorf("page %d, byte %d: nobody has seen it", page, at)
		case !errors.Is(err, ErrDamaged):
			t.Errorf("page %d, byte %d: %v", page, at, err)
		case strings.HasPrefix(err.Error(), "store: open"):
			refused++
		default:
			found++
		}
		flip(t, f, sound, at, 0)
	}
	if refused == 0 || found == 0 {
		t.Error("the test flips the wrong bits")
	}
	t.Logf("refused %d files, found damage in %d", refused, found)
}

func checked(path string) error {
	db, err := Open(path, Options{ReadOnly: true})
	if err != nil {
		return err
	}
	return errors.Join(db.Check(context.Background()), db.Close())
}

// Looking for rings reads branch pages, and hardly anything else.
func TestLeavesAreNotRead(t *testing.T) {
	sound := deepFile(t)
	levels, _ := branches(t, sound)
	pages := 0
	for _, level := range levels {
		pages += len(level)
	}
	f := &counted{ReaderAt: bytes.NewReader(sound)}
	if err := ring(f, 0); err != nil {
		t.Fatal(err)
	}
	if most := 3*pages + 40; f.reads > most {
		t.Errorf("%d reads for %d branch pages", f.reads, pages)
	}
}

// A file that was closed in order is only glanced at, and where it was not, all of it
// is looked through: what a glance has missed is found after the process has died of it.
func TestRingBelowAGlance(t *testing.T) {
	bad := deepFile(t)
	levels, _ := branches(t, bad)
	f := &counted{ReaderAt: bytes.NewReader(bad)}
	if err := ring(f, 1); err != nil {
		t.Fatal(err)
	}
	glanced := f.reads
	if err := ring(f, 0); err != nil || f.reads-glanced < glanced {
		t.Errorf("%d reads at a glance, %d in all: %v", glanced, f.reads-glanced, err)
	}
	var deepest []uint64 // of the deepest tree
	for i, level := range levels {
		if len(level) > 1 && (i+1 == len(levels) || len(levels[i+1]) == 1) {
			deepest = level
		}
	}
	last := deepest[len(deepest)-1]
	binary.NativeEndian.PutUint64(bad[leads(last, 0):], last)
	path := filepath.Join(t.TempDir(), "damaged.db")
	if err := os.WriteFile(path, bad, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := Open(path, Options{glance: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.closeBolt(); err != nil { // as the process ends that is killed
		t.Fatal(err)
	}
	if _, err := Open(path, Options{glance: 1}); !errors.Is(err, ErrDamaged) {
		t.Errorf("after it was not closed in order: %v", err)
	}
}

// Whether a file was closed in order is read from it: on the way there nothing leads
// in a ring, however far down.
func TestRingOnTheWay(t *testing.T) {
	sound := deepFile(t)
	key := metaTable.key(keyClean)
	w, meta, err := walkOf(bytes.NewReader(sound))
	if err != nil {
		t.Fatal(err)
	}
	var way []uint64
	for at, ok := w.roots(number64(meta, metaRoot))[0], true; ok; {
		way = append(way, at)
		at, ok = w.towards(at, key)
	}
	if len(way) < 3 || ringTo(bytes.NewReader(sound), key) != nil {
		t.Fatal("the file is too small", way)
	}
	for i, page := range way[:len(way)-1] {
		bad := bytes.Clone(sound)
		for n := range children(sound, page) {
			if number64(bad, leads(page, n)) == way[i+1] {
				binary.NativeEndian.PutUint64(bad[leads(page, n):], way[0])
			}
		}
		if err := ringTo(bytes.NewReader(bad), key); !errors.Is(err, ErrDamaged) {
			t.Errorf("level %d: %v", i, err)
		}
	}
}

type counted struct {
	io.ReaderAt
	mu    sync.Mutex
	reads int
}

func (c *counted) ReadAt(b []byte, at int64) (int, error) {
	c.mu.Lock()
	c.reads++
	c.mu.Unlock()
	return c.ReaderAt.ReadAt(b, at)
}
