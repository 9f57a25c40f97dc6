package apply_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

var errLost = fmt.Errorf("PATCH: timeout: %w", cert.ErrNoAnswer)

// TestWhatBecomesOfAnError: failed only where nothing was sent or the server refused;
// what took effect is found by reading; the rest is unknown. Nothing is sent twice.
func TestWhatBecomesOfAnError(t *testing.T) {
	t.Parallel()
	kinds := map[string]struct {
		live cert.Live
		want cert.Spec
		call string
	}{
		"description": {inService(1), asks(1, describes), "patch 1 description"},
		"label":       {inService(1), asks(1, labels), "patch 1 label"},
		"dcv_method":  {inService(1), asks(1, proves), "patch 1 dcv_method"},
		"domains":     {inService(1), asks(1, addsC), "patch 1 domains"},
		"renew":       {inService(1), asks(1, renews), "renew 1"},
		"retrigger":   {inService(1, timedOut), asks(1, retriggersSpec), "retrigger 1"},
	}
	errs := map[string]struct {
		accident
		result   report.Result
		by       report.By
		attempts int
		reads    int
	}{
		"nothing was sent":                     {accident{err: fmt.Errorf("dial: %w", cert.ErrNotSent)}, report.Failed, report.Answer, 0, 0},
		"the server refused":                   {accident{err: fmt.Errorf("409: %w", cert.ErrRefused)}, report.Failed, report.Answer, 1, 0},
		"no such request":                      {accident{err: fmt.Errorf("404: %w, %w", cert.ErrNotFound, cert.ErrRefused)}, report.Failed, report.Answer, 1, 0},
		"lost, and it took effect":             {accident{err: errLost, takes: true}, report.Done, report.Reading, 1, 1},
		"lost, and it did not":                 {accident{err: errLost}, report.Unknown, report.Answer, 1, 5},
		"an error nobody has classed, took":    {accident{err: errors.New("redirect"), takes: true}, report.Done, report.Reading, 1, 1},
		"an error nobody has classed, did not": {accident{err: errors.New("redirect")}, report.Unknown, report.Answer, 1, 5},
	}
	for kind, k := range kinds {
		for what, e := range errs {
			t.Run(kind+"/"+what, func(t *testing.T) {
				t.Parallel()
				s := newServer(k.live)
				p := planned(s, limits, k.want)
				s.breaks[k.call] = e.accident
				_, outcomes := applyPlan(t, s, p, limits)
				o := outcomes[0]
				if o.Result != e.result || o.By != e.by || o.Attempts != e.attempts || o.Reads != e.reads {
					t.Errorf("%s by %s, %d attempts, %d reads: %q", o.Result, o.By, o.Attempts, o.Reads, s.saw)
				}
				if o.Sent.IsZero() != (e.attempts == 0) {
					t.Errorf("sent at %s after %d attempts", o.Sent, e.attempts)
				}
				writes := 0
				for _, call := range s.saw {
					if call[:4] != "read" {
						writes++
					}
				}
				if writes != 1 {
					t.Errorf("sent %d times: %q", writes, s.saw)
				}
			})
		}
	}
}

// TestAnAnsweredOrderThatIsNotRead: where no reading succeeds none is said not to show it.
func TestAnAnsweredOrderThatIsNotRead(t *testing.T) {
	t.Parallel()
	for says, broken := range map[string]time.Duration{"the request could not be read afterwards": time.Hour, "no reading shows it yet": 15 * time.Second} {
		s := newServer(inService(1))
		p := planned(s, limits, asks(1, renews))
		s.breaks["renew 1"] = accident{idle: true}
		s.before = func(call string) {
			delete(s.breaks, "read 1")
			if slices.Contains(s.saw, "renew 1") && s.clock.Sub(now) < broken {
				s.breaks["read 1"] = accident{err: errors.New("500")}
			}
		}
		_, outcomes := applyPlan(t, s, p, limits)
		if o := outcomes[0]; o.Result != report.NotConfirmed || !strings.Contains(o.Err, says) {
			t.Errorf("%s after %d readings: %s; want %q", o.Result, o.Reads, o.Err, says)
		}
	}
}

