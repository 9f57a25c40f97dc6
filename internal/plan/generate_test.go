package plan_test

import (
	"fmt"
	. "github.com/cpsync/cpsync/internal/plan"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// generator makes fleets up. Its values are few, so that they meet.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 1))} }

// fleet returns manifests with their requests, all read, and requests without one.
func (g generator) fleet() (pairs []Pair, others []cert.Live, complete bool) {
	for i := range 1 + g.IntN(5) {
		p := Pair{Have: g.live(cert.ID(i + 1)), Found: true}
		p.Want = g.spec(p.Have)
		pairs = append(pairs, p)
	}
	for i := range g.IntN(3) {
		others = append(others, g.live(cert.ID(100-i)))
	}
	return pairs, others, g.chance(80)
}

func (g generator) options() Options {
	return Options{API: "https://api.vdms.io/sec/cps", OrderCooldown: pick(g, 0, time.Hour, 20*time.Hour),
		MaxEdits: g.IntN(6), MaxDomainChanges: g.IntN(4), MaxRenewals: g.IntN(4)}
}

func (g generator) instant() time.Time {
	return pick(g, now, now.Add(15*time.Hour), midnight("2027-02-20"), midnight("2027-03-15"), midnight("2029-03-10"), midnight("2031-01-01"))
}

func (g generator) live(id cert.ID) cert.Live {
	l := cert.Live{
		ID: id, Label: pick(g, "cdn", "CDN", "shop", fmt.Sprint("l", id)), Description: pick(g, "", "Storefront", "new"),
		AutoRenew: g.chance(20), DCVMethod: pick(g, cert.Email, cert.DNSTxtToken, cert.DNSCnameToken),
		ValidationType: pick(g, cert.DV, cert.OV), Authority: cert.DigiCert,
		ModifiedBy: pick(g, "", "user 501"), Organization: pick(g, "", "Example Corp"), OrganizationRead: true,
		Status: cert.StatusActive, Order: pick(g, cert.NoOrder, cert.OrderIssued, cert.OrderRenewed),
	}
	if g.chance(3) {
		l.DCVMethod = "HttpFile"
	}
	at := g.instant()
	if g.chance(90) {
		l.Modified = at.Add(-pick(g, 0, time.Hour, 21*time.Hour, 6*day, 8*day, 40*day))
	}
	if g.chance(80) {
		l.Thumbprint, l.Expires = "ab12", at.Add(pick(g, -10*day, 0, 5*day, 13*day, 20*day, 29*day, 40*day, 59*day, 61*day, 190*day))
	}
	if !l.Issued() {
		l.Status, l.Order = pick(g, cert.StatusProcessing, cert.StatusDomainControlValidation, cert.StatusOtherValidation), pick(g, cert.NoOrder, cert.OrderPending)
	} else if g.chance(20) {
		l.Order = pick(g, append(cert.OrderStatuses, cert.NoOrder)...)
	}
	if g.chance(12) { // anything, words nobody has heard of among it
		l.Status = pick(g, append(cert.Statuses, cert.StatusUnknown)...)
		l.Order = pick(g, append(cert.OrderStatuses, cert.OrderUnknown, cert.NoOrder)...)
	}
	l.RequiresAttention = g.chance(10)
	l.SetDomains(g.domains(l.Issued()))
	if len(l.Domains) > 0 && g.chance(90) {
		l.Common = pick(g, l.Names()...)
	}
	return l
}

// domains are up to five of six names, mostly all in one state.
func (g generator) domains(issued bool) []cert.Domain {
	usual := cert.DomainActive
	if !issued {
		usual = pick(g, cert.DomainTimedOut, cert.DomainTimedOut, cert.DomainTimedOut, cert.DomainAwaitingCertificateAuthority, cert.DomainRejected)
	}
	var all []cert.Domain
	for _, n := range g.some(5) {
		s := usual
		if g.chance(4) {
			s = pick(g, append(cert.DomainStatuses, cert.DomainUnknown)...)
		}
		all = append(all, cert.Domain{Name: n, Status: s})
	}
	return all
}

// some returns one to n names, sorted.
func (g generator) some(n int) []string {
	all := []string{"a.example.com", "b.example.com", "c.example.com", "d.example.com", "e.example.com", "f.example.com"}
	g.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return sorted(all[:1+g.IntN(n)])
}

func (g generator) spec(have cert.Live) cert.Spec {
	s := cert.Spec{ID: have.ID, Name: have.ID.String()}
	if g.chance(40) {
		s.Label = cert.Some(pick(g, "cdn", "shop", have.Label, "fresh"))
	}
	if g.chance(50) {
		s.Description = cert.Some(pick(g, "", "Storefront", "new"))
	}
	if g.chance(50) {
		s.AutoRenew = cert.Some(g.chance(15))
	}
	if g.chance(30) {
		s.DCVMethod = cert.Some(pick(g, cert.DCVMethods...))
	}
	if g.chance(60) {
		list := pick(g, g.some(5), g.some(5), slices.Clone(have.Names()))
		if len(list) > 0 {
			s.Domains = cert.Some(cert.Domains{Common: pick(g, list...), Names: list})
			s.Policy.RemoveDomains = slices.DeleteFunc(g.some(4), func(n string) bool { return slices.Contains(list, n) || g.chance(20) })
		}
	}
	g.policy(&s)
	if g.chance(15) {
		s.Expect.ValidationType = cert.Some(cert.OV)
	}
	if g.chance(15) {
		s.Expect.Organization = cert.Some("Example Corp")
	}
	return s
}

func (g generator) policy(s *cert.Spec) {
	if g.chance(65) {
		s.Policy.RenewBefore = cert.Some(pick(g, 5*day, 30*day, 60*day))
	}
	if g.chance(20) {
		s.Policy.RenewIfExpiresBefore = cert.Some(pick(g, midnight("2027-01-10"), midnight("2027-07-01"), midnight("2029-05-01")))
	}
	if g.chance(50) {
		s.Policy.RetriggerUntil = cert.Some(pick(g, midnight("2026-11-21"), midnight("2026-11-22"), midnight("2031-06-01")))
	}
	s.Policy.Protect, s.Policy.AllowUndocumented = g.edits(8), g.edits(25)
	if g.chance(85) {
		s.Policy.Accept = append(s.Policy.Accept, cert.OtherDomains)
	}
	if g.chance(10) {
		s.Policy.Accept = append(s.Policy.Accept, cert.Expiring)
	}
}

func (g generator) edits(percent int) []cert.Edit {
	return slices.DeleteFunc(cert.Edits(), func(cert.Edit) bool { return !g.chance(percent) })
}

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g generator, from ...T) T { return from[g.IntN(len(from))] }
