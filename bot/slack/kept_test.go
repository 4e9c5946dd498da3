package slack

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestCacheForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[int](100, 5*time.Minute)
		wrong := errors.New("none")
		c.put("a", 1, nil)
		c.put("b", 0, wrong)
		time.Sleep(50 * time.Second)
		if v, err, ok := c.get("a"); v != 1 || err != nil || !ok {
			t.Error("a is gone")
		}
		if _, err, ok := c.get("b"); err != wrong || !ok {
			t.Error("b is gone")
		}
		time.Sleep(11 * time.Second)
		if _, _, ok := c.get("b"); ok {
			t.Error("an error is kept for a minute only")
		}
		time.Sleep(4 * time.Minute)
		if _, _, ok := c.get("a"); ok {
			t.Error("a is too old")
		}
	})
}

func TestCacheIsBounded(t *testing.T) {
	c := newCache[int](100, time.Minute)
	for i := range 10_000 {
		c.put(strconv.Itoa(i), i, nil)
	}
	if len(c.kept) > 100 {
		t.Errorf("%d kept", len(c.kept))
	}
	if _, _, ok := c.get("9999"); !ok {
		t.Error("the newest is gone")
	}
}

func TestRecentIsBoundedAndForgetsTheOldest(t *testing.T) {
	r := newRecent(3)
	for _, name := range []string{"a", "b", "c"} {
		if first, _ := r.first(name); !first {
			t.Errorf("%s is new", name)
		}
	}
	r.done("b")
	if first, done := r.first("b"); first || !done {
		t.Error("b was done")
	}
	if first, done := r.first("c"); first || done {
		t.Error("c is being done")
	}
	r.first("d")
	if len(r.names) != 3 {
		t.Errorf("%d names", len(r.names))
	}
	if first, _ := r.first("a"); !first {
		t.Error("a was the oldest")
	}
}

func TestPoolIsBoundedAndFinishes(t *testing.T) {
	p := newPool(2)
	ran := 0
	job := func(context.Context) { ran++ }
	for i, want := range []bool{true, true, false} {
		if p.offer(job) != want {
			t.Errorf("offer %d", i)
		}
	}
	p.close()
	p.close()
	if p.offer(job) || !p.stopping() {
		t.Error("work was taken after the end")
	}
	p.run(t.Context())
	if ran != 2 {
		t.Errorf("%d jobs ran", ran)
	}
}
