package sim

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot/sim/slack"
)

func TestControlPatient(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.post("ail", `{"ailment":"errors"}`)
		time.Sleep(10 * time.Second)
		st := w.see("aiko")
		if st.Patient.Ailment != "errors" || len(st.PagerDuty.Incidents) != 1 {
			t.Fatalf("ailment %q with %d incidents, want errors with 1", st.Patient.Ailment, len(st.PagerDuty.Incidents))
		}
		w.post("heal", `{}`)
		time.Sleep(10 * time.Second)
		if st = w.see("aiko"); st.PagerDuty.Incidents[0].Status != "resolved" {
			t.Errorf("after healing: %s, want resolved by the monitor", st.PagerDuty.Incidents[0].Status)
		}
		w.post("monitor", `{"watching":false}`)
		if m := w.see("aiko").Patient.Monitor; m.Watching || !m.AutoClear {
			t.Errorf("monitor %+v, want only watching off", m)
		}
		w.post("ail", `{"ailment":"disk"}`)
		time.Sleep(time.Minute)
		if n := len(w.see("aiko").PagerDuty.Incidents); n != 1 {
			t.Errorf("%d incidents, want 1: nobody watches", n)
		}
	})
}

func TestControlExamples(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.post("example", `{"kind":"unmatched"}`)
		if i := w.see("").PagerDuty.Incidents; len(i) != 1 || i[0].Service.Name != "shop-mail" {
			t.Fatalf("unmatched: %d incidents", len(i))
		}
		w.post("example", `{"kind":"hostile"}`)
		if i := w.see("").PagerDuty.Incidents[0]; !strings.Contains(i.Title, "<script>alert(1)</script>") {
			t.Errorf("hostile: %.80q", i.Title)
		}
		w.post("example", `{"kind":"storm"}`)
		if n := len(w.see("").PagerDuty.Incidents); n != 2+stormSize {
			t.Errorf("storm: %d incidents, want %d", n, 2+stormSize)
		}
	})
}

func TestControlRaiseAndActs(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		id := w.post("raise", `{"service":"shop-web","title":"Odd","key":"k","details":{"host":"web-1"}}`)["incident"].(string)
		if a := w.see("").PagerDuty.Incidents[0].Alerts[0]; a.Details["host"] != "web-1" {
			t.Errorf("details %v", a.Details)
		}
		time.Sleep(31 * time.Second)
		st := w.see("").PagerDuty
		if st.Incidents[0].Level != 2 || len(st.Pages) != 1 || !st.Pages[0].Ringing {
			t.Fatalf("after the bot's time: level %d, pages %+v; want level 2 ringing", st.Incidents[0].Level, st.Pages)
		}
		w.post("pagerduty/acknowledge", `{"user":"aiko@shop.example","incident":"`+id+`"}`)
		if st = w.see("").PagerDuty; st.Incidents[0].Status != "acknowledged" || st.Pages[0].Ringing {
			t.Errorf("after Aiko: %s, ringing %v", st.Incidents[0].Status, st.Pages[0].Ringing)
		}
		w.post("pagerduty/note", `{"user":"PAIKO01","incident":"`+id+`","text":"Looking"}`)
		if n := w.see("").PagerDuty.Incidents[0].Notes; len(n) != 1 || n[0].Content != "Looking" {
			t.Errorf("notes %+v", n)
		}
		w.post("clear", `{"service":"shop-web","key":"k"}`)
		if s := w.see("").PagerDuty.Incidents[0].Status; s != "resolved" {
			t.Errorf("after clear: %s", s)
		}
		w.post("raise", `{"service":"shop-db","title":"Text","text":"just words"}`)
		if a := w.see("").PagerDuty.Incidents[0].Alerts[0]; a.Text != "just words" {
			t.Errorf("details as text: %+v", a)
		}
	})
}

func TestControlSlack(t *testing.T) {
	inWorld(t, toBot, func(w *world) {
		w.withBot()
		w.post("raise", `{"service":"shop-web","title":"Health check of web-1 failed"}`)
		time.Sleep(time.Second)
		card := w.see("dan").channel(t, "shop-ops").Messages[0]
		click := func(user, action, more string) map[string]any {
			return w.post("click", `{"user":"`+user+`","channel":"`+testChannel+`","message_ts":"`+card.TS+`","action_id":"`+action+`"`+more+`}`)
		}
		if r := click(dan, "run", ""); r["acked"] != true {
			t.Errorf("click: %v", r)
		}
		time.Sleep(time.Second)
		last := func(as string) slack.Message {
			all := w.see(as).channel(t, "shop-ops").Messages
			return all[len(all)-1]
		}
		if m := last("dan"); !m.Ephemeral || !strings.Contains(m.Text, "for operators") {
			t.Errorf("Dan sees %+v", m)
		}
		if m := last("aiko"); m.Ephemeral {
			t.Error("Aiko sees what only Dan may see")
		}
		w.post("reload", `{"user":"`+dan+`"}`)
		if m := last("dan"); m.Ephemeral {
			t.Error("an ephemeral message outlived the reload")
		}
		click(aiko, "more", `,"selected_option":"note"`)
		time.Sleep(time.Second)
		view := w.see("aiko").Slack.Modals[0].ID
		w.post("submit", `{"user":"`+aiko+`","view_id":"`+view+`","values":{"note":{"text":{"value":"abc"}}}}`)
		if e := w.see("aiko").Slack.Modals[0].Errors["note"]; e == "" {
			t.Error("no error at the field")
		}
		w.post("close", `{"user":"`+aiko+`","view_id":"`+view+`"}`)
		if n := len(w.see("aiko").Slack.Modals); n != 0 {
			t.Errorf("%d modals after close", n)
		}
		if r := w.post("command", `{"user":"`+aiko+`","channel":"`+testChannel+`","command":"/ams","text":"list"}`); r["acked"] != true {
			t.Errorf("command: %v", r)
		}
		w.post("home", `{"user":"`+aiko+`"}`)
		time.Sleep(time.Second)
		if w.see("aiko").Slack.Home == nil {
			t.Error("no Home after it was opened")
		}
		if w.post("say", `{"user":"`+aiko+`","channel":"`+testChannel+`","text":"I am on it"}`)["ts"] == "" {
			t.Error("say answers no ts")
		}
		for path, want := range map[string]string{
			"calls?of=slack": "chat.postMessage", "messages?channel=shop-ops": "I am on it", "messages": "I am on it",
			"messages/versions?channel=shop-ops&ts=" + card.TS: "Waiting for your decision",
		} {
			if status, text := w.call("GET", "/control/"+path, ""); status != 200 || !strings.Contains(text, want) {
				t.Errorf("GET %s: %d without %q", path, status, want)
			}
		}
	})
}