// TestSettlingReadsAtItsTimes: 1, 4, 10, 30 and 120 s after the answer was lost.
func TestSettlingReadsAtItsTimes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		shows, settled time.Duration
		reads          int
		result         report.Result
	}{
		{0, time.Second, 1, report.Done},
		{time.Second, time.Second, 1, report.Done},
		{3 * time.Second, 4 * time.Second, 2, report.Done},
		{10 * time.Second, 10 * time.Second, 3, report.Done},
		{11 * time.Second, 30 * time.Second, 4, report.Done},
		{120 * time.Second, 120 * time.Second, 5, report.Done},
		{121 * time.Second, 120 * time.Second, 5, report.Unknown},
	} {
		t.Run(fmt.Sprintf("it shows after %s", tt.shows), func(t *testing.T) {
			t.Parallel()
			s := newServer(inService(1))
			p := planned(s, limits, asks(1, renews))
			s.breaks["renew 1"] = accident{err: errLost, takes: true, shows: tt.shows}
			_, outcomes := applyPlan(t, s, p, limits)
			o := outcomes[0]
			if o.Result != tt.result || o.Reads != tt.reads || !o.Until.Equal(now.Add(tt.settled)) {
				t.Errorf("%s after %d reads until %s", o.Result, o.Reads, o.Until.Sub(now))
			}
		})
	}
}

// TestEvidenceOfALostWrite is a change since the reading right before it. What was so
// before is none: last year's Renewed still stands.
func TestEvidenceOfALostWrite(t *testing.T) {
	t.Parallel()
	order := func(o cert.OrderStatus) func(*cert.Live) { return func(l *cert.Live) { l.Order = o } }
	tests := map[string]struct {
		call    string
		want    cert.Spec
		live    cert.Live
		happens func(*cert.Live)
		result  report.Result
	}{
		"renew: nothing moved, last year's Renewed stands": {"renew 1", asks(1, renews), inService(1), func(*cert.Live) {}, report.Unknown},
		"renew: queued":                      {"renew 1", asks(1, renews), inService(1), order(cert.OrderAwaitingRenewal), report.Done},
		"renew: at the CA":                   {"renew 1", asks(1, renews), inService(1), order(cert.OrderPendingRenewal), report.Done},
		"renew: rejected already":            {"renew 1", asks(1, renews), inService(1), order(cert.OrderRenewalRejected), report.Done},
		"renew: Renewed, and was Issued":     {"renew 1", asks(1, renews), inService(1, order(cert.OrderIssued)), order(cert.OrderRenewed), report.Done},
		"renew: Renewed, and there was none": {"renew 1", asks(1, renews), inService(1, order(cert.NoOrder)), order(cert.OrderRenewed), report.Unknown},
		"renew: queued, and there was none":  {"renew 1", asks(1, renews), inService(1, order(cert.NoOrder)), order(cert.OrderAwaitingRenewal), report.Done},
		"renew: a thumbprint, and there was none": {"renew 1", asks(1, renews), inService(1, func(l *cert.Live) { l.Thumbprint = "" }),
			func(l *cert.Live) { l.Thumbprint = "cd34" }, report.Unknown},
		"renew: Issued, and was Renewed":           {"renew 1", asks(1, renews), inService(1), order(cert.OrderIssued), report.Unknown},
		"renew: a reissue is no renewal":           {"renew 1", asks(1, renews), inService(1), order(cert.OrderPendingReissue), report.Unknown},
		"renew: another certificate, by a reissue": {"renew 1", asks(1, renews), inService(1), func(l *cert.Live) { l.Thumbprint = "cd34" }, report.Unknown},
		"renew: an earlier end":                    {"renew 1", asks(1, renews), inService(1), func(l *cert.Live) { l.Thumbprint, l.Expires = "cd34", now.Add(5*day) }, report.Unknown},
		"renew: a later end":                       {"renew 1", asks(1, renews), inService(1), func(l *cert.Live) { l.Expires = now.Add(199 * day) }, report.Done},
		"renew: the same end in another zone":      {"renew 1", asks(1, renews), inService(1), func(l *cert.Live) { l.Expires = l.Expires.In(time.FixedZone("", 3600)) }, report.Unknown},
		"renew: only last_modified moved":          {"renew 1", asks(1, renews), inService(1), func(l *cert.Live) { l.Modified = now }, report.Unknown},
		"renew: the thumbprint is left out":        {"renew 1", asks(1, renews), inService(1), func(l *cert.Live) { l.Thumbprint = "" }, report.Unknown},
		"renew: the end is left out":               {"renew 1", asks(1, renews), inService(1), func(l *cert.Live) { l.Expires = time.Time{} }, report.Unknown},
		"retrigger: a domain was removed, and the other timed out no more": {"retrigger 1", asks(1, retriggersSpec), inService(1, timedOut), func(l *cert.Live) {
			l.SetDomains(domains(cert.DomainPendingDNS, "a.example.com"))
		}, report.Unknown},
		"retrigger: deleted": {"retrigger 1", asks(1, retriggersSpec), inService(1, timedOut), func(l *cert.Live) { l.Status = cert.StatusDeleted }, report.Unknown},
		"retrigger: the order was cancelled": {"retrigger 1", asks(1, retriggersSpec), inService(1, timedOut), func(l *cert.Live) {
			l.SetDomains(domains(cert.DomainRejected, l.Names()...))
			l.Order = cert.OrderCanceled
		}, report.Unknown},
		"retrigger: no name is there": {"retrigger 1", asks(1, retriggersSpec), inService(1, timedOut), func(l *cert.Live) { l.SetDomains(nil) }, report.Unknown},
		"retrigger: an unknown word": {"retrigger 1", asks(1, retriggersSpec), inService(1, timedOut), func(l *cert.Live) {
			l.SetDomains(domains(cert.DomainUnknown, l.Names()...))
			l.UnknownWords = []string{"domain status Sideways"}
		}, report.Unknown},
		"retrigger: still timed out": {"retrigger 1", asks(1, retriggersSpec), inService(1, timedOut), func(l *cert.Live) { l.Modified = now }, report.Unknown},
		"retrigger: no name is":      {"retrigger 1", asks(1, retriggersSpec), inService(1, timedOut), func(l *cert.Live) { l.SetDomains(domains(cert.DomainProvisioningInitiated, l.Names()...)) }, report.Done},
		"retrigger: one of two names is": {"retrigger 1", asks(1, retriggersSpec), inService(1, timedOut), func(l *cert.Live) {
			l.SetDomains(append(domains(cert.DomainTimedOut, "a.example.com"), domains(cert.DomainAwaitingCertificateAuthority, "b.example.com")...))
		}, report.Unknown},
		"retrigger: the status moved": {"retrigger 1", asks(1, retriggersSpec), inService(1, timedOut), func(l *cert.Live) { l.Status = cert.StatusProcessing }, report.Done},
		"domains: the names and another common name": {"patch 1 domains", asks(1, addsC), inService(1), func(l *cert.Live) {
			l.SetDomains(domains(cert.DomainActive, "a.example.com", "b.example.com", "c.example.com"))
			l.Common = "b.example.com"
		}, report.Unknown},
		"domains: an order began and the names are the old": {"patch 1 domains", asks(1, addsC), inService(1), order(cert.OrderPendingReissue), report.Unknown},
		"domains: one name more than sent": {"patch 1 domains", asks(1, addsC), inService(1), func(l *cert.Live) {
			l.SetDomains(domains(cert.DomainActive, "a.example.com", "b.example.com", "c.example.com", "d.example.com"))
		}, report.Unknown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(tt.live)
			p := planned(s, limits, tt.want)
			s.breaks[tt.call] = accident{err: errLost}
			s.before = func(call string) {
				if call == tt.call {
					l := s.live[1]
					tt.happens(&l)
					s.live[1] = l
				}
			}
			_, outcomes := applyPlan(t, s, p, limits)
			if got := outcomes[0].Result; got != tt.result {
				t.Errorf("%s, want %s", got, tt.result)
			}
		})
	}
}

