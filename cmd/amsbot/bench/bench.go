// Package bench measures amsbot, as a process of its own, against the simulator
// on loopback: how fast it answers, how much it takes in, what it does in a
// storm, what it weighs, and what a long history costs it. Where a ratio says
// more than a figure the floor (package floor) runs beside it, on the same disk
// in the same run.
//
// The load, the simulator and what is measured share the machine's cores, as
// they would not elsewhere: figures are for comparing within one run. Targets
// are held against these; what misses one is shown as missed.
package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"amsbot/cmd/amsbot/floor"
)

// The parts of a run.
const (
	Intake   = "intake"   // webhooks to 202, beside the floor
	Response = "response" // webhook to card, and to first-response result
	Storm    = "storm"    // many at once in one channel
	Stored   = "stored"   // what a long history costs
)

// Parts are all of them, in the order in which they run.
var Parts = []string{Response, Intake, Storm, Stored}

// Options is what a run needs: all of it, but for Quick, and the sizes of parts that
// do not run.
type Options struct {
	Program string   // this binary
	Dir     string   // where files are made and removed again; its disk is what is measured
	Parts   []string // of Parts
	Quick   bool     // everything once and in little: it works, and says little
	Storm   int      // how many incidents the storm has
	Within  time.Duration
	Stored  []int     // how many incidents are stored
	Said    io.Writer // told what is being done
}

// Run measures. Its error says what could not be measured; a target that was
// missed is none.
func Run(ctx context.Context, o Options) (Report, error) {
	b := &bench{Options: o}
	dir, err := os.MkdirTemp(o.Dir, "amsbot-bench-")
	if err != nil {
		return Report{}, fmt.Errorf("bench: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if dir, err = filepath.Abs(dir); err != nil { // a configuration's paths are read from where it lies
		return Report{}, fmt.Errorf("bench: %w", err)
	}
	b.Dir = dir
	if err := b.look(); err != nil {
		return Report{}, fmt.Errorf("bench: %w", err)
	}
	for _, part := range []struct {
		name string
		run  func(context.Context) (Part, error)
	}{{Response, b.response}, {Intake, b.intake}, {Storm, b.storm}, {Stored, b.stored}} {
		if !slices.Contains(o.Parts, part.name) {
			continue
		}
		fmt.Fprintf(o.Said, "%s …\n", part.name)
		p, err := part.run(ctx)
		p.Name = part.name
		b.report.Parts = append(b.report.Parts, p)
		if err != nil {
			return b.report, fmt.Errorf("bench: %s: %w", part.name, err)
		}
	}
	return b.report, nil
}

// bench is one run.
type bench struct {
	Options
	report Report
	disk   floor.Disk
}

// pick is one of two sizes.
func (b *bench) pick(full, quick int) int {
	if b.Quick {
		return quick
	}
	return full
}

func (b *bench) look() (err error) {
	if b.disk, err = floor.Probe(b.Dir, b.pick(500, 50)); err != nil {
		return err
	}
	b.report.Machine = machine(b.disk)
	return nil
}

// amsbot starts amsbot in a world, which sends it what follows from now on.
func (b *bench) amsbot(ctx context.Context, w *world) (*process, error) {
	cmd := exec.Command(b.Program, "run", "--config", w.config())
	cmd.Env = w.environment()
	p, err := launch(ctx, cmd, func(line []byte) string {
		var said struct{ Webhook string }
		_ = json.Unmarshal(line, &said) // what is no JSON names no address
		return said.Webhook
	})
	if err != nil {
		return nil, fmt.Errorf("start amsbot: %w", err)
	}
	w.lead(p.address)
	if err := w.begun(ctx); err != nil {
		p.kill()
		return nil, err
	}
	return p, nil
}

// EnvFloor is the environment of the floor, as `amsbot bench` starts it: JSON of
// floor.Options.
const EnvFloor = "AMSBOT_BENCH_FLOOR"

// floor starts the floor in a world.
func (b *bench) floor(ctx context.Context, w *world, form floor.Form) (*process, error) {
	dir, err := os.MkdirTemp(w.dir, "floor-")
	if err != nil {
		return nil, err
	}
	o, err := json.Marshal(floor.Options{
		Form: form, File: dir + "/file", Secret: w.access.WebhookSecret,
		PostURL: w.access.SlackAPI + "chat.postMessage", Token: w.access.BotToken, Channel: floorChannel,
	})
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(b.Program, "bench", "floor")
	cmd.Env = append(w.environment(), EnvFloor+"="+string(o))
	p, err := launch(ctx, cmd, func(line []byte) string {
		var address string
		_, _ = fmt.Sscanf(string(line), "floor at %s", &address)
		return address
	})
	if err != nil {
		return nil, fmt.Errorf("start the floor: %w", err)
	}
	return p, nil
}
