package slack

import (
	"reflect"
	"strings"
	"testing"

	"amsbot/bot"
)

func TestParseOrder(t *testing.T) {
	mean := func(said, meant string) order { return order{Say: "slack.mean", Args: []any{said, meant}} }
	for _, c := range []struct {
		text string
		want order
	}{
		{"", order{About: "help"}},
		{"  ", order{About: "help"}},
		{"help", order{About: "help"}},
		{"HELP Show", order{About: "help", Text: "show"}},
		{"help reslove", mean("reslove", "help resolve")},
		{"help me", order{Say: "slack.unknown", Args: []any{"me"}}},
		{"resolve help", order{About: "help", Text: "resolve"}},
		{"resolve --help", order{About: "help", Text: "resolve"}},
		{"pause help", order{About: "help", Text: "pause"}},
		{"help help", order{About: "help", Text: "help"}},
		{"note 7 help", order{Act: bot.DoNote, Incident: "7", Text: "help"}},
		{"note help me", order{Act: bot.DoNote, Incident: "help", Text: "me"}},
		{"scenarios", order{About: bot.AskScenarios}},
		{"scenarios web down", order{About: bot.AskScenarios, Text: "web down"}},
		{"stats 30d", order{About: bot.AskStats, Text: "30d"}},
		{"ack 7", order{Act: bot.DoTake, Incident: "7"}},
		{"ls", order{About: "list"}},
		{"home", order{About: "list"}},
		{"list", order{About: "list"}},
		{"show 1234", order{About: "show", Incident: "1234"}},
		{"show #1234", order{About: "show", Incident: "1234"}},
		{"show", order{About: "show", Incident: "last"}},
		{"why", order{About: "why", Incident: "last"}},
		{"why Q1WEB now", order{About: "why", Incident: "Q1WEB", Text: "now"}},
		{`show "payment api" now`, order{About: "show", Incident: "payment api", Text: "now"}},
		{"resolve “payment api” it was me", order{Act: bot.DoResolve, Incident: "payment api", Text: "it was me"}},
		{"resolve payment api", order{Act: bot.DoResolve, Incident: "payment", Text: "api"}},
		{"history", order{About: "history"}},
		{"history 7", order{About: "history", Incident: "7"}},
		{"take 7", order{Act: bot.DoTake, Incident: "7"}},
		{"Escalate last", order{Act: bot.DoEscalate, Incident: "last"}},
		{"resolve 7 it was me", order{Act: bot.DoResolve, Incident: "7", Text: "it was me"}},
		{"check 7", order{Act: bot.DoCheck, Incident: "7"}},
		{"take 7 9", order{Act: bot.DoTakeAll, Incident: "7 9"}},
		{"ACK #7, #9–#12", order{Act: bot.DoTakeAll, Incident: "#7 #9–#12"}},
		{"escalate 7-9", order{Act: bot.DoEscalateAll, Incident: "7-9"}},
		{"escalate 7 since 9 hosts are down", order{Act: bot.DoEscalate, Incident: "7", Text: "since 9 hosts are down"}},
		{"escalate 7 9 hosts are down", order{Say: "several.text", Args: []any{"escalate", "escalate"}}},
		{"take 7-9 please", order{Say: "several.text", Args: []any{"take", "take"}}},
		{"resolve 7 9", order{Say: "several.single", Args: []any{"resolve"}}},
		{"close 7-9 noise", order{Say: "several.single", Args: []any{"resolve"}}},
		{"resolve 7 9 disks were full", order{Act: bot.DoResolve, Incident: "7", Text: "9 disks were full"}},
		{"recover 7-9", order{Say: "several.single", Args: []any{"recover"}}},
		{"done 7, 9", order{Say: "several.single", Args: []any{"done"}}},
		{"show 7 9", order{Say: "several.single", Args: []any{"show"}}},
		{"note 7 42", order{Act: bot.DoNote, Incident: "7", Text: "42"}},
		{"note 7-9 the plug was out", order{Say: "several.single", Args: []any{"note"}}},
		{"recover 7", order{Act: bot.DoRecover, Incident: "7"}},
		{"note 7 the\nplug was out", order{Act: bot.DoNote, Incident: "7", Text: "the\nplug was out"}},
		{"note 7", order{Act: bot.DoNote, Incident: "7", Dialogue: true}},
		{"resolve", order{Act: bot.DoResolve}},
		{"note", order{Act: bot.DoNote}},
		{"pause", order{Act: bot.DoPause, Dialogue: true}},
		{"resume", order{Act: bot.DoResume, Dialogue: true}},
		{"maintenance new", order{Act: bot.DoMaintain, Dialogue: true}},
		{"maintenance new 2h", order{Act: bot.DoMaintain, Text: "new 2h"}},
		{"pause deploying the shop", order{Act: bot.DoPause, Text: "deploying the shop"}},
		{"pause all deploying", order{Act: bot.DoPause, Scope: "all", Text: "deploying"}},
		{"pause project:Shop why", order{Act: bot.DoPause, Scope: "project:Shop", Text: "why"}},
		{"pause project Shop why", order{Act: bot.DoPause, Scope: "project:Shop", Text: "why"}},
		{"resume Scenario:shop/web", order{Act: bot.DoResume, Scope: "scenario:shop/web"}},
		{"resume scenario shop/web", order{Act: bot.DoResume, Scope: "scenario:shop/web"}},
		{"pause project:", order{Act: bot.DoPause, Text: "project:"}},
		{"maintenance", order{About: bot.AskMaintenance}},
		{"Maintenance List", order{About: bot.AskMaintenance}},
		{"maintenance service shop-web 2h why", order{Act: bot.DoMaintain, Text: "service shop-web 2h why"}},
		{"maintenance 2h", order{Act: bot.DoMaintain, Text: "2h"}},
		{"maintenance end 3", order{Act: bot.DoEndMaintenance, Text: "3"}},
		{"maintenance cancel service shop-web", order{Act: bot.DoEndMaintenance, Text: "service shop-web"}},
		{"maintainance 2h", mean("maintainance", "maintenance 2h")},
		{"reslove 7", mean("reslove", "resolve 7")},
		{"Reslove #7  it was\nme", mean("Reslove", "resolve #7 it was me")},
		{"esclate 4 “web” <!channel> `x` *y* &", mean("esclate", "escalate 4 “web” &lt;!channel&gt; ˋxˋ *y* &amp;")},
		{"noet 4 " + strings.Repeat("x", 196), mean("noet", "note 4 "+strings.Repeat("x", 196))},
		{"noet 4 " + strings.Repeat("x", 197), mean("noet", "note 4 …")},
		{"noet <4 " + strings.Repeat("<", 60), mean("noet", "note &lt;4 …")},
		{"lsit", mean("lsit", "list")},
		{"resum", mean("resum", "resume")},
		{"frobnicate", order{Say: "slack.unknown", Args: []any{"frobnicate"}}},
		{"`<!channel>`", order{Say: "slack.unknown", Args: []any{"ˋ&lt;!channel&gt;ˋ"}}},
		{"x", order{Say: "slack.unknown", Args: []any{"x"}}},
	} {
		if got := parseOrder(c.text); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %+v, want %+v", c.text, got, c.want)
		}
	}
}

