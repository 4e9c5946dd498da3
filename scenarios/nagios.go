package scenarios

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

var nagiosKind = kind{name: "nagios", timeout: 30 * time.Second, grace: sshGrace, keys: nagiosKeys, short: []shape{aCommand},
	fields: fields{
		{"state", ofText, "`OK`, `WARNING`, `CRITICAL` or `UNKNOWN`."},
		{"text", ofText, "The first line, without the performance data."},
		{"long", ofText, "The further lines, without the performance data; may be empty."},
		{"perfdata", "numbers and texts, by label", "What the plugin measured: `steps[\"disk\"].perfdata[\"/\"].value`, and beside `value` its `unit`, `warn`, `crit`, `min` and `max`. A value that the plugin does not know (`U`) is missing."},
		{"exit", ofNumber, "The exit code; missing where it was ended by a signal, or its time was over."},
		{"stderr", ofText, "What it complained about, capped in the middle."},
		{"ms", ofNumber, "How long it took, in milliseconds."},
	},
	doc:     "Runs a monitoring plugin of Nagios, Icinga and their like. OK for its state OK, NG for WARNING and CRITICAL; UNKNOWN for UNKNOWN, any other exit code, or where its time was over.",
	example: "nagios: [/usr/lib/nagios/plugins/check_disk, -w, \"10%\", -c, \"5%\", -p, /]",
	compile: compileNagios}

// nagiosKeys is every key of `nagios`.
var nagiosKeys = keys{
	{name: "command", shape: aCommand, required: true, example: "command: [/usr/lib/nagios/plugins/check_load, -w, \"5,4,3\"]",
		doc: "The plugin and its arguments. The list alone may stand for the whole mapping."},
	{name: "ssh", shape: aMapping(machineKeys), telling: true, example: "ssh: {host: \"${{ target }}\"}",
		doc: "The machine on which it runs, as the step `ssh` names it. Without it the plugin runs on amsbot's own machine."},
	execKeys[1], execKeys[2],
}

// plugin runs a monitoring plugin, as Nagios, Icinga and their like do.
//
// Its contract is that of the plugins: exit 0 is OK, 1 WARNING and 2 CRITICAL
// are NG, and 3, any other exit and none at all are UNKNOWN. The first line up
// to a | is the `text`; behind the | stands performance data. Further lines
// are the `long` text, up to a | as well: all that follows it, on that line
// and on all after it, is performance data again. `perfdata` maps each label
// to its value, unit, warn, crit, min and max; see perfdata. With `ssh` the
// plugin runs on another machine as a command of the kind ssh does, else here
// as one of exec, and all that those say of running a command holds.
type plugin struct{ place place }

// states are the words of the plugins for their exit codes.
var states = []string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}

// compileNagios reads `nagios: [plugin, argument, …]` or its long form.
func compileNagios(c *compiler, n *yaml.Node, _ *Step) action {
	if n.Kind != yaml.MappingNode {
		return &plugin{c.execution("nagios", map[string]*yaml.Node{"command": n})}
	}
	f := c.r.fields(n, "nagios", nagiosKeys)
	if there := f["ssh"]; there != nil {
		for _, k := range execKeys[1:] {
			if v := f[k.name]; v != nil {
				c.r.fail(v, "", "%s is for a plugin that runs here: over SSH there is none", k.name)
			}
		}
		return &plugin{c.remote(there, c.r.fields(there, "ssh", machineKeys), f["command"], n)}
	}
	if f["command"] == nil {
		c.r.fail(n, "say command: [plugin, argument, …]", "nagios has no command")
	}
	return &plugin{c.execution("nagios", f)}
}

func (a *plugin) show(w *world) (string, error) { return a.place.show(w) }

func (a *plugin) try(ctx context.Context, w *world, t Tools) Outcome {
	r := a.place.run(ctx, w, t)
	o := r.outcome(judgePlugin)
	if o.Fields == nil {
		return o
	}
	said := readPlugin(r.out)
	if said.text != "" {
		o.Line = said.text
	}
	state := "UNKNOWN"
	if r.why == "" {
		state = stateOf(r.exit)
	}
	delete(o.Fields, "stdout")
	o.Fields["state"], o.Fields["text"], o.Fields["long"], o.Fields["perfdata"] = state, said.text, said.long, said.perfdata
	return o
}

func stateOf(exit int) string {
	if exit >= 0 && exit < len(states) {
		return states[exit]
	}
	return "UNKNOWN"
}

// judgePlugin is RESPONSE.md's table for nagios.
func judgePlugin(exit int) (Verdict, string) {
	switch exit {
	case 0:
		return OK, "OK"
	case 1, 2:
		return NG, stateOf(exit)
	case 3:
		return Unknown, "the plugin says UNKNOWN"
	case 126:
		return Unknown, "exit 126: the plugin cannot be executed"
	case 127:
		return Unknown, "exit 127: there is no such plugin"
	}
	return Unknown, fmt.Sprintf("exit %d, which no plugin's state has", exit)
}

// pluginOutput is what a plugin printed, taken apart.
type pluginOutput struct {
	text, long string
	perfdata   map[string]any
}

// readPlugin takes the output of a plugin apart.
func readPlugin(out string) pluginOutput {
	first, rest, _ := strings.Cut(strings.TrimLeft(whole(out), "\n"), "\n")
	text, data, _ := strings.Cut(first, "|")
	long, more, _ := strings.Cut(rest, "|")
	return pluginOutput{text: strings.TrimSpace(text), long: strings.Trim(long, "\n"), perfdata: perfdata(data + "\n" + more)}
}

// whole leaves out the words that were torn at the gap of an output that was
// too long to be kept: half a number would be a wrong one.
func whole(out string) string {
	head, tail, cut := strings.Cut(out, gap)
	if !cut {
		return out
	}
	head = head[:strings.LastIndexAny(head, " \t\n")+1]
	if i := strings.IndexAny(tail, " \t\n"); i >= 0 {
		tail = tail[i:]
	} else {
		tail = ""
	}
	return head + gap + tail
}