// TestAnAnsweredWriteHasToShow: read at once and after 1, 3 and 6 s; then it did not
// converge, with both values, and what does not depend on it goes on.
func TestAnAnsweredWriteHasToShow(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		shows  time.Duration
		reads  int
		result report.Result
	}{
		{0, 1, report.Done}, {time.Second, 2, report.Done}, {2 * time.Second, 3, report.Done},
		{6 * time.Second, 4, report.Done}, {7 * time.Second, 4, report.NotConverged},
	} {
		t.Run(fmt.Sprintf("it shows after %s", tt.shows), func(t *testing.T) {
			t.Parallel()
			s := newServer(inService(1))
			p := planned(s, limits, asks(1, describes, labels))
			s.breaks["patch 1 description"] = accident{shows: tt.shows}
			_, outcomes := applyPlan(t, s, p, limits)
			o := outcomes[0]
			if o.Result != tt.result || o.Reads != tt.reads {
				t.Errorf("%s after %d reads", o.Result, o.Reads)
			}
			if tt.result == report.NotConverged && (len(o.Left) != 1 || o.Left[0].From != "old" || o.Left[0].To != "new") {
				t.Errorf("it does not tell both values: %+v", o.Left)
			}
			if outcomes[1].Result != report.Done {
				t.Errorf("the label: %s: %s", outcomes[1].Result, outcomes[1].Err)
			}
		})
	}
}

