package sim

import (
	"context"
	"net"
	"net/http"

	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/patient"
)

// Where the patient is found in a Memory.
const (
	PatientAddress = "web-1.shop.example:8080" // the service
	PatientControl = "web-1.shop.example:9090" // what restarts it
)

// inMemory moves all that leaves or listens to a network without sockets.
func (o Options) inMemory() Options {
	m := o.Network
	if m == nil {
		return o
	}
	client := &http.Client{Transport: &http.Transport{DialContext: m.DialContext, DisableKeepAlives: true}}
	if o.PagerDuty.Client == nil {
		o.PagerDuty.Client = client
	}
	if o.Patient.Listen == nil {
		o.Patient.Listen = func() (net.Listener, error) { return m.Listen(PatientAddress) }
		o.Patient.Lose = func(lost bool) { m.Lose(PatientAddress, lost) }
	}
	if o.Patient.ListenControl == nil {
		o.Patient.ListenControl = func() (net.Listener, error) { return m.Listen(PatientControl) }
	}
	if o.Patient.Client == nil {
		o.Patient.Client = client
	}
	return o
}

// newPatient makes the patient, whose monitor tells our PagerDuty.
func (s *Sim) newPatient() *patient.Patient {
	if s.opt.NoPatient {
		return nil
	}
	o := s.opt.Patient
	o.Changed = s.tell(o.Changed)
	if o.Pager == nil {
		o.Pager = pager{s.PagerDuty}
	}
	return patient.New(o)
}

// pager is PagerDuty as the patient's monitor sees it.
type pager struct{ *pagerduty.Server }

func (p pager) Raise(a patient.Alert) (string, error) {
	return p.Server.Raise(pagerduty.Alert{
		Service: a.Service, Title: a.Title, Severity: a.Severity, DedupKey: a.Key,
		Source: "monitor", Client: "Shop monitor", Details: a.Details,
	})
}

// runPatient runs the patient that Serve has opened.
func (s *Sim) runPatient(ctx context.Context) error {
	if s.Patient == nil {
		return nil
	}
	return s.Patient.Run(ctx)
}

func (s *Sim) patientState() *patient.State {
	if s.Patient == nil {
		return nil
	}
	st := s.Patient.State()
	return &st
}
