package bench

import (
	"fmt"
	"slices"
	"time"
)

// Report is what a run measured.
type Report struct {
	Machine Machine `json:"machine"`
	Parts   []Part  `json:"parts"`
}

// Part is one part of a run.
type Part struct {
	Name  string   `json:"name"`
	Rows  []Row    `json:"rows"`
	Notes []string `json:"notes,omitempty"` // what one has to know to read it
}

func (p *Part) add(rows ...Row) { p.Rows = append(p.Rows, rows...) }

func (p *Part) note(format string, args ...any) {
	p.Notes = append(p.Notes, fmt.Sprintf(format, args...))
}

// Missed are the rows whose target was missed.
func (r Report) Missed() (missed []Row) {
	for _, p := range r.Parts {
		for _, row := range p.Rows {
			if row.Met != nil && !*row.Met {
				missed = append(missed, row)
			}
		}
	}
	return missed
}

// Unit is what a figure counts.
type Unit string

// The units. Times are in milliseconds, memory in megabytes (10^6 bytes).
const (
	Millis    Unit = "ms"
	PerSecond Unit = "/s"
	Megabytes Unit = "MB"
	Count     Unit = ""
)

// Row is one figure. Where a target is a ratio, it is Value's to Beside.
type Row struct {
	What   string   `json:"what"`
	Value  float64  `json:"value"`
	Unit   Unit     `json:"unit,omitempty"`
	Beside *float64 `json:"beside,omitempty"` // the floor's, or the one to compare with
	Ratio  *float64 `json:"ratio,omitempty"`
	Target string   `json:"target,omitempty"`
	Met    *bool    `json:"met,omitempty"` // nil: there is no target
}

func row(what string, unit Unit, value float64) Row { return Row{What: what, Value: value, Unit: unit} }

func millis(what string, d time.Duration) Row { return row(what, Millis, inMillis(d)) }

func inMillis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// beside puts another figure of the same kind next to it.
func (r Row) beside(other float64) Row {
	r.Beside = &other
	if other > 0 {
		ratio := r.Value / other
		r.Ratio = &ratio
	}
	return r
}

// times says the target that the ratio be at most so much.
func (r Row) times(most float64) Row {
	return r.wants(r.Ratio != nil && *r.Ratio <= most, "at most %g times", most)
}

// share says the target that the ratio be at least so much.
func (r Row) share(least float64) Row {
	return r.wants(r.Ratio != nil && *r.Ratio >= least, "at least %g times", least)
}

// most says the target that the figure be at most so much.
func (r Row) most(limit float64) Row {
	unit := ""
	if r.Unit != Count {
		unit = " " + string(r.Unit)
	}
	return r.wants(r.Value <= limit, "at most %.4g%s", limit, unit)
}

// exactly says the target that the figure be this one.
func (r Row) exactly(value float64) Row { return r.wants(r.Value == value, "%g", value) }

func (r Row) wants(met bool, format string, args ...any) Row {
	r.Target, r.Met = fmt.Sprintf(format, args...), &met
	return r
}

// percentile is the value below which so many of a hundred lie; 0 of none.
func percentile(all []time.Duration, of int) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)*of/100, len(sorted)-1)]
}

func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
