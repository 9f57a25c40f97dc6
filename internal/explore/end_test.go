package explore

import (
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// judgeEnd: once nothing changes any more, each request is what its manifest asks for,
// as far as its state lets anybody edit it.
func (s *schedule) judgeEnd(id int64) {
	c, want, now := s.truth(id), s.wants[id], s.now()
	r := readingOf(c)
	wrong := func(e cert.Edit, what string) {
		if !want.Policy.Protects(e) {
			s.violated("in the end %s of %d is %s; wanted %s; it is %s", e, id, what, wants(want), looks{s, id})
		}
	}
	if !editable(c, now) {
		return
	}
	if v, ok := want.Label.Get(); ok && v != r.Label {
		wrong(cert.EditLabel, r.Label)
	}
	if v, ok := want.Description.Get(); ok && !(edit{Description: &v}).shows(r) {
		wrong(cert.EditDescription, "another")
	}
	if v, ok := want.AutoRenew.Get(); ok && v != r.AutoRenew {
		wrong(cert.EditAutoRenew, "the other")
	}
	if inService(c, now) {
		s.judgeService(id, r, wrong)
	}
	if v, ok := want.Policy.RetriggerUntil.Get(); ok && timedOut(c) && now.Before(v.Add(day)) && r.agrees(want) {
		wrong(cert.EditRetrigger, "still due")
	}
}

// judgeService is judgeEnd for what only a request in service lets anybody change.
func (s *schedule) judgeService(id int64, r reading, wrong func(cert.Edit, string)) {
	c, want, now := s.truth(id), s.wants[id], s.now()
	if v, ok := want.DCVMethod.Get(); ok && string(v) != r.DCVMethod {
		wrong(cert.EditDCVMethod, r.DCVMethod)
	}
	if d, ok := want.Domains.Get(); ok {
		for _, n := range d.Names {
			if !slices.Contains(r.names(), n) {
				wrong(cert.EditDomains, "without "+n)
			}
		}
		for _, n := range want.Policy.RemoveDomains {
			if slices.Contains(r.names(), n) {
				wrong(cert.EditDomains, "still with "+n)
			}
		}
	}
	left := c.Expires.Sub(now)
	if before, ok := want.Policy.RenewBefore.Get(); ok && !c.AutoRenew && left < min(before, window) {
		wrong(cert.EditRenew, "still due")
	}
	if by, ok := want.Policy.RenewIfExpiresBefore.Get(); ok && !c.AutoRenew && c.Expires.Before(by) && left < window {
		wrong(cert.EditRenew, "still due by its date")
	}
}

// window is how near its end a certificate may be renewed for certain: half of the
// shortest validity that these schedules see.
const window = 49 * day

// readingOf is a request as it is.
func readingOf(c sandbox.Certificate) reading {
	r := reading{ID: c.ID, Label: c.Label, Description: c.Description, AutoRenew: c.AutoRenew, DCVMethod: c.DCVMethod, Modified: c.Modified()}
	for _, d := range c.Domains {
		r.Domains = append(r.Domains, domain{d.Name, d.IsCommonName, d.Status})
	}
	return r
}

// agrees reports whether names and method are as wanted.
func (r reading) agrees(want cert.Spec) bool {
	d, ok := want.Domains.Get()
	method, has := want.DCVMethod.Get()
	return (!ok || slices.Equal(d.Names, r.names()) && d.Common == r.common()) && (!has || string(method) == r.DCVMethod)
}

func word(c sandbox.Certificate) string {
	if order := c.State().OrderValidation; order != nil {
		return order.Status
	}
	return ""
}

func timedOut(c sandbox.Certificate) bool {
	return c.Thumbprint == nil && slices.ContainsFunc(c.Domains, func(d sandbox.Domain) bool { return d.Status == "TimedOut" })
}

// failed reports whether nothing is under way, and the last order failed.
func failed(c sandbox.Certificate) bool {
	bad := func(d sandbox.Domain) bool {
		return slices.Contains([]string{"TimedOut", "Rejected", "SecretRejected"}, d.Status)
	}
	return c.Workflow == nil && (strings.HasSuffix(word(c), "Rejected") || slices.ContainsFunc(c.Domains, bad))
}

// editable reports whether the sheet of facts lets label, description and auto_renew be
// edited: not after a rejection, nor after the end.
func editable(c sandbox.Certificate, now time.Time) bool {
	rejected := c.Thumbprint == nil && (slices.Contains([]string{"Rejected", "Revoked"}, word(c)) || word(c) == "Canceled" && !timedOut(c))
	ended := !c.Expires.IsZero() && !c.Expires.After(now)
	return !rejected && !ended && c.State().Status != "Deleted"
}

// inService reports whether a request serves and no order of it failed or is under way.
func inService(c sandbox.Certificate, now time.Time) bool {
	through := slices.Contains([]string{"", "Issued", "Renewed", "OrgUpdated"}, word(c))
	failed := slices.ContainsFunc(c.Domains, func(d sandbox.Domain) bool {
		return d.Status != "Active" && d.Status != "PendingDelete"
	})
	return c.State().Status == "Active" && through && !failed && !c.State().RequiresAttention && c.Workflow == nil && c.Expires.After(now)
}
