package plan

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// Renewer is what renews a certificate.
type Renewer uint8

// The renewers.
const (
	NoRenewer    Renewer = iota
	NotYetIssued         // there is nothing to renew before the first certificate
	UnderWay             // a renewal that was ordered
	ByCPS                // the CDN by itself, because auto_renew is on
	ByPolicy             // cpsync, because the manifest's policy says so
)

// String returns the word used in JSON.
func (r Renewer) String() string {
	return [...]string{"nothing", "not-issued", "under-way", "cps", "policy"}[r]
}

// Forecast says what renews a certificate next, and when.
type Forecast struct {
	By      Renewer
	At      time.Time // about when it starts; zero when that can't be told
	Because string    // a clause
	Do      string    // what a person does where nothing renews it; may be ""
}

// Forecast returns what renews the certificate next, after what this run sends.
func (s Step) Forecast(now time.Time) Forecast {
	b := builder{want: s.Want, have: s.Have, now: now, step: s}
	switch {
	case s.Fault != nil:
		return Forecast{Because: s.Fault.Message}
	case !s.Have.Issued():
		return Forecast{By: NotYetIssued, Because: "none yet: there is no certificate"}
	case s.Have.Renewing():
		return Forecast{By: UnderWay, Because: "under way; the present certificate serves meanwhile"}
	case b.sends(Renew):
		return Forecast{By: ByPolicy, At: now, Because: "the next apply orders it"}
	case failing(s.Have) != "":
		return b.afterFailing()
	case s.Have.Ended(now):
		return Forecast{Because: "it has ended", Do: doOf(cert.Expired, s.Have)}
	case b.autoRenewAfter():
		if late, is := s.Overdue(now); is {
			return Forecast{Because: late.Text, Do: late.Do}
		}
		return Forecast{By: ByCPS, At: cpsStart(s.Have), Because: "auto_renew is on: CPS orders about 60 days before the end"}
	}
	return b.byPolicy()
}

// cpsStart is about when CPS orders by itself; zero where the end is not known.
func cpsStart(have cert.Live) time.Time {
	if have.Expires.IsZero() {
		return time.Time{}
	}
	return have.Expires.Add(-autoStart)
}

// byPolicy is what the manifest's policy will do about the end.
func (b *builder) byPolicy() Forecast {
	end, p := b.have.Expires, b.want.Policy
	if p.Protects(cert.EditRenew) || end.IsZero() {
		return Forecast{Because: "auto_renew is off, and cpsync may not renew it", Do: "renew it in the portal"}
	}
	var f Forecast
	if before, ok := p.RenewBefore.Get(); ok {
		at := end.Add(-before)
		f = Forecast{By: ByPolicy, At: latest(at, end.Add(-window(at)), b.now), Because: "policy.renew_before is " + days(before) + inheritedFrom(b.want, "policy.renew_before")}
	}
	if by, ok := p.RenewIfEndsBefore.Get(); ok && end.Before(by) {
		if at, ok := reaching(by, end, b.now); ok && (f.At.IsZero() || at.Before(f.At)) {
			f = Forecast{By: ByPolicy, At: at, Because: "policy.renew_if_ends_before is " + by.Format(Date) + inheritedFrom(b.want, "policy.renew_if_ends_before")}
		}
	}
	if f.By == NoRenewer {
		f = Forecast{Because: "auto_renew is off and no policy renews it", Do: "add  renew_before: 30d  under policy, " + b.mergeBy()}
	}
	return f
}
