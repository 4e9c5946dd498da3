package scenarios

import (
	"maps"
	"slices"

	"gopkg.in/yaml.v3"
)

// given reads what holds when the incident comes.
func (f *fixtureFile) given(n *yaml.Node, g *Given) {
	k := f.fields(n, "given", givenKeys)
	if v := k["assigned"]; v != nil {
		g.Assigned, _ = f.word(v, "assigned")
	}
	if v := k["acknowledged"]; v != nil {
		g.Acknowledged, _ = f.word(v, "acknowledged")
	}
	f.setSpan(k["acknowledge_timeout"], "acknowledge_timeout", false, &g.AckTimeout)
	if v := k["paused"]; v != nil {
		g.Paused = f.oneOf(v, "paused", "all", "project", "scenario")
	}
	f.setSpan(k["locked"], "locked", false, &g.Locked)
	f.setSpan(k["maintenance"], "maintenance", false, &g.Maintenance)
	if v := k["earlier"]; v != nil {
		g.Earlier = nil
		for _, one := range f.list(v, "earlier") {
			g.Earlier = append(g.Earlier, f.earlier(one))
		}
	}
}

func (f *fixtureFile) earlier(n *yaml.Node) Earlier {
	k := f.fields(n, "earlier", earlierKeys)
	var e Earlier
	if v := k["test"]; v != nil {
		e.Test, _ = f.word(v, "test")
	}
	f.setSpan(k["ago"], "ago", false, &e.Ago)
	if n.Kind == yaml.MappingNode && (k["test"] == nil || k["ago"] == nil) {
		f.fail(n, "write it like {test: a restart helps, ago: 10m}", "earlier needs a test and how long ago it was")
	}
	return e
}

// earlierExists checks the names that stand under earlier.
func (f *fixtureFile) earlierExists(x *Fixture, n *yaml.Node) {
	for _, e := range x.Given.Earlier {
		switch {
		case e.Test == "":
		case e.Test == x.Name:
			f.fail(n, "", "the test %s cannot come before itself", clip(x.Name, 60))
		case f.names[e.Test] == 0:
			f.fail(n, didYouMean(e.Test, slices.Collect(maps.Keys(f.names))), "the test %s comes after %s, which is no test of this file", clip(x.Name, 60), clip(e.Test, 60))
		}
	}
}

// results reads what comes of steps.
func (f *fixtureFile) results(n *yaml.Node, into map[string][]Outcome) {
	for _, e := range f.entries(n, "steps") {
		st := f.steps[e.key.Value]
		if st == nil {
			f.fail(e.key, didYouMean(e.key.Value, slices.Collect(maps.Keys(f.steps))), "no scenario of the project has a step %s", clip(e.key.Value, 60))
			continue
		}
		if st.Kind == "wait" {
			f.fail(e.key, "leave it out", "the step %s only waits: nothing comes of it", clip(e.key.Value, 60))
			continue
		}
		into[e.key.Value] = nil
		for _, v := range f.list(e.value, e.key.Value) {
			into[e.key.Value] = append(into[e.key.Value], f.result(v, st))
		}
	}
}

// result is a verdict, or a mapping.
func (f *fixtureFile) result(n *yaml.Node, st *Step) Outcome {
	verdict := func(n *yaml.Node) Verdict {
		return Verdict(f.oneOf(n, "the verdict", string(OK), string(NG), string(Unknown)))
	}
	if n.Kind != yaml.MappingNode {
		return Outcome{Verdict: verdict(n)}
	}
	var o Outcome
	k := f.fields(n, "the result", resultKeys)
	if v := k["verdict"]; v != nil {
		o.Verdict = verdict(v)
	} else {
		f.fail(n, "say OK, NG or UNKNOWN", "the result of %s has no verdict", clip(st.Name, 60))
	}
	if v := k["why"]; v != nil {
		o.Why, _ = f.word(v, "why")
	}
	if v := k["output"]; v != nil {
		s, _ := f.word(v, "output")
		o.Output, o.Line = []byte(s), lastLine(s)
	}
	if v := k["line"]; v != nil {
		o.Line, _ = f.word(v, "line")
	}
	if v := k["fields"]; v != nil {
		o.Fields = f.values(v, "fields")
		for _, e := range f.entries(v, "fields") {
			if !slices.Contains(st.Fields(), e.key.Value) {
				f.fail(e.key, didYouMean(e.key.Value, st.Fields()), "a step of kind %s has no field %s", st.Kind, clip(e.key.Value, 60))
			}
		}
	}
	f.setSpan(k["took"], "took", true, &o.Took)
	if v := k["tries"]; v != nil {
		o.Tries = f.integer(v, "tries", 1, 100)
	}
	return o
}

