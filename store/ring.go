package store

import (
	"bytes"
	"encoding/binary"
	"io"
	"sync"
)

// Where things lie in bolt's pages: a header, and entries behind it.
const (
	pageHeader = 16 // number, kind, count, and how many pages it goes on for
	pageKind   = 8
	pageCount  = 10

	branchKind = 0x01
	leafKind   = 0x02
	freeKind   = 0x10

	entrySize  = 16
	branchKey  = 4 // of a branch: how long its key is, whose place stands before
	entryPage  = 8 // of a branch: the page below
	entryPlace = 4 // of a leaf: where its key lies, from the entry on
	entryKey   = 8 // how long that is; the value follows
	bucketFlag = 0x01
)

// readAhead is how many pages are asked for at once: a disk that is far away
// answers them as soon as one.
const readAhead = 16

// ring is an error for a file in which a branch page leads back to itself: one
// flipped bit makes such a page. Bolt would follow it until its stack is full,
// and that ends the process. The file must be locked; leaf pages, of which there
// are a hundred times as many, are not read. Of each tree the upper levels are, as
// many as have most pages together; 0 means all.
func ring(f io.ReaderAt, most int) error {
	w, meta, err := walkOf(f)
	if err != nil || w == nil {
		return err
	}
	w.met, w.free = make(pageSet, w.end/64+1), make(pageSet, w.end/64+1)
	w.readFree(number64(meta, metaFree))
	buckets := number64(meta, metaRoot)
	for _, root := range append(w.roots(buckets), buckets) {
		if err := w.tree(root, most); err != nil {
			return err
		}
	}
	return nil
}

// ringTo is an error for a file in which the way to a key does not end.
func ringTo(f io.ReaderAt, key []byte) error {
	w, meta, err := walkOf(f)
	if err != nil || w == nil {
		return err
	}
	for _, root := range w.roots(number64(meta, metaRoot)) {
		at := root
		for depth := 0; ; depth++ {
			below, ok := w.towards(at, key)
			if !ok {
				break
			}
			if depth == deepest {
				return damaged("page %d leads back to a page above it", at)
			}
			at = below
		}
	}
	return nil
}

// deepest is more levels than any tree has: the pages of each lead to dozens.
const deepest = 64

// walkOf is nil where bolt has to say what is wrong with the file.
func walkOf(f io.ReaderAt) (w *walk, meta []byte, err error) {
	if meta, err = newest(f); err != nil || meta == nil {
		return nil, nil, err
	}
	return &walk{file: f, size: int(number32(meta, metaPageSize)), end: number64(meta, metaPages)}, meta, nil
}

// towards is the page below a branch page in which a key would be, as bolt finds it;
// not ok where it is no branch page.
func (w *walk) towards(id uint64, key []byte) (below uint64, ok bool) {
	end := len(w.read(id, branchKind, entrySize))
	page := w.bytes(id, w.size)
	for at := pageHeader; at+entrySize <= min(end, len(page)); at += entrySize {
		from := uint64(at) + uint64(number32(page, at))
		to := from + uint64(number32(page, at+branchKey))
		if ok && (to > uint64(len(page)) || bytes.Compare(page[from:to], key) > 0) {
			break
		}
		below, ok = number64(page, at+entryPage), true
	}
	return below, ok
}

// walk reads branch pages past bolt. What cannot be read, or is no page, it leaves
// to bolt, which has a message for that.
type walk struct {
	file io.ReaderAt
	size int     // of a page
	end  uint64  // no page has this number or a higher one
	met  pageSet // branch pages that something leads to
	free pageSet // pages that are not in use, and yet what they were may stand there

	page  []byte   // read's
	below []uint64 // children's
}

// tree walks a tree from its root down, one level after the other.
func (w *walk) tree(root uint64, most int) (err error) {
	w.met.add(root)
	read := 1
	for level := []uint64{root}; len(level) > 0 && err == nil && (most == 0 || read <= most); read += len(level) {
		level, err = w.next(level)
	}
	return err
}

// next is the level below, if it is one of branch pages.
func (w *walk) next(level []uint64) (next []uint64, err error) {
	w.fetch(level)
	deep := w.deep(level)
	for _, id := range level {
		for _, child := range w.children(id) {
			switch unused := child >= w.end || w.free.has(child); {
			case w.met.has(child):
				return nil, damaged("page %d leads back to page %d", id, child)
			case unused && w.kind(child) == branchKind:
				return nil, damaged("page %d leads to page %d, which is not in use", id, child)
			case deep && child < w.end:
				w.met.add(child)
				next = append(next, child)
			}
		}
	}
	return next, nil
}

