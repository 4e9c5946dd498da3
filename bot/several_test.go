package bot

import (
	"fmt"
	"strings"
	"testing"

	"amsbot/bot/words"
)

func TestSeveral(t *testing.T) {
	for _, c := range []struct{ text, list, rest string }{
		{"12 14 15", "12 14 15", ""},
		{"12-20", "12-20", ""},
		{"#12, #14–#20", "#12 #14–#20", ""},
		{"12,14、15，16", "12 14 15 16", ""},
		{"12 - 20 22", "12-20 22", ""},
		{"12 14 nobody answers", "12 14", "nobody answers"},
		{"12-20: down", "", "12-20: down"}, // no number, and no incident
		{"12", "", "12"},
		{"#12", "", "#12"},
		{"12,", "", "12,"},
		{"12 because of 14", "", "12 because of 14"},
		{"12 14th floor", "", "12 14th floor"},
		{"12 -x", "", "12 -x"},
		{"last 12", "", "last 12"},
		{"shop-web", "", "shop-web"},
		{"", "", ""},
		{"0 00", "0 00", ""},
		{"-5 -6", "", "-5 -6"},
		{"1234567890 1", "", "1234567890 1"},
		{"1 1234567890", "", "1 1234567890"},
		{"1 2, +7", "1 2", "+7"}, // what an answer had no room for
		{"#3–#40, #42", "#3–#40 #42", ""},
	} {
		list, rest := Several(c.text)
		wants(t, fmt.Sprintf("%q: %q, %q", c.text, list, rest), fmt.Sprintf("%q: %q, %q", c.text, c.list, c.rest))
	}
}

func TestReadSeveral(t *testing.T) {
	w := words.In("en")
	most := "Those are too many for one command, which takes 5000 incidents at most, and 7000 characters. Say fewer, such as `/ams take 12-20`."
	for _, c := range []struct{ text, want string }{
		{"15 12 14", "[12 14 15]"},
		{"12 12 11-13 #12", "[11 12 13]"},
		{"7-7", "[7]"},
		{"0 007", "[0 7]"},
		{"20-12", "`20-12` runs backwards. Say `/ams take 12-20`."},
		{"12 1-999999999", most},
		{"1-5001", most},
		{"1-5000 1", most},
		{"0-999999999 0-999999999", most},
		{strings.Repeat("7 ", 4000), most},
		{strings.Repeat("12,    ", 1200) + "1234", most}, // as it was cut, it may be another number
	} {
		list, rest := Several(c.text)
		numbers, why := readSeveral(list, DoTake, w)
		if why == "" {
			why = fmt.Sprint(numbers)
		}
		if wants(t, why, c.want); rest != "" {
			t.Errorf("%q is left", rest)
		}
	}
	if all, why := readSeveral("1-5000", DoTake, w); len(all) != groupSetMost || why != "" {
		t.Errorf("%d: %s", len(all), why)
	}
}

// Whatever is typed, what is read is no more than a group card names, each number
// once, and every number stands in what was typed or in a span of it.
func FuzzSeveral(f *testing.F) {
	for _, s := range []string{"12 14", "12-20", "#1, #5–#9", "20-12", "1-999999999", "0 0", "12 14 x", "１ 2", "1–\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list, rest := Several(s)
		if list == "" {
			if rest != s {
				t.Errorf("%q: %q is left", s, rest)
			}
			return
		}
		numbers, why := readSeveral(list, DoTake, words.In("en"))
		if (len(numbers) == 0) == (why == "") || len(numbers) > groupSetMost {
			t.Errorf("%q: %d numbers, %q", s, len(numbers), why)
		}
		for i, n := range numbers {
			if i > 0 && n <= numbers[i-1] {
				t.Errorf("%q: %v", s, numbers)
			}
		}
	})
}
