package sim

// Bot is the switch of the program that is being tried, for whoever started
// it. The simulator knows nothing else about it; it may be absent.
type Bot interface {
	// Kill ends it without a chance to say goodbye, and returns when it is dead.
	Kill() error
	// Start starts it anew; it returns when the program runs, not when it is ready.
	Start() error
	// Running says whether it runs now, whoever ended it.
	Running() bool
	// Lines are the last lines that it printed, oldest first.
	Lines() []string
}

// botState is what the page shows of the switch.
type botState struct {
	Running bool     `json:"running"`
	Lines   []string `json:"lines"`
}