// What amsbot proposes to type is what it takes.
func TestParseTyped(t *testing.T) {
	acts := []string{bot.DoBreakGlass}
	for _, o := range verbs {
		if o.Act != "" && o.Act != bot.DoPause && o.Act != bot.DoResume && o.Act != bot.DoMaintain {
			acts = append(acts, o.Act)
		}
	}
	for _, act := range acts {
		want := order{Act: act, Incident: "6", Dialogue: act == bot.DoNote}
		if act == bot.DoBreakGlass {
			want.Act, want.Text = bot.DoRecover, "break glass: …"
		}
		if got := parseOrder(bot.Typed(act, 6)); !reflect.DeepEqual(got, want) {
			t.Errorf("/ams %s: %+v, want %+v", bot.Typed(act, 6), got, want)
		}
	}
}

func FuzzParseOrder(f *testing.F) {
	for _, s := range []string{"", "show 1", "note 1 x", "pause project a b", "take 1 2-4", "resolve 1 2", "reslove", "esclate 4 `<!here>` &", "<@U1|a> x", "\xff\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o := parseOrder(s)
		said := 0
		for _, is := range []bool{o.Act != "", o.About != "", o.Say != ""} {
			if is {
				said++
			}
		}
		if said != 1 {
			t.Errorf("%q: %+v", s, o)
		}
		for _, a := range o.Args {
			if strings.ContainsAny(a.(string), "<>`") {
				t.Errorf("%q: %q would be live", s, a)
			}
		}
		if o.Act == bot.DoNote && o.Incident != "" && !o.Dialogue && o.Text == "" {
			t.Errorf("%q: a note of nothing", s)
		}
	})
}

func TestTyped(t *testing.T) {
	for sent, want := range map[string]string{
		"note 1 a &lt; b &amp;&amp; c":              "note 1 a < b && c",
		"note 1 ask <@U0AIKO0001|aiko>":             "note 1 ask @aiko",
		"note 1 in <#C0SHOPOPS1|shop-ops>":          "note 1 in #shop-ops",
		"note 1 <https://wiki.example/a?b=1|wiki>":  "note 1 https://wiki.example/a?b=1",
		"note 1 <!here>":                            "note 1 here",
		"note 1 &lt;!channel&gt;":                   "note 1 <!channel>",
		"note 1 <@U0AIKO0001>":                      "note 1 @U0AIKO0001",
		"note 1 <!subteam^S0SHOPOPS1|@shop-people>": "note 1 @shop-people",
	} {
		if got := typed(sent); got != want {
			t.Errorf("%s: %q, want %q", sent, got, want)
		}
	}
}
