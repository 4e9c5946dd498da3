package floor

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Form is how bodies are made durable.
type Form string

// The forms.
const (
	Update Form = "update" // a bbolt transaction for each: the quickest for one alone
	Batch  Form = "batch"  // bbolt's Batch as it comes, which waits up to 10 ms for others to share a transaction with
	Write  Form = "write"  // appended to a plain file, with one write and one fsync for each
)

// Forms are all of them.
var Forms = []Form{Update, Batch, Write}

// Open opens a file of a form, and makes it if nothing is there. The caller closes
// it.
func Open(form Form, path string) (Keeper, error) {
	switch form {
	case Write:
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		return &plain{file: f}, err
	case Update, Batch:
		return openTree(form, path)
	}
	return nil, fmt.Errorf("there is no form %q of commit; %q, %q and %q are the forms", form, Update, Batch, Write)
}

// plain is a file that grows.
type plain struct {
	mu   sync.Mutex
	file *os.File
}

func (p *plain) Keep(_, body []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := p.file.Write(body); err != nil {
		return err
	}
	return p.file.Sync()
}

func (p *plain) Close() error { return p.file.Close() }

// tree is a bbolt file.
type tree struct {
	db     *bolt.DB
	commit func(func(*bolt.Tx) error) error
}

var bucket = []byte("webhooks")

func openTree(form Form, path string) (*tree, error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(bucket)
		return err
	})
	if err != nil {
		db.Close()
		return nil, err
	}
	t := &tree{db: db, commit: db.Update}
	if form == Batch {
		t.commit = db.Batch
	}
	return t, nil
}

func (t *tree) Keep(key, body []byte) error {
	return t.commit(func(tx *bolt.Tx) error { return tx.Bucket(bucket).Put(key, body) })
}

func (t *tree) Close() error { return t.db.Close() }

// Disk are the medians of what the disk under a folder takes: for one write of
// 4 KiB with its fsync, and for one bbolt Update of 2 KiB.
type Disk struct{ Sync, Update time.Duration }

// Probe measures the disk under dir, each n times.
func Probe(dir string, n int) (Disk, error) {
	sync, err := median(Write, dir, make([]byte, 4096), n)
	if err != nil {
		return Disk{}, fmt.Errorf("floor: probe %s: %w", dir, err)
	}
	update, err := median(Update, dir, make([]byte, 2048), n)
	if err != nil {
		return Disk{}, fmt.Errorf("floor: probe %s: %w", dir, err)
	}
	return Disk{Sync: sync, Update: update}, nil
}

func median(form Form, dir string, body []byte, n int) (time.Duration, error) {
	temp, err := os.MkdirTemp(dir, "probe-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(temp) }()
	k, err := Open(form, temp+"/file")
	if err != nil {
		return 0, err
	}
	defer func() { _ = k.Close() }()
	took := make([]time.Duration, 0, n)
	for i := range max(n, 1) {
		one, err := timed(k, i, body)
		if err != nil {
			return 0, err
		}
		took = append(took, one)
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// Timed is how long it takes to keep 2 KiB, the i-th of them, as Probe does many
// times without a rest.
func Timed(k Keeper, i int) (time.Duration, error) { return timed(k, i, make([]byte, 2048)) }

func timed(k Keeper, i int, body []byte) (time.Duration, error) {
	start := time.Now()
	err := k.Keep(fmt.Appendf(nil, "%08d", i), body)
	return time.Since(start), err
}
