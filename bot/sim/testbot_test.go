package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackutilsx"
	"github.com/slack-go/slack/socketmode"
)

// testBot is a small scripted program with the real Slack client. It draws one
// card per incident, knows three buttons, a menu, a modal, a command and Home,
// and nothing of PagerDuty but the webhook's title.
type testBot struct {
	access  Access
	patient func() string // host:port of what restarts the patient
	client  *http.Client
	api     *slack.Client
	mute    chan struct{} // closed: clicks are not answered any more
	dialer  *websocket.Dialer

	mu    sync.Mutex
	cards map[string]*testCard // by message timestamp
}

type testCard struct {
	channel, ts, incident, title string
}

const testChannel = "C0SHOPOPS1"

func newTestBot(a Access, client *http.Client, patient func() string) *testBot {
	return &testBot{
		access: a, dialer: websocket.DefaultDialer, patient: patient, client: client, mute: make(chan struct{}), cards: map[string]*testCard{},
		api: slack.New(a.BotToken, slack.OptionAppLevelToken(a.AppToken), slack.OptionAPIURL(a.SlackAPI), slack.OptionHTTPClient(client)),
	}
}

// ServeHTTP takes PagerDuty's webhooks and draws cards.
func (b *testBot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Event struct {
			Type string `json:"event_type"`
			Data struct{ ID, Title string }
		}
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	if in.Event.Type == "incident.triggered" {
		go b.post(in.Event.Data.ID, in.Event.Data.Title)
	}
}

func (b *testBot) post(incident, title string) {
	c := &testCard{channel: testChannel, incident: incident, title: title}
	_, ts, err := b.api.PostMessage(c.channel, b.draw(c, "Waiting for your decision", "#daa038", true)...)
	if err != nil {
		return
	}
	c.ts = ts
	b.mu.Lock()
	b.cards[ts] = c
	b.mu.Unlock()
	b.reply(c, "Check *health endpoint* is `NG`: status 500\n```GET /healthz\nHTTP/1.1 500 Internal Server Error```")
}

func (b *testBot) reply(c *testCard, text string) {
	b.api.PostMessage(c.channel, slack.MsgOptionText(text, false), slack.MsgOptionTS(c.ts))
}

func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", s, false, false)
}
func markText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("mrkdwn", s, false, false)
}

func (b *testBot) draw(c *testCard, status, colour string, buttons bool) []slack.MsgOption {
	safe := slack.NewTextBlockObject("plain_text", cut(c.title, 140), false, false)
	blocks := []slack.Block{
		slack.NewHeaderBlock(safe),
		slack.NewSectionBlock(nil, []*slack.TextBlockObject{
			markText("*Status*\n" + status), markText("*Service*\nshop-web"),
			markText("*Check*\n2 of 3 failed :warning:"), markText("*Has it*\n<@U0AIKO0001>"),
		}, nil),
	}
	if buttons {
		run := slack.NewButtonBlockElement("run", c.incident, plainText("Run Recovery")).WithStyle(slack.StylePrimary)
		run.Confirm = slack.NewConfirmationBlockObject(plainText("Run recovery restart-web?"),
			markText("It restarts *web-1* and checks it again."), plainText("Run"), plainText("Cancel"))
		blocks = append(blocks, slack.NewActionBlock("acts-"+c.ts,
			run, slack.NewButtonBlockElement("take", c.incident, plainText("Take Over")),
			slack.NewButtonBlockElement("escalate", c.incident, plainText("Escalate")),
			slack.NewOverflowBlockElement("more", slack.NewOptionBlockObject("note", plainText("Add Note"), nil),
				slack.NewOptionBlockObject("why", plainText("Why This Scenario"), nil))))
	}
	now := time.Now().Unix()
	blocks = append(blocks, slack.NewContextBlock("", markText(fmt.Sprintf("web-unhealthy · opened <!date^%d^{date_short_pretty} {time}|now>", now))))
	return []slack.MsgOption{
		slack.MsgOptionText(slackutilsx.EscapeMessage(cut(c.title, 140)), false),
		slack.MsgOptionAttachments(slack.Attachment{Color: colour, Fallback: status, Blocks: slack.Blocks{BlockSet: blocks}}),
	}
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// run reads events until ctx is done.
func (b *testBot) run(ctx context.Context) error {
	sm := socketmode.New(b.api, socketmode.OptionDialer(b.dialer))
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-sm.Events:
				work.Go(func() { b.event(sm, e) })
			}
		}
	})
	return sm.RunContext(ctx)
}

