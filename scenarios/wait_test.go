package scenarios

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestWait(t *testing.T) {
	st := stepOf(t, "    exec: [ls]\n  - name: w\n    wait: 5m\n", "").scenario.Check[1]
	synctest.Test(t, func(t *testing.T) {
		o := st.Do(context.Background(), Facts{}, Tools{})
		if o.Verdict != OK || !o.Idle || o.Took != 5*time.Minute || st.Wait != 5*time.Minute {
			t.Errorf("%+v", o)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if o := st.Do(ctx, Facts{}, Tools{}); o.Verdict != Unknown || o.Took != time.Minute {
			t.Errorf("%+v", o)
		}
	})
	if line, err := st.Show(Facts{}); line != "wait 5m0s" || err != nil {
		t.Errorf("%q, %v", line, err)
	}
}
