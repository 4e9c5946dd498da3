// Package patient is a small real HTTP service that can be made ill in several
// ways and healed again over HTTP, and the monitor that watches it and tells a
// pager. It is what first-response scenarios are tried on.
//
// It does not know which pager it tells, nor who calls its healing endpoints.
package patient
