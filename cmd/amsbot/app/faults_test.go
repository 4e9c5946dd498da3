package app_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// faults are the fifteen groups of what goes wrong, and the tests that make it go
// wrong and hold what must be so all the same: no accepted incident is lost, each
// has one card, no recovery that may not run twice does by itself, a person is told
// when automation stops, and the history says what happened.
var faults = []struct {
	group string
	tests []string
}{
	{"1. killed at any point", []string{"TestKills", "TestWalk", "TestSIGKILL", "TestKilledWhileWriting", "TestStormCrashes", "TestStormSurvivesACrash", "TestWalkOfTwo", "TestKilledDuringTheRecheck"}},
	{"2. restarted during a recovery", []string{"TestInterruptedRunAgain", "TestInterruptedMarkDone", "TestInterruptedAndOK", "TestCrashDuringAnIdempotentRecovery", "TestCrashBeforeTheRecheck", "TestOrphanEnds", "orphan.txtar"}},
	{"3. told to stop", []string{"TestStoppedDuringTheRecovery", "TestWebhookWhileStopping", "TestStopLetsCallsFinish", "TestStopsInOrder", "TestStopsWhatTakesTooLong", "TestStopsAtOnce", "TestStopCancelsWhatTakesTooLong", "TestStoppingLosesNoAnswer", "TestStopBesideAProgramThatCannotBeEnded", "TestStopBesideAStepThatHangs", "stop.txtar"}},
	{"4. Slack's Web API", []string{"TestSlackIsAway", "TestSlackLimits", "TestLostAnswersOfSlack", "TestClassify", "TestActsThatCannotBeDone", "TestShowTellsWhatBecameOfIt", "TestLaneThatIsToldToWaitRests", "TestCardIsShownAnewWhereItIsGone",
		"TestWhateverSlackDoes", "TestNamesLeadNowhere", "TestWhateverSlackDoesToAnEdit", "TestSlackIsAwayForAnHour", "TestNeighbourThatDoesNotAnswerIsLeftInPeace"}},
	{"5. Slack's sockets", []string{"TestConnectionsAreRenewed", "TestDeliveredTwiceActsOnce", "TestAckOutlivesItsConnection", "TestHangingSlackIsTriedAgain", "TestLastingTroubleIsReportedOnce", "TestEnvelopeTwice", "TestMoreThanThereIsRoomFor",
		"TestSentAway", "TestHalfOpenConnection", "TestConnectionsAreLimited"}},
	{"6. webhooks", []string{"TestWebhooksTwiceAndReversed", "TestWebhooksGoWrong", "TestHostileWebhook", "TestUnknownEvents", "TestWebhookSignatures", "TestADripIsCutOff", "TestUnsignedFillNoMemory", "TestOverBeforeWeHeardOfIt", "TestPollTellsWhatIsOpenAndWhatIsGone", "TestWebhooksThatAreMissed", "TestWebhookAsksToTryAgain", "FuzzHint",
		"TestABurstOfWebhooks", "TestTheSameWebhookAHundredTimes", "TestWebhooksDoNotCome", "TestThePollAlone", "TestAwayForLongerThanWebhooksWait"}},
	{"7. PagerDuty's REST API", []string{"TestEveryFaultOfAWrite", "TestLostAnswersOfPagerDuty", "TestPagerDutyTakesNoActs", "TestPagerDutyCannotBeRead", "TestReadRefusals", "TestPagesThatMove", "TestFindAfterALostAnswer", "TestWhatAFailedCallMeans", "TestAcknowledgedDuringTheRecovery", "TestResolvedByMonitoringDuringTheRecovery",
		"TestPagerDutyRefuses", "TestReadNeedsTheIncidentAndItsAlertsAlone", "TestMerged"}},
	{"8. the disk", []string{"TestFullDisk", "TestFailingCommit", "TestCommitInDoubt", "TestReadyAgainOnAQuietNight", "TestOpenWhereNothingCanBe",
		"TestDiskIsReallyFull", "TestDiskIsFullAtTheStart", "TestSlowDisk", "TestFolderIsReadOnly", "TestDiskIsFullForAWhile", "TestDoubt"}},
	{"9. the database", []string{"TestFlippedBits", "TestLostPages", "TestForgeryIsFound", "TestRewoundIncidentIsFound", "TestOpenRefuses", "TestHeld", "TestOpenStoreSaysWhatToDo", "TestDamagedHistoriesAreNamed", "TestRestore", "TestRestoreIsKilled", "TestSealIsKilled", "TestBackupIsKilled", "TestForgetIsKilled", "TestUnclean", "TestRemote", "TestDiskOfAnotherMachine", "database.txtar", "verify.txtar", "backup.txtar"}},
	{"10. the clock", []string{"TestClockSetBack", "TestClockJumps", "TestClockAheadRemovesNoHistory", "TestNextWhileClocksChange", "TestNextUnderAnEarlierClock", "TestReopenedUnderAnEarlierClock", "TestRecoveriesOfAWrongClock", "TestClockStepsBack", "TestWaitFromAClockThatWasSetBackEnds", "TestParseWindowWhenClocksChange"}},
	{"11. commands", []string{"TestExecTimeoutKillsTheGroup", "TestExecCannotBeEnded", "TestProgramThatCannotBeEnded", "TestExecEndlessOutput", "TestExecBinaryOutput", "TestExecPipeHeldOpen", "TestExecLeavesTheGroup", "TestExecManyArguments", "TestExecHostileValues", "TestExecVerdicts", "TestSSHTimeout", "TestSSHHostKeys", "TestSSHNoConnection", "TestSSHFloodWithoutEnd", "TestSSHJumpThatHangs"}},
	{"12. scenarios", []string{"TestReloadRefused", "TestReloadRaces", "TestPinnedVersion", "TestPinnedVersionOfARemovedScenario", "TestMistakes", "TestExpressionCannotRunLong", "TestWorstExpressions", "TestTie", "TestNoTarget", "FuzzLoad", "FuzzExpression"}},
	{"13. people", []string{"TestTwoPressAtOnce", "TestTwoHundredPress", "TestDoubleClick", "TestStaleCardAndFinishedIncident", "TestWhoMayNot", "TestPressedAfterARestart", "TestPressedWhileTheEditWaits", "TestSharedChannelIsRefused", "TestManyAskOnce", "FuzzParsePress"}},
	{"14. storms", []string{"TestStormOfMany", "TestCrowdOfAThousand", "TestCrowdSurvivesACrash", "TestCrowdWithoutSlack", "TestGuardsHoldWithManyAtOnce", "TestLanesAreFair", "TestStormSurvivesACrash", "TestAStormIsReadByThePage", "TestStormOfEditsStaysBelowTheLimits", "TestManyGoInOneCall",
		"TestNoisyServiceStarvesNobody", "TestOneTargetIsNotOverrun", "TestStartWithManyUnfinished", "TestABurstOfWebhooks"}},
	{"15. for a long time", []string{"TestSoak", "TestNothingStaysInMemory", "FuzzHint", "FuzzIncident", "FuzzDecode", "FuzzText", "FuzzCard", "FuzzLoad"}},
}

// TestFaultsHaveTheirTests holds that every group is held by tests that exist.
func TestFaultsHaveTheirTests(t *testing.T) {
	have := declaredTests(t)
	if len(faults) != 15 {
		t.Errorf("%d groups", len(faults))
	}
	for _, f := range faults {
		for _, name := range f.tests {
			if !have[name] {
				t.Errorf("faults %s: there is no %s", f.group, name)
			}
		}
	}
}

// declaredTests are the names of all tests: functions and scripts.
func declaredTests(t *testing.T) map[string]bool {
	t.Helper()
	have := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := fs.WalkDir(os.DirFS("../../.."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if strings.HasSuffix(path, ".txtar") && strings.Contains(path, "testdata/script/") {
			have[d.Name()] = true
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		data, err := os.ReadFile("../../../" + path)
		for _, m := range declared.FindAllStringSubmatch(string(data), -1) {
			have[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return have
}