// TestAnAnswerIsNoReading: a renewal that was answered and can't be read is not confirmed; a
// PATCH is unknown.
func TestAnAnswerIsNoReading(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		want cert.Spec
		done string
	}{
		"renew": {asks(1, renews), "not-confirmed"}, "domains": {asks(1, addsC), "unknown"}, "description": {asks(1, describes), "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(inService(1))
			p := planned(s, limits, tt.want)
			s.before = func(call string) {
				if call[:4] != "read" {
					s.breaks["read 1"] = accident{err: errors.New("500")}
				}
			}
			_, outcomes := applyPlan(t, s, p, limits)
			if d := cmp.Diff(tt.done, outcomes[0].Result.String()); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestAFailedReadingIsReadAgain: what was read before it says nothing of the time since.
func TestAFailedReadingIsReadAgain(t *testing.T) {
	t.Parallel()
	s := newServer(inService(1))
	p := planned(s, limits, asks(1, describes, renews))
	s.breaks["patch 1 description"] = accident{err: errLost}
	s.before = func(call string) {
		if l := s.live[1]; call == "wait" && len(s.waits) == 5 {
			l.Order = cert.OrderAwaitingRenewal
			s.live[1] = l
			s.breaks["read 1"] = accident{err: errors.New("500"), once: true}
		}
	}
	_, outcomes := applyPlan(t, s, p, limits)
	if got := outcomes[1]; !got.Met() {
		t.Errorf("the renewal is %s: %q", got.Result, s.saw)
	}
}

// TestWhatWasAcceptedIsReadAgainAtTheEnd: it stops nothing, and all are waited for together.
func TestWhatWasAcceptedIsReadAgainAtTheEnd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		shows time.Duration // after the answer, of the first of three
		want  string
		reads int
		waits []time.Duration
	}{
		{6 * time.Second, "done", 4, []time.Duration{s1, 2 * s1, 3 * s1}},
		{7 * time.Second, "done", 5, []time.Duration{s1, 2 * s1, 3 * s1, 10 * s1}},
		{17 * time.Second, "done", 6, []time.Duration{s1, 2 * s1, 3 * s1, 10 * s1, 20 * s1}},
		{126 * time.Second, "done", 7, []time.Duration{s1, 2 * s1, 3 * s1, 10 * s1, 20 * s1, 90 * s1}},
		{127 * time.Second, "not-confirmed", 7, []time.Duration{s1, 2 * s1, 3 * s1, 10 * s1, 20 * s1, 90 * s1}},
	} {
		t.Run(fmt.Sprintf("it shows after %s", tt.shows), func(t *testing.T) {
			t.Parallel()
			s := newServer(inService(1), inService(2), inService(3))
			p := planned(s, limits, asks(1, renews, labels), asks(2, renews), asks(3, describes))
			s.breaks["renew 1"] = accident{shows: tt.shows}
			got, outcomes := applyPlan(t, s, p, limits)
			same(t, "outcomes", []string{"1 renew: " + tt.want, "1 certificate_label: done", "2 renew: done", "3 description: done"}, got)
			if d := cmp.Diff(tt.waits, s.waits); d != "" {
				t.Error(d)
			}
			if o := outcomes[0]; o.Reads != tt.reads || o.By != report.Answer || o.Late {
				t.Errorf("%d reads, by %s, late %t", o.Reads, o.By, o.Late)
			}
		})
	}
}

// TestManyThatDoNotShowAreReadTogether: two minutes at the end, however many.
func TestManyThatDoNotShowAreReadTogether(t *testing.T) {
	t.Parallel()
	s := newServer(inService(1), inService(2), inService(3), inService(4))
	p := planned(s, limits, asks(1, renews), asks(2, renews), asks(3, renews), asks(4, renews))
	for _, call := range []string{"renew 1", "renew 2", "renew 3", "renew 4"} {
		s.breaks[call] = accident{shows: day}
	}
	got, _ := applyPlan(t, s, p, limits)
	same(t, "outcomes", []string{"1 renew: not-confirmed", "2 renew: not-confirmed", "3 renew: not-confirmed", "4 renew: not-confirmed"}, got)
	if passed := s.clock.Sub(now); passed != (4*6+120)*time.Second {
		t.Errorf("took %s", passed)
	}
}

const s1 = time.Second
