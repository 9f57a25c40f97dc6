package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// TestNeeds: a further read only where the decision depends on it.
func TestNeeds(t *testing.T) {
	t.Parallel()
	org := expects(cert.Expect{Organization: cert.Some("Example Corp")})
	abc := lists("a.example.com", "b.example.com", "c.example.com")
	statusOnly, both, none := Reads{Status: true}, Reads{Status: true, Organization: true}, Reads{}
	tests := map[string]struct {
		want cert.Spec
		have cert.Live
		need Reads
	}{
		"plainly in service and in step":                        {asks(abc), inService(serving("a.example.com", "b.example.com", "c.example.com")), none},
		"metadata alone":                                        {asks(description("new"), label("cdn2"), autoRenew(true)), inService(), none},
		"an edit of names":                                      {asks(abc), inService(), statusOnly},
		"an edit of the DCV method":                             {asks(method(cert.Email)), inService(), statusOnly},
		"a renewal that is due":                                 {asks(renewBefore(50 * day)), inService(endsIn(49 * day)), statusOnly},
		"a renewal that is not due":                             {asks(renewBefore(50 * day)), inService(endsIn(51 * day)), none},
		"a renewal by date":                                     {asks(endsBefore("2027-03-01")), inService(endsIn(59 * day)), statusOnly},
		"auto-renew about to be switched off and a renewal due": {asks(renewBefore(50*day), autoRenew(false)), inService(endsIn(49*day), autoRenews), statusOnly},
		"auto-renew off and 40 days left":                       {asks(), inService(endsIn(40 * day)), none},
		"it ends soon":                                          {asks(), inService(endsIn(30*day - time.Second)), statusOnly},
		"it ended":                                              {asks(), inService(endsIn(-day)), statusOnly},
		"a name is being reissued":                              {asks(), inService(func(l *cert.Live) { l.SetDomains(names(cert.DomainPendingReissue, "a.example.com")) }), statusOnly},
		"a name is being deleted": {asks(), inService(func(l *cert.Live) {
			l.SetDomains(append(names(cert.DomainActive, "a.example.com"), names(cert.DomainPendingDelete, "b.example.com")...))
		}), statusOnly},
		"never issued":                          {asks(), inService(func(l *cert.Live) { l.Expires, l.Thumbprint = time.Time{}, "" }), statusOnly},
		"timed out":                             {asks(), inService(timedOut), statusOnly},
		"a word nobody has heard of":            {asks(), inService(func(l *cert.Live) { l.SetDomains(names(cert.DomainUnknown, "a.example.com")) }), statusOnly},
		"deleted":                               {asks(abc), inService(func(l *cert.Live) { l.SetDomains(names(cert.DomainDelete, "a.example.com")) }), none},
		"the organization and no change":        {asks(org), inService(), none},
		"the organization and metadata":         {asks(org, description("new")), inService(), none},
		"the organization and a renewal":        {asks(org, renewBefore(30*day)), inService(endsIn(20 * day)), statusOnly},
		"the organization and an edit of names": {asks(org, abc), inService(), both},
		"the organization and a retrigger":      {asks(org, retriggerUntil("2026-12-31")), inService(timedOut), both},
		"the organization and a retrigger past": {asks(org, retriggerUntil("2026-11-21")), inService(timedOut), statusOnly},
		"another type of validation expected":   {asks(expects(cert.Expect{ValidationType: cert.Some(cert.DV)}), abc), inService(), statusOnly},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			unread(&tt.have)
			if got := Needs(Pair{Want: tt.want, Have: tt.have, Found: true}, now); got != tt.need {
				t.Errorf("got %+v, want %+v", got, tt.need)
			}
		})
	}
	if got := Needs(Pair{Want: asks(abc)}, now); got != none {
		t.Errorf("a request that was not found: %+v", got)
	}
}

// TestAnOrderOnAStatusNobodyReadIsAFaultOfTheProgram.
func TestAnOrderOnAStatusNobodyReadIsAFaultOfTheProgram(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]cert.Spec{
		"a renewal":           asks(renewBefore(30 * day)),
		"a change of domains": asks(lists("a.example.com", "b.example.com", "c.example.com")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			one(want, inService(endsIn(20*day), unread))
		})
	}
}

// TestStatusReasons: the list shows nothing of an order that CPS, or a person, placed.
func TestStatusReasons(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		want cert.Spec
		have cert.Live
		read bool
	}{
		"auto-renew on and 65 days left":                     {asks(), inService(endsIn(65*day), autoRenews), false},
		"auto-renew on and less than 65 days":                {asks(), inService(endsIn(65*day-time.Second), autoRenews), true},
		"auto-renew to be switched on and less than 65 days": {asks(autoRenew(true)), inService(endsIn(65*day - time.Second)), false},
		"changed 14 days ago":                                {asks(), inService(changed(14 * day)), false},
		"changed less than 14 days ago":                      {asks(), inService(changed(14*day - time.Second)), true},
		"it is unknown when it changed":                      {asks(), inService(neverModified), false},
		"a workflow error message":                           {asks(), inService(fails("Deployment to region failed")), true},
		"a decision depends on it":                           {asks(method(cert.Email)), inService(), true},
		"deleted": {asks(method(cert.Email)), inService(changed(day), func(l *cert.Live) {
			l.SetDomains(names(cert.DomainDelete, "a.example.com"))
		}), false},
	} {
		message := tt.have.ErrorMessage
		unread(&tt.have)
		tt.have.ErrorMessage = message
		if got := StatusReason(Pair{Want: tt.want, Have: tt.have, Found: true}, now); (got != "") != tt.read {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// fails is a message of the workflow.
func fails(message string) func(*cert.Live) {
	return func(l *cert.Live) { l.ErrorMessage = message }
}

// TestStatusReasonsOfShorterCertificates: of short ones the status is read from two thirds
// of what they are valid at most.
func TestStatusReasonsOfShorterCertificates(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		date string
		from time.Duration
	}{{"2026-11-22", 65 * day}, {"2027-06-01", 65 * day}, {"2030-06-01", 46 * day * 2 / 3}} {
		on := midnight(tt.date)
		for left, want := range map[time.Duration]bool{tt.from: false, tt.from - time.Second: true, -day: true} {
			have := inService(at(tt.date, left), autoRenews, unread)
			have.Modified = on.Add(-30 * day)
			if got := StatusReason(Pair{Want: asks(), Have: have, Found: true}, on) != ""; got != want {
				t.Errorf("%s, %s before the end: %v", tt.date, left, got)
			}
		}
	}
}
