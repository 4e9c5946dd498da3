package bench

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Print writes the report as a table for people.
func (r Report) Print(out io.Writer) error {
	m := r.Machine
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d cores%s, %s", m.System, m.Cores, after(" of ", m.CPU), m.Go)
	if m.Sync > 0 {
		fmt.Fprintf(&b, "; fsync %s ms, bbolt Update %s ms (p50)", figure(m.Sync), figure(m.Update))
	}
	b.WriteString("\n")
	for _, p := range r.Parts {
		fmt.Fprintf(&b, "\n%s\n", strings.ToUpper(p.Name))
		p.print(&b)
		for _, note := range p.Notes {
			fmt.Fprintf(&b, "  %s\n", note)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (p Part) print(b *strings.Builder) {
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "  \tamsbot\tbeside\tratio\ttarget\n")
	for _, r := range p.Rows {
		beside, ratio := "", ""
		if r.Beside != nil {
			beside = amount(*r.Beside, r.Unit)
		}
		if r.Ratio != nil {
			ratio = strconv.FormatFloat(*r.Ratio, 'f', 2, 64)
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\n", r.What, amount(r.Value, r.Unit), beside, ratio, r.target())
	}
	t.Flush() // into a strings.Builder, which takes everything
}

func (r Row) target() string {
	switch {
	case r.Met == nil:
		return ""
	case *r.Met:
		return r.Target + " ✓"
	}
	return r.Target + " ✗"
}

func after(word, what string) string {
	if what == "" {
		return ""
	}
	return word + what
}

// amount is a figure with its unit; long times are in seconds.
func amount(v float64, u Unit) string {
	switch {
	case u == Millis && v >= 10_000:
		return figure(v/1000) + " s"
	case u == Count:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return figure(v) + " " + string(u)
}

// figure has three digits that say something.
func figure(v float64) string {
	switch {
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}
