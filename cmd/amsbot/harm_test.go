package main

import (
	"bytes"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// spoils FILE OLD NEW writes other bytes wherever a file has these.
func spoils(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	changed := bytes.ReplaceAll(data, []byte(args[1]), []byte(args[2]))
	if len(args[1]) != len(args[2]) || bytes.Equal(changed, data) {
		ts.Fatalf("%s is not spoiled by %s", args[0], args[2])
	}
	ts.Check(os.WriteFile(path, changed, 0o600))
}

// cuts FILE BYTES leaves the beginning of a file.
func cuts(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), size))
}

// spoilsPage FILE N… writes rubbish over pages of a file.
func spoilsPage(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_RDWR, 0)
	ts.Check(err)
	defer f.Close()
	rubbish := bytes.Repeat([]byte("rubbish "), os.Getpagesize()/8)
	for _, page := range args[1:] {
		n, err := strconv.ParseInt(page, 10, 64)
		ts.Check(err)
		_, err = f.WriteAt(rubbish, n*int64(len(rubbish)))
		ts.Check(err)
	}
}
