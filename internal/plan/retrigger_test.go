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
		"still waiting":                {asks(until), inService(timedOut, func(l *cert.Live) { l.Place(names(cert.DomainAwaitingCertificateAuthority, "a.example.com")) }), nil},
		"in service":                   {asks(until), inService(), nil},
		"issued, and a name timed out": {asks(until), inService(func(l *cert.Live) { l.Place(names(cert.DomainTimedOut, "a.example.com")) }), nil},
		"rejected":                     {asks(until, tries(cert.EditRetrigger)), inService(timedOut, func(l *cert.Live) { l.Place(names(cert.DomainRejected, "a.example.com")) }), nil},
		"metadata goes before, the label after": {asks(until, description("new"), ab, label("new")), inService(timedOut),
			[]string{"send description", "send retrigger", "send certificate_label"}},
		"protected":                     {asks(until, protects(cert.EditRetrigger)), inService(timedOut), []string{"not retrigger: protected by protect, next you"}},
		"changed exactly the pause ago": {asks(until), inService(timedOut, order(cert.NoOrder), changed(20*time.Hour)), sent},
		"changed a minute less than that": {asks(until), inService(timedOut, order(cert.NoOrder), changed(20*time.Hour-time.Minute)),
			[]string{"not retrigger: held by order-pause, next next-run, until 2026-11-22 09:01 UTC"}},
		"nobody knows when it changed": {asks(until), inService(timedOut, neverModified), []string{"not retrigger: locked by no-last-modified, next you"}},

		// It would order again what the manifest no longer asks for.
		"a name to add": {asks(until, lists("a.example.com", "b.example.com", "c.example.com")), inService(timedOut),
			[]string{"not domains +c: undocumented by phase:timed-out, next you", "not retrigger: locked by differs, next you"}},
		"an extra name": {asks(until, lists("a.example.com")), inService(timedOut),
			[]string{"not domains -b: extra-name by extra-name, next you", "not retrigger: locked by differs, next you"}},
		"an extra name, with try: [domains]": {asks(until, lists("a.example.com"), tries(cert.EditDomains)), inService(timedOut),
			[]string{"not domains -b: extra-name by extra-name, next you", "not retrigger: locked by differs, next you"}},
		"protected names": {asks(until, lists("a.example.com"), removes("b.example.com"), protects(cert.EditDomains)), inService(timedOut),
			[]string{"not domains -b: protected by protect, next you", "not retrigger: locked by differs, next you"}},
		"a DCV method": {asks(until, method(cert.Email)), inService(timedOut),
			[]string{"not dcv_method: undocumented by phase:timed-out, next you", "not retrigger: locked by differs, next you"}},
		"a difference of expect": {asks(until, expects(cert.Expect{Organization: cert.Some("Other")})), inService(timedOut),
			[]string{"not organization: locked by expect, next you", "not retrigger: locked by differs, next you"}},
		"a label that is blocked does not matter": {asks(until, ab, label("new"), protects(cert.EditLabel)), inService(timedOut),
			[]string{"send retrigger", "not certificate_label: protected by protect, next you"}},

		// With try the difference goes first.
		"try: [dcv_method] goes before it, in one run": {asks(until, method(cert.Email), tries(cert.EditDCVMethod)), inService(timedOut),
			[]string{"send dcv_method", "send retrigger"}},
		"try: [domains] is this run's order": {asks(until, lists("a.example.com", "c.example.com"), removes("b.example.com"), tries(cert.EditDomains)), inService(timedOut),
			[]string{"send domains +c -b = a! a c", "not retrigger: held by one-order, next next-run"}},
		"try: [domains] and an extra name beside it": {asks(until, lists("a.example.com", "c.example.com"), tries(cert.EditDomains)), inService(timedOut),
			[]string{"send domains +c = a! a b c", "not domains -b: extra-name by extra-name, next you", "not retrigger: locked by differs, next you"}},
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
