package apply_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

const day = 24 * time.Hour

// now is when every run here begins.
var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// server is a small CPS: it holds requests, does what it is told, and breaks where a
// test says so. Its clock moves by waits alone.
type server struct {
	clock  time.Time
	live   map[cert.ID]cert.Live
	saw    []string            // every call, in order
	breaks map[string]accident // by call, as in saw, without the body
	before func(call string)   // runs before a call is handled; may be nil
	later  []effect            // what shows only after a while
	waits  []time.Duration
	again  int             // how often a call was sent again
	ctx    context.Context // ends when the run is told to stop
	stop   context.CancelFunc
}

// accident is what goes wrong with a call.
type accident struct {
	err   error         // what the client makes of it
	half  bool          // of a reading: only its status fails
	takes bool          // it took effect all the same
	shows time.Duration // how long afterwards a reading shows it
	idle  bool          // answered with success, and nothing is done
	once  bool          // the next such call goes well
}

type effect struct {
	at   time.Time
	id   cert.ID
	then func(cert.Live) cert.Live
}

// noJournal is a Journal that notes nothing.
type noJournal struct{}

func (noJournal) Before(plan.Operation, cert.ID, cert.Live) (string, error) { return "", nil }

func (noJournal) After(string, string, cert.Live) {}

func (noJournal) Refused(string, string) {}

func (noJournal) Seen(string) {}

