package bot

import "sync"

// mostCrowded is how many lines of incidents are kept: some megabytes. Those beyond
// are read each time.
const mostCrowded = 8192

// crowded keeps the lines of a crowd's incidents as they were read last. An index
// and the cards beside it are drawn from all of them every second or so, and few
// have changed in between; to read each anew took a third of the time that a storm
// takes, beside what comes in.
type crowded struct {
	mu sync.Mutex
	by map[string]keptLine
}

type keptLine struct {
	version uint64 // of the record that it is of
	line    crowdLine
}

// get is the line of an incident whose record has this version.
func (c *crowded) get(incident string, version uint64) (crowdLine, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.by[incident]
	return k.line, ok && k.version == version
}

func (c *crowded) put(version uint64, l crowdLine) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = map[string]keptLine{}
	}
	if _, kept := c.by[l.key]; kept || len(c.by) < mostCrowded {
		c.by[l.key] = keptLine{version, l}
	}
}

// forget is for when a crowd is over. Of another one that goes on the lines are
// read once more.
func (c *crowded) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by = nil
}
