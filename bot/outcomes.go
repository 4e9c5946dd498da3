package bot

// Outcome is what a first response came to. One list, used everywhere.
type Outcome string

// The outcomes.
const (
	NoFault              Outcome = "no fault found"
	Recovered            Outcome = "recovered by amsbot"
	RecoveredByWord      Outcome = "recovered at a person's word"
	Healed               Outcome = "healed but not by amsbot"
	ResolvedByPerson     Outcome = "resolved by a person"
	ResolvedByMonitoring Outcome = "resolved by monitoring"
	EscalatedOutcome     Outcome = "escalated"
	HandedOver           Outcome = "handed over"
	HeldOutcome          Outcome = "held"
	Observed             Outcome = "observed"
	Interrupted          Outcome = "interrupted"
	Expired              Outcome = "expired"
	Merged               Outcome = "merged"
)

// branch is how a run ended, which decides what `then` says about it.
type branch string

const (
	branchOK          branch = "ok"
	branchRecovered   branch = "recovered"
	branchFailed      branch = "failed"
	branchUnknown     branch = "unknown"
	branchHeld        branch = "held"
	branchUnmatched   branch = "unmatched"
	branchObserved    branch = "observed"
	branchHealed      branch = "healed"
	branchInterrupted branch = "interrupted" // not OK afterwards
	branchSafe        branch = "safe"        // interrupted, and OK afterwards
	branchExpired     branch = "expired"
	branchDeadline    branch = "deadline"
	branchOver        branch = "over" // resolved or merged meanwhile
)