func TestControlFaults(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		bearer := []string{"Authorization", "Bearer " + w.Access(worldAt).BotToken}
		ask := func() int {
			status, _ := w.call("POST", "/slack/api/auth.test", "{}", bearer...)
			return status
		}
		id := w.post("slack/fault", `{"method":"auth.*","times":-1,"status":503}`)["id"]
		if got := ask(); got != 503 {
			t.Errorf("with a fault: %d, want 503", got)
		}
		body, _ := json.Marshal(map[string]any{"id": id})
		w.post("slack/heal", string(body))
		if got := ask(); got != 200 {
			t.Errorf("healed: %d, want 200", got)
		}
		token := []string{"Authorization", "Token token=" + w.Access(worldAt).Token}
		list := func() int {
			status, _ := w.call("GET", "/pagerduty/users", "", token...)
			return status
		}
		w.post("pagerduty/fault", `{"method":"GET","path":"/users","kind":"status","status":500,"for":"1m"}`)
		if got := list(); got != 500 {
			t.Errorf("PagerDuty with a fault: %d, want 500", got)
		}
		time.Sleep(61 * time.Second)
		if got := list(); got != 200 {
			t.Errorf("after the fault's minute: %d, want 200", got)
		}
		w.post("pagerduty/fault", `{"kind":"status","status":500}`)
		w.post("pagerduty/heal", `{"id":0}`)
		if got := list(); got != 200 {
			t.Errorf("PagerDuty healed: %d, want 200", got)
		}
	})
}

func TestControlSockets(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.withBot()
		if n := w.see("").Slack.Connections; n != 1 {
			t.Fatalf("%d connections, want 1", n)
		}
		if told := w.post("slack/disconnect", `{"reason":"refresh_requested"}`)["told"]; told != 1.0 {
			t.Errorf("told %v, want 1", told)
		}
		time.Sleep(time.Second)
		if cut := w.post("slack/drop", `{"n":-1}`)["cut"]; cut != 1.0 {
			t.Errorf("cut %v, want 1: the client was to be back", cut)
		}
		w.post("slack/duplicate", `{"n":1}`)
	})
}

// switched is a bot that is nothing but its switch.
type switched struct {
	mu     sync.Mutex
	on     bool
	broken error
}

func (b *switched) set(on bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken == nil {
		b.on = on
	}
	return b.broken
}
func (b *switched) Kill() error  { return b.set(false) }
func (b *switched) Start() error { return b.set(true) }
func (b *switched) Running() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.on
}
func (b *switched) Lines() []string { return []string{"listening"} }

func TestControlBot(t *testing.T) {
	b := &switched{}
	inWorld(t, func(o *Options) { o.Bot = b }, func(w *world) {
		if got := w.post("bot/start", `{}`)["running"]; got != true {
			t.Errorf("running %v after start", got)
		}
		if st := w.see("").Bot; st == nil || !st.Running || len(st.Lines) != 1 {
			t.Errorf("state %+v", st)
		}
		if got := w.post("bot/kill", `{}`)["running"]; got != false {
			t.Errorf("running %v after kill", got)
		}
		b.broken = errors.New("demo: start bot: no such file")
		if status, text := w.call("POST", "/control/bot/start", `{}`); status != 409 || !strings.Contains(text, "no such file") {
			t.Errorf("a start that fails: %d %s", status, text)
		}
	})
}

func TestControlChanges(t *testing.T) {
	inWorld(t, func(o *Options) { o.Bot, o.NoPatient = &switched{}, true }, func(w *world) {
		resp, err := w.client.Get(worldAt + "/control/changes")
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		events := 0
		done := make(chan struct{})
		go func() {
			defer close(done)
			buf := make([]byte, 4096)
			for {
				n, err := resp.Body.Read(buf)
				mu.Lock()
				events += strings.Count(string(buf[:n]), "data: ")
				mu.Unlock()
				if err != nil {
					return
				}
			}
		}()
		count := func() int {
			mu.Lock()
			defer mu.Unlock()
			n := events
			events = 0
			return n
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := count(); n < 1 || n > 2 {
			t.Errorf("%d events in a quiet minute, want the first and at most one more", n)
		}
		for range 1000 {
			w.pulse.beat()
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Second)
		if n := count(); n < 9 || n > 11 {
			t.Errorf("%d events for a thousand changes in a second, want about 10", n)
		}
		w.opt.Bot.Start()
		time.Sleep(time.Second)
		if n := count(); n != 1 {
			t.Errorf("%d events when the bot came up by itself, want 1", n)
		}
		resp.Body.Close()
		<-done
	})
}