func newServer(live ...cert.Live) *server {
	s := &server{clock: now, live: map[cert.ID]cert.Live{}, breaks: map[string]accident{}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	for _, l := range live {
		s.live[l.ID] = l
	}
	return s
}

func (s *server) Certificate(_ context.Context, id cert.ID, withStatus bool) (cert.Live, error) {
	call := fmt.Sprintf("read %s", id)
	if withStatus {
		call += " status"
	}
	s.saw = append(s.saw, call)
	if s.before != nil {
		s.before(call)
	}
	if a := s.accident(fmt.Sprintf("read %s", id)); a.err != nil {
		if a.half {
			return s.live[id], a.err
		}
		return cert.Live{}, a.err
	}
	for _, e := range s.later {
		if e.id == id && !e.at.After(s.clock) {
			s.live[id] = e.then(s.live[id])
		}
	}
	s.later = slices.DeleteFunc(s.later, func(e effect) bool { return !e.at.After(s.clock) })
	l, ok := s.live[id]
	if !ok {
		return cert.Live{}, fmt.Errorf("GET %s: %w", id, cert.ErrNotFound)
	}
	if !withStatus {
		l.Status, l.Order, l.RequiresAttention, l.ErrorMessage = cert.StatusNotRead, cert.OrderNotRead, false, ""
	}
	return l, nil
}

func (s *server) Patch(_ context.Context, id cert.ID, p cert.Patch) (int, error) {
	fields, body := describe(p)
	return s.write(id, "patch "+id.String()+" "+fields, body, func(l cert.Live) cert.Live { return patched(l, p) })
}

func (s *server) Renew(_ context.Context, id cert.ID) (int, error) {
	return s.write(id, "renew "+id.String(), "", func(l cert.Live) cert.Live {
		l.Order = cert.OrderAwaitingRenewal
		return l
	})
}

func (s *server) Retrigger(_ context.Context, id cert.ID) (int, error) {
	return s.write(id, "retrigger "+id.String(), "", func(l cert.Live) cert.Live {
		l.Status, l.Order, l.RequiresAttention = cert.StatusProcessing, cert.OrderPending, false
		l.SetDomains(domains(cert.DomainAwaitingCertificateAuthority, l.Names()...))
		return l
	})
}

// RetryDelay is that of a server that asks for nothing.
func (s *server) RetryDelay(context.Context, error) (time.Duration, error) {
	return 10 * time.Second, nil
}

func (s *server) SentAgain(time.Duration) { s.again++ }

// write handles a call: its effect shows at once, later, or never.
func (s *server) write(id cert.ID, call, body string, then func(cert.Live) cert.Live) (int, error) {
	s.saw = append(s.saw, strings.TrimSpace(call+" "+body))
	if s.before != nil {
		s.before(call)
	}
	a := s.accident(call)
	if errors.Is(a.err, cert.ErrNotSent) {
		return 0, a.err
	}
	if !a.idle && (a.err == nil || a.takes) {
		at := s.clock
		s.later = append(s.later, effect{at.Add(a.shows), id, func(l cert.Live) cert.Live {
			l = then(l)
			l.Modified = at
			return l
		}})
	}
	return 1, a.err
}

func (s *server) accident(call string) accident {
	a := s.breaks[call]
	if a.once {
		delete(s.breaks, call)
	}
	return a
}

func patched(l cert.Live, p cert.Patch) cert.Live {
	l.Description = p.Description.Or(l.Description)
	l.AutoRenew = p.AutoRenew.Or(l.AutoRenew)
	l.DCVMethod = p.DCVMethod.Or(l.DCVMethod)
	l.Label = p.Label.Or(l.Label)
	if d, ok := p.Domains.Get(); ok {
		l.SetDomains(domains(cert.DomainPendingReissue, d.Names...))
		l.Common, l.Order = d.Common, cert.OrderAwaitingReissue
	}
	return l
}

// describe tells the fields of a body, and the whole of it.
func describe(p cert.Patch) (fields, body string) {
	var names, values []string
	add := func(name string, set bool, value any) {
		if set {
			names, values = append(names, name), append(values, fmt.Sprintf("%v", value))
		}
	}
	d, ok := p.Domains.Get()
	add("description", p.Description.IsSet(), p.Description.Or(""))
	add("auto_renew", p.AutoRenew.IsSet(), p.AutoRenew.Or(false))
	add("dcv_method", p.DCVMethod.IsSet(), p.DCVMethod.Or(""))
	add("domains", ok, d.Common+"! "+strings.Join(d.Names, " "))
	add("label", p.Label.IsSet(), p.Label.Or(""))
	return strings.Join(names, "+"), "{" + strings.Join(values, ", ") + "}"
}

// wait moves the clock, and ends early when the run was told to stop.
func (s *server) wait(_ context.Context, d time.Duration) error {
	s.waits = append(s.waits, d)
	if s.before != nil {
		s.before("wait")
	}
	select {
	case <-s.ctx.Done():
		return errors.New("told to stop")
	default:
		s.clock = s.clock.Add(d)
		return nil
	}
}

// inService is a request in service whose renewal is due, with names a and b.
func inService(id cert.ID, changes ...func(*cert.Live)) cert.Live {
	l := cert.Live{
		ID: id, Label: fmt.Sprintf("label-%d", id), Description: "old", DCVMethod: cert.DNSTxtToken,
		Common: "a.example.com", Expires: now.Add(20*day + time.Duration(id)*time.Hour), Modified: now.Add(-30 * day), Thumbprint: "ab12",
		Status: cert.StatusActive, Order: cert.OrderRenewed, OrganizationRead: true,
	}
	l.SetDomains(domains(cert.DomainActive, "a.example.com", "b.example.com"))
	for _, change := range changes {
		change(&l)
	}
	return l
}

func timedOut(l *cert.Live) {
	l.Expires, l.Thumbprint = time.Time{}, ""
	l.Status, l.Order, l.RequiresAttention = cert.StatusDomainControlValidation, cert.OrderPending, true
	l.SetDomains(domains(cert.DomainTimedOut, l.Names()...))
}

func domains(s cert.DomainStatus, names ...string) []cert.Domain {
	var all []cert.Domain
	for _, n := range names {
		all = append(all, cert.Domain{Name: n, Status: s})
	}
	return all
}

// asks is a manifest for a request; it accepts whatever names there are.
func asks(id cert.ID, changes ...func(*cert.Spec)) cert.Spec {
	s := cert.Spec{ID: id, Name: id.String()}
	s.Policy.Accept = []cert.Code{cert.OtherDomains}
	for _, change := range changes {
		change(&s)
	}
	return s
}

func describes(s *cert.Spec)   { s.Description = cert.Some("new") }
func labels(s *cert.Spec)      { s.Label = cert.Some(s.ID.String() + "-new") }
func renews(s *cert.Spec)      { s.Policy.RenewBefore = cert.Some(30 * day) }
func proves(s *cert.Spec)      { s.DCVMethod = cert.Some(cert.Email) }
func triesMethod(s *cert.Spec) { s.Policy.AllowUndocumented = []cert.Edit{cert.EditDCVMethod} }
func retriggersSpec(s *cert.Spec) {
	s.Policy.RetriggerUntil = cert.Some(time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC))
}

func addsC(s *cert.Spec) {
	s.Domains = cert.Some(cert.Domains{Common: "a.example.com", Names: []string{"a.example.com", "b.example.com", "c.example.com"}})
}

var limits = plan.Options{API: "https://api.vdms.io/sec/cps", OrderCooldown: 20 * time.Hour, MaxEdits: 50, MaxDomainChanges: 10, MaxRenewals: 40}

// planned is the plan for manifests of a server's requests, with everything read.
func planned(s *server, o plan.Options, wants ...cert.Spec) plan.Plan {
	var pairs []plan.Pair
	for _, w := range wants {
		pairs = append(pairs, plan.Pair{Want: w, Have: s.live[w.ID], Found: true})
	}
	return plan.Build(plan.Account{Pairs: pairs, Complete: true}, now, o)
}
