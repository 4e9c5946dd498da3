package patient

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// alive is a patient on real loopback sockets that nobody watches.
func alive(t *testing.T, opt Options) *Patient {
	t.Helper()
	opt.Dir = t.TempDir()
	p := New(opt)
	if err := p.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

var (
	transport = &http.Transport{DisableKeepAlives: true}
	client    = &http.Client{Transport: transport, Timeout: 10 * time.Second}
	hasty     = &http.Client{Transport: transport, Timeout: 300 * time.Millisecond} // for what never answers
)

func status(t *testing.T, method, url string) int {
	t.Helper()
	req, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func ail(t *testing.T, p *Patient, name string) {
	t.Helper()
	if err := p.Ail(name); err != nil {
		t.Fatal(err)
	}
}

// well fails the test unless the health endpoint answers 200.
func well(t *testing.T, p *Patient) {
	t.Helper()
	if got := status(t, "GET", "http://"+p.Address()+"/healthz"); got != 200 {
		t.Fatalf("health endpoint answers %d", got)
	}
}

func TestEveryAilmentIsReallySeenAndReallyHealed(t *testing.T) {
	seen := map[string]func(t *testing.T, base string){
		"errors":   wantStatus(500),
		"heals":    wantStatus(500),
		"stubborn": wantStatus(500),
		"hangs":    wantTimeout,
		"slow":     wantTimeout,
		"refuses": func(t *testing.T, base string) {
			if _, err := client.Get(base + "/healthz"); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("not refused: %v", err)
			}
		},
		"unreachable": func(t *testing.T, base string) {
			c, err := net.DialTimeout("tcp", base[len("http://"):], 300*time.Millisecond)
			var ne net.Error
			if err == nil {
				c.Close()
			}
			if !errors.As(err, &ne) || !ne.Timeout() {
				t.Errorf("connecting ends with %v", err)
			}
		},
		"disk":        wantNumber("/disk", "used_percent", 96),
		"queue":       wantNumber("/queue", "depth", 1200),
		"replica":     wantNumber("/replica", "lag_seconds", 300),
		"certificate": wantNumber("/certificate", "days_left", 3),
	}
	for _, a := range Ailments()[1:] {
		t.Run(a.Name, func(t *testing.T) {
			see := seen[a.Name]
			if see == nil {
				t.Fatal("nothing sees this ailment")
			}
			p := alive(t, Options{})
			well(t, p)
			address := p.Address()
			ail(t, p, a.Name)
			see(t, "http://"+address)
			if a.Heals == "" {
				return
			}
			if got := status(t, "POST", "http://"+p.ControlAddress()+a.Heals); got != 200 {
				t.Fatalf("%s answers %d", a.Heals, got)
			}
			if p.Address() != address {
				t.Fatalf("the address moved from %s to %s", address, p.Address())
			}
			well(t, p)
			if got := p.State().Ailment; got != Healthy {
				t.Errorf("still %s", got)
			}
		})
	}
}

func wantStatus(want int) func(*testing.T, string) {
	return func(t *testing.T, base string) {
		if got := status(t, "GET", base+"/healthz"); got != want {
			t.Errorf("status %d, want %d", got, want)
		}
	}
}

func wantTimeout(t *testing.T, base string) {
	if _, err := hasty.Get(base + "/healthz"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no timeout: %v", err)
	}
}

func wantNumber(path, field string, want float64) func(*testing.T, string) {
	return func(t *testing.T, base string) {
		resp, err := client.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var o map[string]any
		if err := json.NewDecoder(resp.Body).Decode(&o); err != nil {
			t.Fatal(err)
		}
		if got := o[field]; got != want {
			t.Errorf("%s is %v, want %v", field, got, want)
		}
	}
}

func TestAStubbornPatientIsNotHealedByARestartButItIsCounted(t *testing.T) {
	p := alive(t, Options{})
	ail(t, p, "stubborn")
	for range 3 {
		status(t, "POST", "http://"+p.ControlAddress()+"/restart")
	}
	st := p.State()
	if st.Ailment != "stubborn" || st.Restarts != 3 || len(p.Recoveries()) != 3 || p.Recoveries()[0].Healed {
		t.Errorf("%s, %d restarts, %+v", st.Ailment, st.Restarts, p.Recoveries())
	}
}

func TestTheWrongRecoveryHealsNothing(t *testing.T) {
	p := alive(t, Options{})
	ail(t, p, "disk")
	status(t, "POST", "http://"+p.Address()+"/restart")
	if st := p.State(); st.Ailment != "disk" || st.Disk != 96 {
		t.Errorf("%s, disk %d %%", st.Ailment, st.Disk)
	}
	if got := status(t, "GET", "http://"+p.Address()+"/cleanup"); got != 405 {
		t.Errorf("a GET heals: %d", got)
	}
}

func TestTheDiskFileIsReal(t *testing.T) {
	p := alive(t, Options{Quota: 1000})
	size := func() int64 {
		info, err := os.Stat(filepath.Join(p.opt.Dir, "shop.log"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	if size() != 400 {
		t.Errorf("healthy: %d bytes", size())
	}
	ail(t, p, "disk")
	if size() != 960 {
		t.Errorf("full: %d bytes", size())
	}
	status(t, "POST", "http://"+p.ControlAddress()+"/cleanup")
	if size() != 400 {
		t.Errorf("after the cleanup: %d bytes", size())
	}
}

func TestOpenConnectionsEndWithTheService(t *testing.T) {
	p := alive(t, Options{})
	kept := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{}}
	defer kept.CloseIdleConnections()
	resp, err := kept.Get("http://" + p.Address() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	ail(t, p, "refuses")
	if resp, err := kept.Get("http://" + p.Address() + "/healthz"); err == nil {
		resp.Body.Close()
		t.Error("a kept connection is still served")
	}
}

func TestStateCountsTheLastMinute(t *testing.T) {
	p := alive(t, Options{})
	well(t, p)
	ail(t, p, "errors")
	status(t, "GET", "http://"+p.Address()+"/")
	if st := p.State(); st.Served != 1 || st.Failed != 1 || st.Total != 2 {
		t.Errorf("served %d, failed %d, total %d", st.Served, st.Failed, st.Total)
	}
}

func TestUnknownAilment(t *testing.T) {
	p := alive(t, Options{})
	if err := p.Ail("plague"); err == nil {
		t.Error("accepted")
	}
}

func TestAClosedPatientOpensNoPort(t *testing.T) {
	p := New(Options{Dir: t.TempDir()})
	if err := p.Open(); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := p.Ail("errors"); err == nil || p.State().Listening {
		t.Errorf("listening %t: %v", p.State().Listening, err)
	}
}

func TestATemporaryDiskIsRemoved(t *testing.T) {
	p := New(Options{})
	if err := p.Open(); err != nil {
		t.Fatal(err)
	}
	dir := p.temp
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left behind: %v", dir, err)
	}
}
