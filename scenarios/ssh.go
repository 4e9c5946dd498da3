package scenarios

import (
	"context"
	"net"
	"strconv"
	"time"

	"gopkg.in/yaml.v3"
)

var sshKind = kind{name: "ssh", timeout: 30 * time.Second, grace: sshGrace, keys: sshKeys, fields: execKind.fields,
	doc: "Runs a program on another machine: a list of arguments, each of which arrives as it is. OK for exit code 0, NG for others; " +
		"UNKNOWN for 126, 127, 255, a signal, where its time was over, where there is no connection, or where the machine's key is not the known one.",
	example: "ssh:\n  host: web-1.shop.example\n  user: amsbot\n  key: file:/etc/amsbot/id_ed25519\n  known_hosts: /etc/amsbot/known_hosts\n  command: [sudo, systemctl, restart, web]",
	compile: compileSSH}

// sshGrace is what it takes to stop a command on another machine.
const sshGrace = killGrace + 2*pipeGrace

// sshKeys is every key of `ssh` in a step.
var sshKeys = append(keys{
	{name: "command", shape: aCommand, required: true, example: "command: [journalctl, -u, web, -n, \"50\", --no-pager]",
		doc: "The program and its arguments. They are quoted for the shell of whoever logs in, so that each arrives as it is; a value of the incident is always a whole argument, of one line, and never one that begins with `-`."},
}, machineKeys...)

// machineKeys is what a step says of another machine and the way to it.
var machineKeys = append(keys{
	{name: "host", shape: aText, required: true, example: "host: \"${{ target }}\"",
		doc: "The machine, by name or address. Where the incident chooses it, `hosts` decides."},
	{name: "port", shape: either(aNumber(1, 65535), aText), fallback: "22, or the project's", example: "port: 2222", doc: "The port."},
	{name: "jump", shape: either(aChoice("none"), aMapping(jumpKeys)), example: "jump: {host: bastion.shop.example}",
		doc: "A machine through which this one is reached; `none` goes straight where the project says one. What is not said of it is as for the target. " +
			"It resolves the target's name; where `hosts` lists networks and the incident chooses the machine, amsbot does, and names the address that it has checked."},
}, accessKeys...)

// remote runs a program on another machine over SSH.
//
// Its contract: the machine has to show a key of known_hosts before anything
// is said to it, and a host that comes from the incident has to be in hosts.
// The program gets exactly the listed arguments, whatever bytes they hold but
// NUL; there is no terminal, no environment, no input and no forwarded agent.
// When its time is over the program gets TERM and, killGrace later, KILL,
// which servers pass on except to root and to forced commands; then the
// connection is closed, and the verdict's words say whether it was seen to
// end. Output is read until none has come for pipeGrace after the exit, and
// kept at both ends up to maxOutput. Exit 0 is OK, any other NG, and what
// tells nothing about the target (126, 127, 255, a signal, no connection, an
// unknown host key, a lost connection, its time over) UNKNOWN.
type remote struct {
	endpoint
	access
	command arguments
}

// compileSSH reads `ssh: {host: …, command: […]}`.
func compileSSH(c *compiler, n *yaml.Node, _ *Step) action {
	f := c.r.fields(n, "ssh", sshKeys)
	return c.remote(n, f, f["command"], n)
}

// remote reads the keys f of the machine in n, and the command that n or step,
// which is the mapping around it, holds.
func (c *compiler) remote(n *yaml.Node, f map[string]*yaml.Node, command, step *yaml.Node) *remote {
	a := &remote{access: c.s.Project.ssh}
	if n.Kind != yaml.MappingNode {
		return a
	}
	if a.access.port == 0 {
		a.access.port = 22
	}
	a.access = c.r.access(f, a.access)
	switch v := f["jump"]; {
	case v == nil:
	case isNone(v):
		a.jump = nil
	case v.Kind == yaml.ScalarNode:
		c.r.fail(v, "write jump: {host: bastion.shop.example}, or none", "jump is %s", kindOf(v))
	default:
		a.jump = c.r.jump(v, a.access)
	}
	if f["host"] == nil {
		c.r.fail(n, "say host: web-1.shop.example", "nothing says which machine")
	} else {
		a.endpoint = c.endpoint(n, f, a.access.port)
		a.strict = true
	}
	if command == nil {
		c.r.fail(step, "say command: [program, argument, …]", "nothing says what runs there")
	} else {
		a.command = c.remoteArguments(command, "command")
	}
	c.r.complete(n, a.access)
	return a
}

// show is the command as one would type it, but for the quotes that hide it
// from one's own shell.
func (a *remote) show(w *world) (string, error) {
	address, err := a.endpoint.fill(w)
	if err != nil {
		return "", err
	}
	if _, err := a.command.remoteLine(w); err != nil {
		return "", err
	}
	args, err := a.command.fill(w)
	if err != nil {
		return "", err
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	line := "ssh "
	if a.jump != nil {
		line += "-J " + a.jump.host + " "
	}
	if port != "22" {
		line += "-p " + port + " "
	}
	return line + a.user + "@" + host + " -- " + quoteArgs(args), nil
}

// run implements place.
func (a *remote) run(ctx context.Context, w *world, t Tools) ran {
	address, err := a.endpoint.fill(w)
	if err != nil {
		return ran{why: err.Error()}
	}
	line, err := a.command.remoteLine(w)
	if err != nil {
		return ran{why: err.Error()}
	}
	began := time.Now()
	l := newLink(ctx, w, t)
	defer l.close()
	if bad := l.connect(a, address); bad != nil {
		return ran{why: bad.why, note: bad.note, took: time.Since(began), tried: true}
	}
	r := l.command(ctx, line, w.mask)
	r.took, r.tried = time.Since(began), true
	return r
}

func (a *remote) try(ctx context.Context, w *world, t Tools) Outcome {
	return a.run(ctx, w, t).outcome(judgeRemoteExit)
}

// judgeRemoteExit is RESPONSE.md's table for ssh.
func judgeRemoteExit(exit int) (Verdict, string) {
	if exit == 255 {
		return Unknown, "exit 255: a fault of ssh itself on the way, or of the program: it cannot be told"
	}
	return judgeExit(exit)
}

// address is host:port of a machine on the way.
func (j *jump) address() string { return net.JoinHostPort(j.host, strconv.Itoa(j.port)) }
