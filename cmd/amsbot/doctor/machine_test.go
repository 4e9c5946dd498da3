package doctor_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"amsbot/bot/admin"
	"amsbot/cmd/amsbot/app"
	"amsbot/store"
)

func TestOwnFaults(t *testing.T) {
	check(t, map[string]fault{
		"a clock that is ahead":  {func(s *set) { s.way = dated(-2 * time.Hour) }, ahead, "timedatectl"},
		"a clock that is behind": {func(s *set) { s.way = dated(2 * time.Hour) }, behind, "set-ntp"},
		"a folder that cannot be written": {func(s *set) { s.edit("database: amsbot.db", "database: /proc/amsbot.db") }, []string{
			"This machine: NG database /proc/amsbot.db: its folder cannot be written: ",
			"This machine: NG disk of the database: only 0 KB are free",
		}, "let amsbot's user write it"},
		"a database that is none": {func(s *set) { s.files["../amsbot.db"] = strings.Repeat("no database\n", 5000) }, []string{
			"This machine: NG database DIR/amsbot.db: open DIR/amsbot.db: ",
		}, "name amsbot's own database"},

		"a database that another process holds": {func(s *set) {
			db, err := store.Open(filepath.Join(s.dir, "amsbot.db"), store.Options{})
			if err != nil {
				s.t.Fatal(err)
			}
			s.t.Cleanup(func() { _ = db.Close() })
		}, []string{"This machine: NG database DIR/amsbot.db: open DIR/amsbot.db: another process holds it: pid "}, "stop the other amsbot"},
		"a database that is sealed": {func(s *set) {
			db, err := store.Open(filepath.Join(s.dir, "amsbot.db"), store.Options{Key: []byte("a key of the history")})
			if err != nil {
				s.t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				s.t.Fatal(err)
			}
		}, []string{"This machine: NG database DIR/amsbot.db: it is sealed with a key"}, "AMSBOT_HISTORY_KEY"},
		"an amsbot that does not answer": {func(s *set) { s.mute = errors.New("admin: ask for health: timeout") }, []string{
			"PagerDuty: UNKNOWN webhook secret: the amsbot that runs cannot be asked",
			"This machine: UNKNOWN database DIR/amsbot.db: an amsbot runs on it that cannot be asked: ",
		}, "its log"},
		"an address that is taken": {func(s *set) { s.edit("listen: bot.example:80", "listen: sim.example:80") }, []string{
			"This machine: NG listen sim.example:80: ",
		}, "choose another address"},
		"two mistakes in scenarios": {func(s *set) {
			s.files["shop/web.yaml"] = strings.Replace(scenario, "when:", "autonomy: never\nwehn:", 1)
		}, []string{
			"Slack: UNKNOWN channels: ", "PagerDuty: UNKNOWN services and lines: ",
			"Scenarios: NG folder DIR/scenarios: 3 problems, the first: DIR/scenarios/shop/web.yaml:",
		}, "names all"},

		"a broken scenario": {func(s *set) { s.files["shop/web.yaml"] = strings.Replace(scenario, "check:", "chekc:", 1) }, []string{
			"Slack: UNKNOWN channels: ", "PagerDuty: UNKNOWN services and lines: ",
			"Scenarios: NG folder DIR/scenarios: ",
		}, "amsbot lint DIR/scenarios"},
		"nobody may recover": {func(s *set) { s.edit("run: [S0SHOPOPS1, U0CHIE0001]", "run: []") }, []string{
			"Scenarios: NG who may press Run Recovery: nobody, and amsbot does not start",
		}, "permissions.run"},
		"nobody in common": {func(s *set) {
			s.edit("run: [S0SHOPOPS1, U0CHIE0001]", "run: [U0AIKO0001]")
			s.project("[S0SHOPOPS1, U0CHIE0001]", "[U0CHIE0001]")
		}, []string{"Scenarios: NG who may press Run Recovery in project shop: nobody"}, "in both"},

		"a typing mistake in amsbot.yaml": {func(s *set) { s.edit("listen:", "lisen:") }, []string{
			"Configuration: NG DIR/amsbot.yaml: ",
			"Configuration: UNKNOWN everything else: ",
		}, "there is no key lisen here -> every key stands in the example: amsbot init"},
		"a variable that is not set": {func(s *set) { delete(s.env, app.EnvSlackApp) }, []string{
			"Configuration: NG secrets in the environment: SLACK_APP_TOKEN is not set",
			"Slack: NG app token: there is no app token",
		}, "NAME_FILE"},
		"no token for PagerDuty": {func(s *set) { delete(s.env, app.EnvPagerDuty) }, []string{
			"Configuration: NG secrets in the environment: PAGERDUTY_TOKEN is not set",
			"PagerDuty: UNKNOWN token, rights and levels: ", "This machine: UNKNOWN clock, beside PagerDuty: ",
		}, "NAME_FILE"},
		"what runs is unwell": {func(s *set) {
			s.running = &admin.Health{OK: true, Version: "1.0", PID: 7, Parts: []admin.Part{{Name: "database", OK: true}, {Name: "scenarios", Why: "2 problems"}}}
			s.running.Heard.Signed = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
		}, []string{"This machine: NG scenarios of the amsbot that runs: 2 problems"}, "healthcheck"},
		"what runs heard another secret": {func(s *set) {
			s.running = &admin.Health{OK: true, Version: "1.0", PID: 7, Heard: admin.Heard{Refused: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}}
		}, []string{"PagerDuty: NG webhook secret: the newest webhook was signed with another"}, "the secret that PagerDuty showed"},
	})
}

var (
	ahead  = []string{"This machine: NG clock, beside Slack: it is 2h0m0s ahead", "This machine: NG clock, beside PagerDuty: it is 2h0m0s ahead"}
	behind = []string{"This machine: NG clock, beside Slack: it is 2h0m0s behind", "This machine: NG clock, beside PagerDuty: it is 2h0m0s behind"}
)
