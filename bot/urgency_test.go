package bot

import "testing"

// What needs a person goes first, then cards that nobody has read yet, then the last
// word on what is over; what is in between is drawn again anyway.
func TestLastWordsGoBeforeWhatIsUnderWay(t *testing.T) {
	order := [][]Card{
		{{State: CardWaiting}, {State: CardBad}, {State: CardBad, Over: true}},
		{{State: CardReading}},
		{{State: CardGood, Over: true}, {State: CardQuiet, Over: true}},
		{{State: CardChecking}, {State: CardActing}, {State: CardGood}},
	}
	for i, same := range order {
		for _, c := range same {
			if urgency(c) != urgency(same[0]) {
				t.Errorf("%s, over %v: %d, and not %d", c.State, c.Over, urgency(c), urgency(same[0]))
			}
		}
		if i > 0 && urgency(same[0]) <= urgency(order[i-1][0]) {
			t.Errorf("%s goes before %s", same[0].State, order[i-1][0].State)
		}
		if urgency(same[0]) >= urgentLeast {
			t.Errorf("%s waits for what is least urgent", same[0].State)
		}
	}
}
