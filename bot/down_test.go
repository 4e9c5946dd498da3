package bot

import (
	"context"
	"strings"
	"testing"
	"time"

	"amsbot/bot/outbox"
	"amsbot/bot/words"
	"amsbot/scenarios"
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

// Of webhooks that do not come everybody is told, and of the service that they
// leave out only who sees its project.
func TestSilenceKeepsTheWalls(t *testing.T) {
	b := loaded(t, map[string]string{"project.yaml": testedProject, "web.yaml": strings.Replace(responding, "AUTONOMY", "ask", 1)})
	b.Scenarios().Projects[0].Permissions = scenarios.Permissions{View: []string{"U1"}}
	news := Silence{Why: SilentFiltered, Missed: 2, Since: time.Now(), Subscription: "PSUB1", Service: scenarios.Ref{ID: "PWEB", Name: "web"}}
	if _, err := b.Webhooks(t.Context(), news); err != nil {
		t.Fatal(err)
	}
	for _, w := range []words.Catalogue{words.In("en"), words.In("ja")} {
		named, unnamed := news.Words(w), (&Silence{Why: SilentFiltered, Missed: 2, Subscription: "PSUB1"}).Words(w)
		if !strings.Contains(named, "web ") || strings.Contains(unnamed, "web ") || !strings.Contains(unnamed, "PSUB1") || strings.Contains(unnamed, "%") {
			t.Fatalf("%q and %q", named, unnamed)
		}
		for _, c := range []struct {
			q    Question
			want string
		}{
			{Question{User: "U1", Channel: "C0SHOP001"}, named}, {Question{User: "U1", Channel: "D1"}, named},
			{Question{User: "U1", Channel: "C0OTHER01"}, unnamed}, {Question{User: "U2", Channel: "C0SHOP001"}, unnamed},
			{Question{User: "U2", Channel: "D1"}, unnamed},
		} {
			if got, err := b.listSilence(t.Context(), c.q, w); err != nil || !strings.Contains(got, c.want) {
				t.Errorf("%+v is told %q, %v, not %q", c.q, got, err, c.want)
			}
			var h Home
			if err := b.homeDown(t.Context(), c.q, w, &h); err != nil || !strings.Contains(strings.Join(h.Down, "\n"), c.want) {
				t.Errorf("on Home %+v is told %q, %v, not %q", c.q, h.Down, err, c.want)
			}
		}
	}
}
