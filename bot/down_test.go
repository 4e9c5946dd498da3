package bot

import (
	"context"
	"strings"
	"testing"
	"time"

	"amsbot/bot/outbox"
	"amsbot/bot/words"
)

// What a neighbour said of its trouble is its text, and not ours.
func TestDownIsQuotedInSlack(t *testing.T) {
	b := &Bot{}
	b.Downs = func(context.Context) []outbox.Neighbour {
		return []outbox.Neighbour{{Name: "pagerduty", Why: "PagerDuty refused it: <!channel> *x* https://evil.example."}}
	}
	all := b.downs(t.Context(), words.In("en"), clock, asText)
	if len(all) != 1 || strings.ContainsAny(all[0], "*") || strings.Contains(all[0], "<!channel>") || !strings.Contains(all[0], "&lt;!channel&gt;") ||
		strings.Contains(all[0], "://") || !strings.Contains(all[0], "<!date^") {
		t.Errorf("%q", all)
	}
}

func TestDown(t *testing.T) {
	since := time.Date(2030, 1, 2, 2, 14, 0, 0, time.UTC)
	for want, n := range map[string]outbox.Neighbour{
		"Slack has not answered since 02:14 UTC (Slack cannot be reached); 12 cards and 3 messages wait.": {Name: "slack", Why: "Slack cannot be reached.", Views: 12, Acts: 3},
		"Slack has not answered since 02:14 UTC; 1 card waits.":                                           {Name: "slack", Views: 1},
		"PagerDuty has not answered since 02:14 UTC (PagerDuty did not answer); 2 acts wait.":             {Name: "pagerduty", Why: "PagerDuty did not answer.", Acts: 2},
		"PagerDuty has not answered since 02:14 UTC; 1 act waits.":                                        {Name: "pagerduty", Acts: 1},
		"mail has not answered since 02:14 UTC.":                                                          {Name: "mail"},
	} {
		n.Since = since
		if got := Down(n, hour(n.Since, words.In("en")), words.In("en")); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}
