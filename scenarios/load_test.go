package scenarios

import "testing"

func TestExamplesLoad(t *testing.T) {
	set, err := LoadFS(Examples(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	autonomy := map[Autonomy]int{}
	for _, s := range set.Scenarios {
		autonomy[s.Autonomy]++
		pinned, err := Pin(s.Sources(), Options{})
		if err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		if pinned.Version != s.Version {
			t.Errorf("%s: pinned version %s, loaded %s", s.Name, pinned.Version, s.Version)
		}
	}
	if len(set.Scenarios) < 6 || autonomy[Observe] == 0 || autonomy[Ask] == 0 || autonomy[Auto] == 0 {
		t.Errorf("%d scenarios, by autonomy %v", len(set.Scenarios), autonomy)
	}
}
