package bot

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"amsbot/scenarios"
	"amsbot/store"
)

// IncidentKeys begin the keys of incidents, and of nothing else.
const IncidentKeys = "pd:"

// The keys of guards and of dedupe keys. What an alert says stands in some of
// them, and a key that the store refuses would refuse its whole commit, each
// time it is tried: so every one of them fits.

func (in *incident) lockGuard() string {
	return fitKey("lock:" + in.targetKey())
}

// targetKey names a target among those of all projects.
func (in *incident) targetKey() string { return in.match.Project.Name + "/" + in.match.Target }

// service names the incident's service, by ID where that is known.
func (in *incident) service() string {
	if in.snap != nil {
		return cmp.Or(in.snap.Incident.Service.ID, in.snap.Incident.Service.Name)
	}
	return cmp.Or(in.hint.Service.ID, in.hint.Service.Name)
}

func (in *incident) runsGuard() string {
	return fitKey("runs:" + in.match.Project.Name + "/" + in.match.Scenario + "/" + in.match.Target)
}

// allRunsGuard has the recoveries of all scenarios.
const allRunsGuard = "all_runs"

func (in *incident) scenarioGuard() string {
	return fitKey("scenario_runs:" + in.match.Project.Name + "/" + in.match.Scenario)
}

func (in *incident) breakerGuard() string { return breakerGuard(in.scenarioScope()) }

// scenarioScope is the scenario as pause and resume name it.
func (in *incident) scenarioScope() string {
	return scenarioScope(in.match.Project.Name, in.match.Scenario)
}

const breakerGuards = "breaker:"

func breakerGuard(scope string) string { return fitKey(breakerGuards + scope) }

// healedGuard has the target's successful recoveries, by whatever scenario.
func (in *incident) healedGuard() string {
	return fitKey("healed:" + in.match.Project.Name + "/" + in.match.Target)
}

func (in *incident) stormGuard() string {
	return fitKey(stormKeys + in.match.Project.Name + "/" + in.match.Scenario)
}

func (m *matched) seenGuard() string {
	return fitKey("seen:" + m.Project.Name + "/" + m.Scenario + "/" + m.Target)
}

func resolvedGuard(in *incident, a scenarios.Alert) string {
	key := a.Key
	if key == "" {
		key = a.ID
	}
	return fitKey("resolved:" + in.snap.Incident.Service.ID + "/" + key)
}

const pauseGuards = "pause:"

func pauseGuard(scope string) string { return fitKey(pauseGuards + scope) }

const liftedGuards = "lifted:"

func liftedGuard(scope string) string { return fitKey(liftedGuards + scope) }

// projectScope and scenarioScope name what a pause is about, as [Click.Scope] does;
// everything is coverAll.
func projectScope(project string) string { return coverProject + ":" + project }

func scenarioScope(project, scenario string) string {
	return coverScenario + ":" + project + "/" + scenario
}

// pauseScopes are the scopes whose pauses hold a scenario, the widest first.
func pauseScopes(project, scenario string) []string {
	return []string{coverAll, projectScope(project), scenarioScope(project, scenario)}
}

// fitKey is a key that the store takes: itself, or as much of it as fits with
// the hash of the whole.
func fitKey(key string) string {
	if len(key) <= store.MaxKey && utf8.ValidString(key) && !strings.ContainsFunc(key, unicode.IsControl) {
		return key
	}
	shown := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(key, ""))
	hash := "#" + store.Hash([]byte(key))
	n := min(len(shown), store.MaxKey-len(hash))
	for n > 0 && n < len(shown) && !utf8.RuneStart(shown[n]) {
		n--
	}
	return shown[:n] + hash
}