// deep says whether there are branch pages below a level. All of its pages are of
// the same depth: the children at both ends say it for all, and one of them alone
// may be wrong.
func (w *walk) deep(level []uint64) bool {
	for _, id := range []uint64{level[0], level[len(level)-1]} {
		children := w.children(id)
		if n := len(children); n > 0 && (w.kind(children[0]) == branchKind || w.kind(children[n-1]) == branchKind) {
			return true
		}
	}
	return false
}

// fetch has the system read pages before they are asked for one by one.
func (w *walk) fetch(ids []uint64) {
	if len(ids) < readAhead {
		return
	}
	var readers sync.WaitGroup
	for first := range readAhead {
		readers.Go(func() {
			var b [1]byte
			for n := first; n < len(ids); n += readAhead {
				_, _ = w.file.ReadAt(b[:], int64(ids[n])*int64(w.size))
			}
		})
	}
	readers.Wait()
}

// children are the pages to which a branch page leads, until the next call.
func (w *walk) children(id uint64) []uint64 {
	page := w.read(id, branchKind, entrySize)
	w.below = w.below[:0]
	for at := pageHeader; at+entrySize <= len(page); at += entrySize {
		w.below = append(w.below, number64(page, at+entryPage))
	}
	return w.below
}

// roots are those of the trees that a leaf page names, as that of the file's
// buckets does.
func (w *walk) roots(id uint64) (roots []uint64) {
	end := len(w.read(id, leafKind, entrySize))
	page := w.bytes(id, w.size)
	for at := pageHeader; at+entrySize <= min(end, len(page)); at += entrySize {
		value := uint64(at) + uint64(number32(page, at+entryPlace)) + uint64(number32(page, at+entryKey))
		if number32(page, at)&bucketFlag == 0 || value+8 > uint64(len(page)) {
			continue
		}
		if root := number64(page, int(value)); root != 0 { // it is not in the page itself
			roots = append(roots, root)
		}
	}
	return roots
}

// readFree reads which pages are not in use. A count that does not fit the header
// stands behind it.
func (w *walk) readFree(id uint64) {
	page := w.read(id, freeKind, 8)
	if len(page) == pageHeader+8*0xFFFF {
		n := min(number64(page, pageHeader), w.end)
		page = w.bytes(id, pageHeader+8+8*int(n))
		page = page[min(8, len(page)):]
	}
	for at := pageHeader; at+8 <= len(page); at += 8 {
		w.free.add(number64(page, at))
	}
}

func (w *walk) kind(id uint64) uint16 {
	header := w.bytes(id, pageHeader)
	if len(header) < pageHeader || number64(header, 0) != id {
		return 0
	}
	return binary.NativeEndian.Uint16(header[pageKind:])
}

// read is a page's header and entries, until the next call; nothing where it is no
// such page.
func (w *walk) read(id uint64, kind uint16, entry int) []byte {
	page := w.bytes(id, w.size)
	if len(page) < pageHeader || number64(page, 0) != id || binary.NativeEndian.Uint16(page[pageKind:]) != kind {
		return nil
	}
	n := pageHeader + entry*int(binary.NativeEndian.Uint16(page[pageCount:]))
	if n > len(page) { // it goes on for more than one
		page = w.bytes(id, n)
	}
	return page[:min(n, len(page))]
}

// bytes are the first ones of a page, and of those that it goes on for.
func (w *walk) bytes(id uint64, n int) []byte {
	if cap(w.page) < n {
		w.page = make([]byte, max(n, w.size))
	}
	w.page = w.page[:n]
	n, _ = w.file.ReadAt(w.page, int64(id)*int64(w.size))
	return w.page[:max(n, 0)]
}

// pageSet is a set of page numbers.
type pageSet []uint64

func (s pageSet) has(id uint64) bool { return id/64 < uint64(len(s)) && s[id/64]&(1<<(id%64)) != 0 }

func (s pageSet) add(id uint64) {
	if id/64 < uint64(len(s)) {
		s[id/64] |= 1 << (id % 64)
	}
}
