package explore

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/sandbox"
)

const day = 24 * time.Hour

// pick returns one of some values.
func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// often reports true so many times in a hundred.
func often(r *rand.Rand, percent int) bool { return r.IntN(100) < percent }

// pool are the names that request id has, or may have some day. The first always stays.
func pool(id int64) []string {
	var names []string
	for _, word := range []string{"a", "b", "c", "d"} {
		names = append(names, fmt.Sprintf("%s%d.example.com", word, id))
	}
	return names
}

// some returns the first name of the pool and a few others.
func some(r *rand.Rand, id int64) []string {
	names := pool(id)
	return append(names[:1:1], slices.DeleteFunc(names[1:], func(string) bool { return often(r, 60) })...)
}

// worldOf is a simulated API with a fleet, and what is unknown about the real one
// decided this way or that.
func worldOf(r *rand.Rand, start time.Time, ids []int64, late bool) sandbox.World {
	w := sandbox.World{Clock: start, Switches: sandbox.Switches{
		RenewDuringRenewal: "second-order",
		UnknownCells:       pick(r, "refused", "accepted"),
		StateConflicts:     pick(r, "400", "409"),
		RemovedNames:       pick(r, "gone", "gone", "stay", "3d"),
		KeptNames:          pick(r, "pending", "active"),
		NameCase:           pick(r, "lower", "lower", "upper"),
		NameOrder:          pick(r, "stored", "reversed", "shuffled"),
		EmptyDescription:   pick(r, "null", "empty"),
		ErrorBody:          pick(r, "plain", "title", "null-details", "message", "empty"),
		ExpiresIn:          pick(r, "60s", "300s", "1h"),
	}}
	if late {
		w.Switches.OrderShowsAfter = pick(r, "20s", "90s", "3h", "19h", "30h")
		w.Switches.OrderLastModified = pick(r, "moves", "moves", "stays")
	}
	for _, id := range ids {
		w.Certificates = append(w.Certificates, certificate(r, start, id))
	}
	return w
}

// bystander is a request whose status is read and with which nothing happens.
func bystander(start time.Time, id int64) sandbox.Certificate {
	name := fmt.Sprintf("h%d.example.com", id)
	return sandbox.Certificate{
		ID: id, Label: name, Created: start.Add(-200 * day), LastModified: start.Add(-2 * day), Expires: start.Add(170 * day),
		Domains: []sandbox.Domain{{Name: name, IsCommonName: true, Status: "Active"}},
	}
}

// certificate is a request somewhere in its life.
func certificate(r *rand.Rand, start time.Time, id int64) sandbox.Certificate {
	text := pick(r, "", "Storefront", "Shop")
	c := sandbox.Certificate{
		ID: id, Label: fmt.Sprintf("label-%d", id), Description: &text, AutoRenew: often(r, 25),
		DCVMethod:      pick(r, "Email", "DnsTxtToken"),
		Created:        start.Add(-200 * day),
		LastModified:   start.Add(-time.Duration(1+r.IntN(200)) * time.Hour),
		ValidatesAfter: pick(r, sandbox.Wait("1h"), "1h", "5m", "30h", ""),
		Revalidates:    often(r, 30), Refused: often(r, 7),
	}
	for i, n := range some(r, id) {
		c.Domains = append(c.Domains, sandbox.Domain{Name: n, IsCommonName: i == 0})
	}
	all := func(status string) {
		for i := range c.Domains {
			c.Domains[i].Status = status
		}
	}
	issued := func(order string) {
		all("Active")
		c.Expires = start.Add(time.Duration(2+r.IntN(pick(r, 40, 70, 180))) * day).Truncate(day)
		c.Status = &sandbox.Status{Status: "Active", OrderValidation: &sandbox.OrderValidation{Status: order}}
	}
	switch kind := r.IntN(20); {
	case kind < 12:
		issued(pick(r, "Issued", "Renewed"))
	case kind < 16:
		all("TimedOut")
	case kind < 17:
		all("AwaitingCertificateAuthority")
	case kind < 19:
		issued(pick(r, "PendingRenewal", "PendingReissue"))
	default:
		issued("RenewalRejected")
	}
	return c
}

// fails lets control of the names be proven never, and a name have failed already, beside
// an order that is open or not.
func fails(r *rand.Rand, c *sandbox.Certificate) {
	if often(r, 20) {
		c.ValidatesAfter, c.Revalidates = "never", true
	}
	if c.Expires.IsZero() || !often(r, 20) {
		return
	}
	c.Domains[len(c.Domains)-1].Status = pick(r, "TimedOut", "TimedOut", "Rejected", "SecretRejected")
	c.Status = &sandbox.Status{Status: pick(r, "Active", "DomainControlValidation"), RequiresAttention: often(r, 50),
		OrderValidation: &sandbox.OrderValidation{Status: pick(r, "Issued", "AwaitingRenewal", "PendingRenewal", "PendingReissue")}}
}

// wish is a manifest for request id. Its names may be asked for anew, or not at all.
func wish(r *rand.Rand, start time.Time, id int64) cert.Spec {
	s := cert.Spec{ID: cert.ID(id), Name: fmt.Sprintf("c%d", id)}
	s.Policy.Accept = []cert.Code{cert.OtherDomains} // people rename as they like
	if often(r, 40) {
		s.Label = cert.Some(fmt.Sprintf("label-%d%s", id, pick(r, "", "-b")))
	}
	if often(r, 60) {
		s.Description = cert.Some(pick(r, "", "Storefront", "Shop", "Shop, EU"))
	}
	if often(r, 70) {
		s.AutoRenew = cert.Some(often(r, 20))
	}
	if often(r, 25) {
		s.DCVMethod = cert.Some(pick(r, cert.DNSTxtToken, cert.Email))
	}
	if often(r, 70) {
		names := some(r, id)
		s.Domains = cert.Some(cert.Domains{Common: pick(r, names...), Names: names})
		s.Policy.RemoveDomains = slices.DeleteFunc(pool(id), func(n string) bool { return slices.Contains(names, n) || often(r, 40) })
	}
	policy(r, start, &s)
	return s
}

// policy is what a manifest lets cpsync do by itself, within what a manifest may say.
func policy(r *rand.Rand, start time.Time, s *cert.Spec) {
	date := func(days int) cert.Opt[time.Time] {
		return cert.Some(start.Truncate(day).Add(time.Duration(days) * day))
	}
	if !s.AutoRenew.Or(false) {
		if often(r, 60) {
			s.Policy.RenewBefore = cert.Some(time.Duration(pick(r, 14, 30, 45, 60)) * day)
		}
		if often(r, 15) {
			s.Policy.RenewIfExpiresBefore = date(20 + r.IntN(60))
		}
	}
	if often(r, 60) {
		s.Policy.RetriggerUntil = date(1 + r.IntN(20))
	}
	if often(r, 15) {
		s.Policy.Protect = []cert.Edit{pick(r, cert.EditDescription, cert.EditAutoRenew, cert.EditDCVMethod, cert.EditDomains, cert.EditRetrigger, cert.EditLabel)}
	}
}
