// Package slack is amsbot's side of Slack: it draws cards, indexes, Home and messages
// with the Web API, and brings in what people do there over Socket Mode.
//
// A Workspace is one workspace with one app. From it come the outbox's Screen
// (cards, indexes, Home) and Receiver (messages, replies, files), the conductor's
// Members (who is who), and a Reader, which turns clicks, modals and slash
// commands into bot.Click and bot.Question and tells people the answer.
//
// The package knows Block Kit, Slack's errors and Slack's limits, below which it
// keeps every call of its own. It does not know what an incident is, who may do
// what, what a scenario says, nor what is worth a call first: permissions are the
// conductor's, and the order is the outbox's.
package slack
