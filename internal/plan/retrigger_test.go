package plan_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
)

func TestRetriggers(t *testing.T) {
	t.Parallel()
	until := retriggerUntil("2026-12-31")
	sent := []string{"send retrigger"}
	ab := lists("a.example.com", "b.example.com")
	check(t, map[string]row{
		"a name timed out":             {asks(until), inService(timedOut), sent},
		"no policy asks for it":        {asks(), inService(timedOut), nil},
		"the last day":                 {asks(retriggerUntil("2026-11-22")), inService(timedOut), sent},
		"the day after":                {asks(retriggerUntil("2026-11-21")), inService(timedOut), nil},
		"still waiting":                {asks(until), inService(timedOut, func(l *cert.Live) { l.SetDomains(names(cert.DomainAwaitingCertificateAuthority, "a.example.com")) }), nil},
		"active":                       {asks(until), inService(), nil},
		"issued, and a name timed out": {asks(until), inService(func(l *cert.Live) { l.SetDomains(names(cert.DomainTimedOut, "a.example.com")) }), nil},
		"rejected":                     {asks(until, tries(cert.EditRetrigger)), inService(timedOut, func(l *cert.Live) { l.SetDomains(names(cert.DomainRejected, "a.example.com")) }), nil},
		"metadata goes before, the label after": {asks(until, description("new"), ab, label("new")), inService(timedOut),
			[]string{"send description", "send retrigger", "send certificate_label"}},
		"protected":                     {asks(until, protects(cert.EditRetrigger)), inService(timedOut), []string{"not retrigger: protected by protect, next person"}},
		"changed exactly the pause ago": {asks(until), inService(timedOut, order(cert.NoOrder), changed(20*time.Hour)), sent},
		"changed a minute less than that": {asks(until), inService(timedOut, order(cert.NoOrder), changed(20*time.Hour-time.Minute)),
			[]string{"not retrigger: deferred by order-cooldown, next next-run, until 2026-11-22 09:01 UTC"}},
		"it is unknown when it changed": {asks(until), inService(timedOut, neverModified), []string{"not retrigger: blocked by no-last-modified, next person"}},

		// It would order again what the manifest no longer asks for.
		"a name to add": {asks(until, lists("a.example.com", "b.example.com", "c.example.com")), inService(timedOut),
			[]string{"not domains +c: undocumented by phase:timed-out, next person", "not retrigger: blocked by difference-withheld, next person"}},
		"an extra name": {asks(until, lists("a.example.com")), inService(timedOut),
			[]string{"not domains -b: extra-domain by extra-domain, next person", "not retrigger: blocked by difference-withheld, next person"}},
		"an extra name, with allow_undocumented: [domains]": {asks(until, lists("a.example.com"), tries(cert.EditDomains)), inService(timedOut),
			[]string{"not domains -b: extra-domain by extra-domain, next person", "not retrigger: blocked by difference-withheld, next person"}},
		"protected names": {asks(until, lists("a.example.com"), removes("b.example.com"), protects(cert.EditDomains)), inService(timedOut),
			[]string{"not domains -b: protected by protect, next person", "not retrigger: blocked by difference-withheld, next person"}},
		"a DCV method": {asks(until, method(cert.Email)), inService(timedOut),
			[]string{"not dcv_method: undocumented by phase:timed-out, next person", "not retrigger: blocked by difference-withheld, next person"}},
		"a difference of expect": {asks(until, expects(cert.Expect{Organization: cert.Some("Other")})), inService(timedOut),
			[]string{"not organization: blocked by expect, next person", "not retrigger: blocked by difference-withheld, next person"}},
		"a label that is blocked does not matter": {asks(until, ab, label("new"), protects(cert.EditLabel)), inService(timedOut),
			[]string{"send retrigger", "not certificate_label: protected by protect, next person"}},

		// With try the difference goes first.
		"allow_undocumented: [dcv_method] goes before it, in one run": {asks(until, method(cert.Email), tries(cert.EditDCVMethod)), inService(timedOut),
			[]string{"send dcv_method", "send retrigger"}},
		"allow_undocumented: [domains] is this run's order": {asks(until, lists("a.example.com", "c.example.com"), removes("b.example.com"), tries(cert.EditDomains)), inService(timedOut),
			[]string{"send domains +c -b = a! a c", "not retrigger: deferred by one-order, next next-run"}},
		"allow_undocumented: [domains] and an extra name beside it": {asks(until, lists("a.example.com", "c.example.com"), tries(cert.EditDomains)), inService(timedOut),
			[]string{"send domains +c = a! a b c", "not domains -b: extra-domain by extra-domain, next person", "not retrigger: blocked by difference-withheld, next person"}},
	})
}

// TestRetriggerUntilTheEndOfTheDay, in UTC.
func TestRetriggerUntilTheEndOfTheDay(t *testing.T) {
	t.Parallel()
	want, have := asks(retriggerUntil("2026-11-22")), inService(timedOut)
	for _, tt := range []struct {
		at   time.Time
		send []string
	}{
		{time.Date(2026, 11, 22, 23, 59, 59, 0, time.UTC), []string{"send retrigger"}},
		{time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), nil},
		{time.Date(2026, 11, 23, 1, 0, 0, 0, time.FixedZone("CET", 3600)), nil},
		{time.Date(2026, 11, 23, 0, 30, 0, 0, time.FixedZone("CET", 3600)), []string{"send retrigger"}},
	} {
		if d := cmp.Diff(tt.send, lines(oneAt(want, have, tt.at))); d != "" {
			t.Errorf("at %s: %s", tt.at, d)
		}
	}
}
