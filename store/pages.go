package store

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"os"
	"runtime"
	"strconv"
)

// Where things lie in bolt's meta pages, behind the page's header.
const (
	metaAt       = pageHeader
	metaMagic    = 0xED0CDAED
	metaPageSize = 8
	metaRoot     = 16
	metaFree     = 32
	metaPages    = 40
	metaTx       = 48
	metaSum      = 56
	metaEnd      = 64
)

// newest is the meta page that bolt goes by: the younger one of those that are
// whole; nil when neither is.
func newest(f io.ReaderAt) ([]byte, error) {
	var meta []byte
	for _, at := range []int64{0, int64(os.Getpagesize())} {
		m := make([]byte, metaEnd)
		if _, err := f.ReadAt(m, at+metaAt); err != nil && err != io.EOF {
			return nil, cause(err)
		}
		sum := fnv.New64a()
		_, _ = sum.Write(m[:metaSum])
		if number32(m, 0) != metaMagic || number64(m, metaSum) != sum.Sum64() {
			continue
		}
		if meta == nil || number64(m, metaTx) >= number64(meta, metaTx) {
			meta = m
		}
	}
	return meta, nil
}

func number32(b []byte, at int) uint32 { return binary.NativeEndian.Uint32(b[at:]) }

func number64(b []byte, at int) uint64 { return binary.NativeEndian.Uint64(b[at:]) }

// cutOff is an error for a file that ends before the last of its pages. Bolt
// would find out by reading beyond its end, and that can end the process.
func cutOff(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return cause(err)
	}
	defer func() { _ = f.Close() }()
	meta, err := newest(f)
	if err != nil || meta == nil {
		return err // bolt says what is wrong with it
	}
	need := number64(meta, metaPages) * uint64(number32(meta, metaPageSize))
	info, err := f.Stat()
	if err == nil && uint64(info.Size()) < need {
		err = damaged("cut off at %d of %d bytes", info.Size(), need)
	}
	return err
}

// mapFor is how much address space a file is given: four times what it needs now.
// When it has outgrown that, bolt waits until all readers are done, a backup to a
// disk that hangs too, and everybody who comes then waits behind it. It is no
// memory; where it is limited, or makes the file that large, there is less.
func mapFor(size int64, readOnly bool) int {
	if readOnly || strconv.IntSize < 64 || runtime.GOOS == "windows" || limited() {
		return initialMap
	}
	return int(max(wideMap, 4*size))
}