// others reads what others do: clicks, news, refusals.
func (f *fixtureFile) others(said map[string]*yaml.Node, x *Fixture) {
	if v := said["clicks"]; v != nil {
		for _, n := range f.list(v, "clicks") {
			x.Clicks = append(x.Clicks, f.click(n))
		}
	}
	if v := said["news"]; v != nil {
		for _, n := range f.list(v, "news") {
			x.News = append(x.News, f.newsItem(n))
		}
	}
	if v := said["refuse"]; v != nil {
		acts := []string{"acknowledge", "escalate", "resolve", "note"}
		for _, e := range f.entries(v, "refuse") {
			if !slices.Contains(acts, e.key.Value) {
				f.fail(e.key, didYouMean(e.key.Value, acts), "PagerDuty has no act %s", clip(e.key.Value, 60))
			}
			x.Refuse[e.key.Value], _ = f.word(e.value, e.key.Value)
		}
	}
}

func (f *fixtureFile) click(n *yaml.Node) FixtureClick {
	var c FixtureClick
	k := f.fields(n, "the click", clickKeys)
	if v := k["press"]; v != nil && clickLabels[v.Value] != "" {
		f.fail(v, "did you mean "+clickLabels[v.Value]+"?", "press is %s, which stands on the button", v.Value)
	} else if v != nil {
		c.Press = f.oneOf(v, "press", clickWords...)
	}
	if v := k["by"]; v != nil {
		c.By, _ = f.word(v, "by")
	}
	if n.Kind == yaml.MappingNode && (k["press"] == nil || k["by"] == nil) {
		f.fail(n, "write it like {press: recover, by: aiko}", "the click needs a button and a person")
	}
	if v := k["user"]; v != nil {
		c.User, _ = f.word(v, "user")
	}
	if v := k["groups"]; v != nil {
		c.Groups = f.words(v, "groups")
		if c.User == "" {
			f.fail(v, "say user too", "groups without a Slack user")
		}
	}
	f.setSpan(k["after"], "after", true, &c.After)
	if v := k["text"]; v != nil {
		c.Text, _ = f.word(v, "text")
	}
	if v := k["override"]; v != nil {
		c.Override = f.boolean(v, "override")
	}
	return c
}

func (f *fixtureFile) newsItem(n *yaml.Node) FixtureNews {
	w := FixtureNews{By: "monitoring"}
	k := f.fields(n, "the news", newsKeys)
	if v := k["is"]; v != nil {
		w.Is = f.oneOf(v, "is", newsWords...)
	} else if n.Kind == yaml.MappingNode {
		f.fail(n, "write it like {is: resolved, by: monitoring, after: 1m}", "the news say nothing")
	}
	f.setSpan(k["after"], "after", true, &w.After)
	if v := k["by"]; v != nil {
		w.By, _ = f.word(v, "by")
	}
	if (w.Is == "acknowledged" || w.Is == "reassigned") && w.By == "monitoring" {
		f.fail(n, "say by: and a name", "%s is what a person does", w.Is)
	}
	if v := k["details"]; v != nil {
		if w.Is != "alert" {
			f.fail(v, "", "only an alert has details")
		}
		w.Alert = &Alert{Details: f.values(v, "details")}
	} else if w.Is == "alert" {
		w.Alert = &Alert{}
	}
	return w
}
