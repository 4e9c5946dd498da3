package scenarios

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
)

func labelsOf(data map[string]any) string {
	return strings.Join(slices.Sorted(maps.Keys(data)), " ")
}

func TestPerfdata(t *testing.T) {
	one := func(value any, unit, warn, crit string, more ...float64) map[string]any {
		m := map[string]any{"unit": unit, "warn": warn, "crit": crit}
		if value != nil {
			m["value"] = value
		}
		for i, key := range []string{"min", "max"} {
			if len(more) > i {
				m[key] = more[i]
			}
		}
		return m
	}
	for _, c := range []struct {
		in   string
		want map[string]any
	}{
		{"", map[string]any{}},
		{" \n\t ", map[string]any{}},
		{"a=1", map[string]any{"a": one(1.0, "", "", "")}},
		{"/=2643MB;5948;5958;0;5968", map[string]any{"/": one(2643.0, "MB", "5948", "5958", 0, 5968)}},
		{"load1=0.010;100.000;200.000;0; load5=.15;;;0", map[string]any{"load1": one(0.01, "", "100.000", "200.000", 0), "load5": one(0.15, "", "", "", 0)}},
		{"rta=-1.5e-3s;~:5;@10:20", map[string]any{"rta": one(-0.0015, "s", "~:5", "@10:20")}},
		{"'a b'=1% 'c''d'=2c '='=3 'e=f g'=4", map[string]any{"a b": one(1.0, "%", "", ""), "c'd": one(2.0, "c", "", ""), "=": one(3.0, "", "", ""), "e=f g": one(4.0, "", "", "")}},
		{"a=U;1;2", map[string]any{"a": one(nil, "", "1", "2")}},
		{"a=1;;;x;y", map[string]any{"a": one(1.0, "", "", "")}},
		{"a=1 a=2", map[string]any{"a": one(1.0, "", "", "")}},
		{"time=0.5s;;;0.0\n'/var/log'=5\n", map[string]any{"time": one(0.5, "s", "", "", 0), "/var/log": one(5.0, "", "", "")}},
		{"temp=21.5°C", map[string]any{"temp": one(21.5, "°C", "", "")}},
		// What is none is left out, and what follows it is read.
		{"= =1 a= b c=x d=1,5 e=1.2.3 f=1:2 g=--1 h=0x10 z=1", map[string]any{"z": one(1.0, "", "", "")}},
		{"''=1 'open=1 z=1", map[string]any{"z": one(1.0, "", "", "")}},
		{"'a'b=1 o'x=2 z=1", map[string]any{"z": one(1.0, "", "", "")}},
		{"a=1e999 b=NaN c=Inf d=+2", map[string]any{"d": one(2.0, "", "", "")}},
		{"a=1" + strings.Repeat("k", maxUnit+1), map[string]any{}},
	} {
		if got := perfdata(c.in); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %v, want %v", c.in, got, c.want)
		}
	}
}

func TestPerfdataIsBounded(t *testing.T) {
	var b strings.Builder
	for i := range 2 * maxPerfdata {
		fmt.Fprintf(&b, "l%d=1 ", i)
	}
	if got := len(perfdata(b.String())); got != maxPerfdata {
		t.Errorf("%d labels", got)
	}
}

// FuzzPerfdata: whatever a plugin prints is read without a fault, and what was
// read reads the same again when it is written as the guide says.
func FuzzPerfdata(f *testing.F) {
	for _, s := range []string{"/=2643MB;5948;5958;0;5968", "'a b'=1% 'c''d'=U;1:2;@3", "a=1;;;;\nb=.5e3us", "'''=1 ''''=2", "= =1 ' =' "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := perfdata(in)
		if len(got) > maxPerfdata {
			t.Fatalf("%d labels", len(got))
		}
		var again strings.Builder
		for label, v := range got {
			one := v.(map[string]any)
			value := "U"
			if n, ok := one["value"].(float64); ok {
				if math.IsNaN(n) || math.IsInf(n, 0) {
					t.Fatalf("%q: %v", label, n)
				}
				value = fmt.Sprint(n) + one["unit"].(string)
			}
			if strings.ContainsFunc(one["unit"].(string)+one["warn"].(string)+one["crit"].(string), unicode.IsSpace) {
				t.Fatalf("a blank in %q", one)
			}
			fmt.Fprintf(&again, "'%s'=%s;%s;%s;", strings.ReplaceAll(label, "'", "''"), value, one["warn"], one["crit"])
			for _, key := range []string{"min", "max"} {
				if n, ok := one[key].(float64); ok {
					again.WriteString(fmt.Sprint(n))
				}
				again.WriteString(";")
			}
			again.WriteString(" ")
		}
		if same := perfdata(again.String()); !reflect.DeepEqual(same, got) {
			t.Fatalf("%q\nreads as %v,\n%q\nas %v", in, got, again.String(), same)
		}
	})
}