func (b *testBot) event(sm *socketmode.Client, e socketmode.Event) {
	switch data := e.Data.(type) {
	case slack.SlashCommand:
		sm.Ack(*e.Request, map[string]any{"response_type": "ephemeral", "text": "You said `" + data.Text + "`. Try *list* or _help_."})
	case slack.InteractionCallback:
		select {
		case <-b.mute:
			return
		default:
		}
		b.interact(sm, e, data)
	default:
		if e.Type == socketmode.EventTypeEventsAPI {
			sm.Ack(*e.Request)
			if strings.Contains(string(e.Request.Payload), "app_home_opened") {
				b.home(e)
			}
		}
	}
}

func (b *testBot) home(e socketmode.Event) {
	var p struct{ Event struct{ User string } }
	if json.Unmarshal(e.Request.Payload, &p) != nil {
		return
	}
	b.api.PublishViewContext(context.Background(), slack.PublishViewContextRequest{UserID: p.Event.User, View: slack.HomeTabViewRequest{
		Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewHeaderBlock(plainText("Open incidents")), slack.NewSectionBlock(markText("Nothing is open."), nil, nil),
		}},
	}})
}

func (b *testBot) interact(sm *socketmode.Client, e socketmode.Event, in slack.InteractionCallback) {
	if in.Type == slack.InteractionTypeViewSubmission {
		text := in.View.State.Values["note"]["text"].Value
		if len(text) < 5 {
			sm.Ack(*e.Request, slack.NewErrorsViewSubmissionResponse(map[string]string{"note": "Say at least five letters."}))
			return
		}
		sm.Ack(*e.Request)
		if c := b.card(in.View.PrivateMetadata); c != nil {
			b.reply(c, "<@"+in.User.ID+"> noted: "+slackutilsx.EscapeMessage(text))
		}
		return
	}
	sm.Ack(*e.Request)
	c := b.card(in.Container.MessageTs)
	if c == nil || len(in.ActionCallback.BlockActions) == 0 {
		return
	}
	a := in.ActionCallback.BlockActions[0]
	choice := a.SelectedOption.Value
	switch {
	case a.ActionID == "run" && in.User.ID == "U0DAN00001":
		b.api.PostEphemeral(c.channel, in.User.ID, slack.MsgOptionText("Run Recovery is for operators: ask <@U0AIKO0001>.", false))
	case a.ActionID == "run":
		b.heal(c, in.User.ID)
	case a.ActionID == "more" && choice == "note":
		b.modal(in.TriggerID, c)
	case a.ActionID == "take":
		b.api.UpdateMessage(c.channel, c.ts, b.draw(c, "<@"+in.User.ID+"> has it", "#daa038", true)...)
	}
}

func (b *testBot) card(ts string) *testCard {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cards[ts]
}

func (b *testBot) heal(c *testCard, user string) {
	b.api.UpdateMessage(c.channel, c.ts, b.draw(c, "Recovery is running", "#1d9bd1", false)...)
	if resp, err := b.client.Post("http://"+b.patient()+"/restart", "", nil); err == nil {
		resp.Body.Close()
	}
	b.reply(c, "<@"+user+"> ran *restart-web*: done.")
	b.api.UpdateMessage(c.channel, c.ts, b.draw(c, "Recovered at the word of <@"+user+">", "#2eb886", false)...)
}

func (b *testBot) modal(trigger string, c *testCard) {
	input := slack.NewPlainTextInputBlockElement(plainText("What did you find?"), "text")
	input.Multiline = true
	block := slack.NewInputBlock("note", plainText("Note"), plainText("It goes to the incident and the thread."), input)
	b.api.OpenView(trigger, slack.ModalViewRequest{
		Type: slack.VTModal, Title: plainText("Add Note"), Submit: plainText("Add"), Close: plainText("Cancel"),
		PrivateMetadata: c.ts, CallbackID: "note", Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewSectionBlock(slack.NewTextBlockObject("plain_text", cut(c.title, 200), false, false), nil, nil), block,
		}},
	})
}
