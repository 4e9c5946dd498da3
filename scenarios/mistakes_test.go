package scenarios

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

var update = flag.Bool("update", false, "write what is printed into the golden files")

// TestMistakes loads one folder per file of testdata/mistakes. The file's name
// says the mistake, its last part is all that an author is told.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 40 {
		t.Fatalf("only %d mistakes", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			input, want, found := strings.Cut(string(data), "-- want --\n")
			if !found {
				t.Fatal("no part called want")
			}
			folder := folderOf(input)
			set, err := LoadFS(folder, Options{Secrets: noSecrets})
			var problems Problems
			if !errors.As(err, &problems) {
				t.Fatalf("loaded %v with error %v, want problems", set, err)
			}
			got := problems.Error() + "\n"
			if *update {
				if err := os.WriteFile(file, []byte(input+"-- want --\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

// folderOf makes a folder of a text in which "-- name --" begins each file.
func folderOf(text string) fs.FS {
	folder := fstest.MapFS{}
	name := ""
	for line := range strings.Lines(text) {
		if begin, ok := strings.CutPrefix(line, "-- "); ok {
			if begin, ok = strings.CutSuffix(begin, " --\n"); ok {
				name = begin
				folder[name] = &fstest.MapFile{}
				continue
			}
		}
		folder[name].Data = append(folder[name].Data, line...)
	}
	return folder
}

func noSecrets(ref string) (string, error) { return "", errors.New(ref + " is not set") }
