package pagerduty

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestNobodyActsAndItEscalatesLevelByLevel(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise("shop-web", "a")
		i := w.incident(id)
		if i.Level != 1 || assignees(i) != "amsbot" || w.ringing() != "" {
			t.Fatalf("at first: level %d, %s, ringing %q", i.Level, assignees(i), w.ringing())
		}
		if i.Escalation == nil || i.Escalation.Level != 2 || i.Escalation.To[0].Name != "Ann" || time.Until(i.Escalation.At) != time.Minute {
			t.Fatalf("next escalation: %+v", i.Escalation)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if i = w.incident(id); i.Level != 2 || assignees(i) != "Ann" || w.ringing() != "Ann" {
			t.Fatalf("after a minute: level %d, %s, ringing %q", i.Level, assignees(i), w.ringing())
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if i = w.incident(id); i.Level != 3 || w.ringing() != "Bob" || i.Escalation != nil || i.Stuck != "last level" {
			t.Fatalf("at the end: level %d, ringing %q, next %+v, stuck %q", i.Level, w.ringing(), i.Escalation, i.Stuck)
		}
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if i = w.incident(id); i.Level != 3 || w.ringing() != "Bob" {
			t.Fatalf("a day later: level %d, ringing %q", i.Level, w.ringing())
		}
	})
}

func TestEmptyLevelsAreSkippedAndThePolicyRepeats(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise("shop-gaps", "a")
		for n, want := range []string{"Ann", "Bob", "Ann", "Bob", "Bob"} {
			if got := assignees(w.incident(id)); got != want {
				t.Fatalf("after %d minutes: %s, want %s", n, got, want)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
		}
		if w.incident(id).Escalation != nil {
			t.Fatal("a timer still runs after the last round")
		}
	})
}

func TestAcknowledgementStopsTheClockAndLapses(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise("shop-web", "a")
		time.Sleep(time.Minute)
		synctest.Wait()
		ok(t, w.Acknowledge(ann, id))
		if i := w.incident(id); i.Status != acknowledged || i.Escalation != nil || w.ringing() != "" {
			t.Fatalf("%s, next %+v, ringing %q", i.Status, i.Escalation, w.ringing())
		}
		time.Sleep(10*time.Minute - time.Second)
		synctest.Wait()
		if i := w.incident(id); i.Status != acknowledged {
			t.Fatalf("lapsed too early: %s", i.Status)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		i := w.incident(id)
		if i.Status != triggered || w.ringing() != "Ann" || i.Escalation == nil || i.Escalation.Level != 3 {
			t.Fatalf("lapsed: %s, ringing %q, next %+v", i.Status, w.ringing(), i.Escalation)
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if w.ringing() != "Bob" {
			t.Fatalf("after the lapse it does not escalate: %q", w.ringing())
		}
	})
}

// What a bot acknowledges comes back by itself when the bot dies.
func TestAPageIsNotSwallowedByABotThatDies(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise("shop-web", "a")
		ok(t, w.Acknowledge(bot, id))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if i := w.incident(id); i.Status != triggered || assignees(i) != "amsbot" {
			t.Fatalf("%s, %s", i.Status, assignees(i))
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if w.ringing() != "Ann" {
			t.Fatalf("ringing %q", w.ringing())
		}
	})
}

func TestSnoozeEndsByRingingAgain(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise("shop-web", "a")
		ok(t, w.Snooze(ann, id, time.Hour))
		time.Sleep(time.Hour - time.Second)
		synctest.Wait()
		if i := w.incident(id); i.Status != acknowledged || w.ringing() != "" {
			t.Fatalf("the acknowledgement timeout worked during the snooze: %s", i.Status)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if i := w.incident(id); i.Status != triggered || w.ringing() != "Ann" {
			t.Fatalf("%s, ringing %q", i.Status, w.ringing())
		}
	})
}

func TestLowUrgencyDoesNotEscalate(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise("shop-low", "a")
		time.Sleep(time.Hour)
		synctest.Wait()
		if i := w.incident(id); i.Level != 1 || i.Stuck == "" {
			t.Fatalf("level %d, stuck %q", i.Level, i.Stuck)
		}
		refused(t, w.Escalate(ann, id, 2), 400, 1006)
		ok(t, w.Urgency(ann, id, "high"))
		time.Sleep(time.Minute)
		synctest.Wait()
		if i := w.incident(id); i.Level != 2 {
			t.Fatalf("high urgency does not escalate: level %d", i.Level)
		}
	})
}

func TestDirectAssignmentDoesNotEscalate(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise("shop-web", "a")
		ok(t, w.Reassign(ann, id, bob))
		time.Sleep(time.Hour)
		synctest.Wait()
		if i := w.incident(id); assignees(i) != "Bob" || i.Escalation != nil || w.ringing() != "Bob" {
			t.Fatalf("%s, next %+v, ringing %q", assignees(i), i.Escalation, w.ringing())
		}
	})
}

func TestRunStopsAndCanRunAgain(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise("shop-web", "a")
		w.stop()
		time.Sleep(time.Hour)
		if i := w.incident(id); i.Level != 1 {
			t.Fatal("timers work without Run")
		}
		ctx := t.Context()
		go w.Run(ctx)
		synctest.Wait()
		if i := w.incident(id); i.Level != 2 {
			t.Fatalf("what was due is not done: level %d", i.Level)
		}
	})
}
