// Package admin lets the command line ask a running bot, over a unix socket
// beside the database, which the bot has locked: HTTP and JSON, for the owner
// of the database alone.
//
// A [Source] is what can be asked. The bot has one over its open database; a
// [Client] is one too, so that a command prints the same whether it asks the
// running bot or, when there is none, a Source over the file. A [Keeper] looks
// after that file: it verifies histories and makes backups.
//
// The package knows the socket and the wire. It does not know the database, what
// an event means or what a card says: texts are drawn, and runs are read out of
// histories, by the Source.
package admin

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"amsbot/bot"
)

var (
	// ErrNoBot: nothing listens; no bot runs on this database.
	ErrNoBot = errors.New("no bot runs on this database")
	// ErrSilent: a bot has the socket and does not answer in time.
	ErrSilent = errors.New("the bot that runs does not answer")
	// ErrNoIncident: a Source does not know the incident. Sources wrap it, with
	// what was asked for, and clients get it back.
	ErrNoIncident = errors.New("no such incident")
	// ErrAnswers: another process answers at the socket, although the caller
	// holds the database.
	ErrAnswers = errors.New("another process answers there")
	// ErrUnsafe: others may reach or replace the socket.
	ErrUnsafe = errors.New("not private")
)

// Source is what can be asked about a bot and its history.
type Source interface {
	// History is everything about one incident: by key, PagerDuty ID, number, or
	// "last"; or about a storm: by key, or "storm" for the newest; or, by "bot",
	// what belongs to neither. ErrNoIncident when there is none.
	History(ctx context.Context, incident string) (History, error)
	// Incidents are the newest ones, newest first.
	Incidents(ctx context.Context, which Which) ([]Incident, error)
	// Pasts are incidents as they were decided and what their steps found, the
	// oldest first, a page at a time.
	Pasts(ctx context.Context, from From) (Page, error)
	// Health says how the bot is. An error means that it could not be asked, not
	// that it is ill.
	Health(ctx context.Context) (Health, error)
}

// Which chooses incidents.
type Which struct {
	Open  bool // only those that are not over
	Limit int  // at most so many; 0: 50
}

// DefaultLimit is how many incidents are told when nobody says.
const DefaultLimit = 50

// Incident is one line of a list.
type Incident struct {
	Key    string    `json:"key"`
	Number int       `json:"number,omitempty"`
	Title  string    `json:"title,omitempty"`
	Status string    `json:"status,omitempty"` // as the card says it
	Open   bool      `json:"open"`
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
}

// From says where a page begins: behind the incident whose first event was then
// and whose key this is; without a key, at that time. The zero From is the
// beginning.
type From struct {
	First time.Time `json:"first"`
	Key   string    `json:"key,omitempty"`
	Limit int       `json:"limit,omitempty"` // at most so many; 0, or more than 100: 100
}

// MostPasts is how many incidents one page has at most. A page may have fewer,
// and others may follow all the same.
const MostPasts = 100

// Page is some incidents, and where those begin that follow; nil: none do.
type Page struct {
	Incidents []Pasts `json:"incidents,omitempty"`
	Next      *From   `json:"next,omitempty"`
}

// Pasts are the runs of an incident, of each step also its Definition, where it
// can still be told.
type Pasts struct {
	Incident
	Runs      []bot.Past `json:"runs,omitempty"`
	Forgotten bool       `json:"forgotten,omitempty"` // its events were removed, as they are kept for a time only
}

// History is one incident as it went.
type History struct {
	Incident
	Card   []string `json:"card,omitempty"` // the card in lines of plain text
	Events []Event  `json:"events"`
}

// Event is one event of a history. Text says it in words; Data is what is stored.
type Event struct {
	Seq  uint64          `json:"seq"`
	At   time.Time       `json:"at"`
	By   string          `json:"by,omitempty"`
	Kind string          `json:"kind"`
	Text string          `json:"text,omitempty"`
	Data json.RawMessage `json:"data,omitempty"`
}

// Health is how a bot is.
type Health struct {
	OK      bool      `json:"ok"`
	Version string    `json:"version,omitempty"`
	PID     int       `json:"pid,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	Parts   []Part    `json:"parts,omitempty"`
	Heard   Heard     `json:"heard,omitzero"`
}

// Heard is when the newest webhook of each kind came since the bot runs; zero:
// none did.
type Heard struct {
	Signed  time.Time `json:"signed,omitzero"`  // with a secret of ours
	Refused time.Time `json:"refused,omitzero"` // with another
	Pinged  time.Time `json:"pinged,omitzero"`  // PagerDuty's test event, signed
}

// Part is one thing that has to work: the database, Slack, PagerDuty.
type Part struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Why  string `json:"why,omitempty"` // what is wrong, for whoever runs the bot
}
