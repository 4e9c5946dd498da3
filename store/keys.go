package store

import (
	"encoding/binary"
	"time"
	"unicode"
	"unicode/utf8"
)

// table is a kind of entry in the file's one tree: its name begins the keys.
//
// There is one tree, and not one for each table, because a tree's root is a
// page number that bbolt does not protect: pointed at an older copy of itself,
// a table would say what was true yesterday, each value with a sound checksum.
// The one root is checked against the transaction's number at every beginning.
type table string

const (
	metaTable    table = "meta"   // epoch, pos, transaction, seal, sizes
	recordTable  table = "record" // incident -> Record
	eventTable   table = "event"  // incident 0 seq -> Event
	firstTable   table = "first"  // time of the first event, incident -> nothing
	openTable    table = "open"   // the same, of those that are open
	nameTable    table = "name"   // name -> incident
	dueTable     table = "due"    // time, incident -> nothing
	guardTable   table = "guard"  // key -> JSON
	seenTable    table = "seen"   // key -> time
	seenAtTable  table = "seenat" // time, key -> nothing
	actTable     table = "act"    // pos -> act: pending, in file order
	actOfTable   table = "actof"  // incident 0 seq -> pos
	viewTable    table = "view"   // key -> view
	viewDueTable table = "wanted" // since, key -> nothing: views to be redrawn
	blobTable    table = "blob"   // hash -> bytes
	refTable     table = "ref"    // hash incident 0 seq -> nothing: which events are about a blob
)

// key is where an entry of the table lies in the tree.
func (t table) key(key []byte) []byte {
	b := make([]byte, 0, len(t)+1+len(key))
	b = append(b, t...)
	b = append(b, '/')
	return append(b, key...)
}

// end lies behind all keys of the table.
func (t table) end() []byte { return append([]byte(t), '/'+1) }

// The buckets of the file: the schema stands apart, so that another amsbot can
// read it whatever the tree has become.
var (
	treeBucket   = []byte("amsbot")
	schemaBucket = []byte("schema")
)

var (
	keySchema = []byte("schema")
	keyEpoch  = []byte("epoch")
	keyPos    = []byte("pos")
	keyTx     = []byte("tx")
	keySum    = []byte("seal")  // of all records, where there is a history key
	keyClean  = []byte("clean") // there is one while nobody has the file open and it was closed in order
	keyRefs   = []byte("refs")  // there is one where refTable is complete
	keyAt     = []byte("at")    // the latest time of any event
)

// Limits. They bound what one change can add to a transaction; package bot
// caps texts long before.
const (
	MaxBlob    = 1 << 20 // bytes of one blob
	MaxData    = 1 << 20 // bytes of one event's data, as JSON
	MaxValue   = 1 << 18 // bytes of one guard or summary, as JSON
	MaxKey     = 512     // bytes of an incident's, guard's, view's or dedupe key
	maxEvents  = 1000    // events of one change
	maxBatch   = 512     // changes of one transaction
	growBy     = 1 << 20 // bytes by which the file grows
	initialMap = 1 << 26 // bytes of address space for a file, at least
	wideMap    = 1 << 30 // the same, where there is enough of it
)

// timeSize is the length of a time inside a key.
const timeSize = 12

// number is a counter as key or value: big endian, so that keys sort.
func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func parseNumber(b []byte) (uint64, bool) {
	if len(b) != 8 {
		return 0, false
	}
	return binary.BigEndian.Uint64(b), true
}

// appendTime appends a time that sorts, over the whole range of time.Time.
func appendTime(b []byte, t time.Time) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(t.Unix())^(1<<63))
	return binary.BigEndian.AppendUint32(b, uint32(t.Nanosecond()))
}

func parseTime(b []byte) (time.Time, bool) {
	if len(b) < timeSize {
		return time.Time{}, false
	}
	sec := int64(binary.BigEndian.Uint64(b) ^ (1 << 63))
	nsec := binary.BigEndian.Uint32(b[8:])
	if nsec >= 1e9 {
		return time.Time{}, false
	}
	return time.Unix(sec, int64(nsec)).UTC(), true
}

func timeKey(t time.Time, key string) []byte { return append(appendTime(nil, t), key...) }

func numberKey(n uint64, key string) []byte { return append(number(n), key...) }

// streamPrefix begins the keys of one stream. Keys hold no NUL, so no stream's
// prefix is the beginning of another's.
func streamPrefix(incident string) []byte { return append([]byte(incident), 0) }

func streamKey(incident string, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(streamPrefix(incident), seq)
}

// checkKey refuses keys that would not come back as they went in.
func checkKey(what, key string) error {
	switch {
	case key == "":
		return refused("%s is empty", what)
	case len(key) > MaxKey:
		return refused("%s has %d bytes, at most %d", what, len(key), MaxKey)
	case !utf8.ValidString(key):
		return refused("%s %q is not UTF-8", what, key)
	}
	for _, r := range key {
		if unicode.IsControl(r) {
			return refused("%s %q has a control character", what, key)
		}
	}
	return nil
}
