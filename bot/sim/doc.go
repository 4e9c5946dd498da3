// Package sim is a world to try a first-response bot in, on one listener: a
// pretend Slack, a pretend PagerDuty, a patient that can be made ill with its
// monitor, and one browser page that shows them side by side. Real client
// libraries run against it, over loopback or, in tests with faked time, over a
// Memory without sockets.
//
//	s := sim.New(sim.Options{})          // the world of Shop
//	err := s.Serve(ctx, listener)        // until ctx is done
//
// Tests and tools drive it through the exported parts of Sim, or over HTTP
// through the control API, which GET /control/ lists with an example of each
// body. In short: GET state, changes, calls, messages; POST raise, clear,
// example, ail, heal, monitor, bot/kill, bot/start; in Slack click, command,
// submit, close, shortcut, say, home, reload; in PagerDuty
// pagerduty/acknowledge, resolve, escalate and others; and slack/fault,
// slack/heal, slack/disconnect, slack/drop, slack/duplicate, pagerduty/fault,
// pagerduty/heal. The control API and the page ask for no password. They refuse
// requests that a browser makes for another site's page, and those under a
// name that is not loopback's or the listener's; do not listen where
// strangers are.
//
// The package does not know the bot: to it a bot is whoever calls, and a switch
// that somebody else implements (Bot). It imports nothing of the program that
// is tried.
package sim
