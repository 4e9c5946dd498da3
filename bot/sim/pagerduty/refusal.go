package pagerduty

import (
	"fmt"
	"net/http"
)

// Error is a refusal as the REST API words it. People acting in the page and
// the monitoring tool get it as an error.
type Error struct {
	Status  int // HTTP
	Code    int // PagerDuty's
	Message string
	Details []string
}

// Error says message, code and details.
func (e *Error) Error() string {
	if len(e.Details) == 0 {
		return fmt.Sprintf("pagerduty: %s (code %d)", e.Message, e.Code)
	}
	return fmt.Sprintf("pagerduty: %s (code %d): %s", e.Message, e.Code, e.Details[0])
}

var texts = map[int]string{
	1001: "Incident Already Resolved",
	1002: "Incident Already Acknowledged",
	1003: "Invalid Status Provided",
	1004: "Invalid Incident ID Provided",
	1006: "Incident Cannot Be Escalated",
	1007: "Assignee User Not Found",
	1008: "Requester User Not Found",
	1012: "Incident Not Acknowledged",
	1013: "Invalid Snooze Duration",
	1014: "Escalation Policy Not Found",
	1015: "Nobody Is On Call",
	1018: "Requester Is Not Authorized",
	1019: "Incident Already Merged",
	1020: "Invalid Priority",
	2001: "Invalid Input Provided",
	2006: "Authentication Failed",
	2010: "Access Denied",
	2014: "Account Does Not Have The Required Ability",
	2016: "From Header Missing",
	2020: "Rate Limit Exceeded",
	2100: "Not Found",
}

// refuse makes a refusal. The HTTP status of most codes is not documented; what
// is not said otherwise is 400.
func refuse(code int, details ...string) *Error {
	status := http.StatusBadRequest
	switch code {
	case 2006:
		status = http.StatusUnauthorized
	case 2010, 1018:
		status = http.StatusForbidden
	case 2014:
		status = http.StatusPaymentRequired
	case 2020:
		status = http.StatusTooManyRequests
	case 2100:
		status = http.StatusNotFound
	}
	return &Error{Status: status, Code: code, Message: texts[code], Details: details}
}

// orNil keeps a nil *Error from becoming a non-nil error.
func orNil(e *Error) error {
	if e == nil {
		return nil
	}
	return e
}
