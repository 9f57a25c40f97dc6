package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// TestArrival: where a reading stands, next to what was sent.
func TestArrival(t *testing.T) {
	t.Parallel()
	renewal := func() Await { return Await{{Op: Operation{Kind: Renew}, Before: inService(), Shown: true}} }
	unseen := func() Await { return Await{{Op: Operation{Kind: Renew}, Before: inService()}} }
	second := func() Await {
		return Await{{Op: Operation{Kind: Retrigger}, Before: inService(timedOut), Shown: true}}
	}
	edit := func() Await { return Await{{Op: described("new"), Before: inService(), Shown: true}} }
	both := func() Await {
		return Await{{Op: described("new"), Before: inService()}, {Op: Operation{Kind: Renew}, Before: inService(), Shown: true}}
	}
	reissued := func(l *cert.Live) { l.Thumbprint = "cd34" }
	another := func(l *cert.Live) { l.Thumbprint, l.Expires = "cd34", now.Add(200*day) }
	names := func() Await {
		op := Operation{Kind: Patch, Body: cert.Patch{Domains: cert.Some(cert.Domains{})}}
		return Await{{Op: op, Before: inService(), Shown: true}}
	}
	attention := func(l *cert.Live) { l.RequiresAttention = true }
	for name, tt := range map[string]struct {
		await Await
		have  cert.Live
		want  Arrival
		says  string
	}{
		"renewed":                             {renewal(), inService(another, order(cert.OrderRenewed)), Active, "active"},
		"reissued by somebody else":           {renewal(), inService(reissued), InProgress, "active with a certificate that expires no later than before"},
		"an end that is earlier":              {renewal(), inService(reissued, endsIn(10*day)), InProgress, "active with a certificate that expires no later than before"},
		"other names, and the same end":       {names(), inService(reissued), Active, "active"},
		"another end, and no thumbprint":      {renewal(), inService(endsIn(200*day), func(l *cert.Live) { l.Thumbprint = "" }), Active, "active"},
		"another end of the same certificate": {renewal(), inService(endsIn(200 * day)), InProgress, "active with the same certificate as before"},
		"reverted to the old certificate":     {renewal(), inService(), InProgress, "active with the same certificate as before"},
		"not shown yet":                       {unseen(), inService(), InProgress, "the write is not visible yet; active"},
		"not shown, and it asks for a person": {unseen(), inService(attention), InProgress, "the write is not visible yet; active, but the API says that a person must act"},
		"queued":                              {renewal(), inService(order(cert.OrderAwaitingRenewal)), InProgress, "renewal in progress"},
		"the CA validates the organization": {renewal(), inService(order(cert.OrderPendingRenewal), status(cert.StatusOtherValidation)), InProgress,
			"renewal in progress, the CA validates the organization"},
		"domain control, and nobody is asked": {renewal(), inService(order(cert.OrderPendingRenewal), status(cert.StatusDomainControlValidation)), InProgress,
			"renewal in progress, domain control validation (DCV) pending"},
		"domain control, by a person": {renewal(), inService(order(cert.OrderPendingRenewal), status(cert.StatusDomainControlValidation), attention), Stuck,
			"renewal in progress, domain control validation (DCV) pending"},
		"refused":            {renewal(), inService(order(cert.OrderRenewalRejected)), Stuck, "active, but its renewal was refused by the CA (RenewalRejected)"},
		"refused, and ended": {renewal(), inService(order(cert.OrderRenewalRejected), endsIn(-day)), Stuck, "expired, and its renewal was refused by the CA (RenewalRejected)"},
		"issued, rolled out": {renewal(), inService(another, status(cert.StatusDeployment), order(cert.OrderRenewed)), InProgress, "issued, being deployed"},
		"an unknown word":    {renewal(), inService(another, status(cert.StatusUnknown)), InProgress, "in a state unknown to this version of cpsync"},
		"an unknown word, and it asks for a person": {renewal(), inService(status(cert.StatusUnknown), attention), Stuck, "in a state unknown to this version of cpsync"},
		"deleted":                        {unseen(), inService(status(cert.StatusDeleted)), Vanished, "the write is not visible yet; deleted"},
		"a first certificate":            {second(), inService(), Active, "active"},
		"timed out again":                {second(), inService(timedOut), Stuck, "timed out in DCV"},
		"an edit":                        {edit(), inService(), Active, "active"},
		"an edit while an order is open": {edit(), inService(order(cert.OrderPendingReissue)), InProgress, "reissue in progress"},
		"an edit that does not show does not hold up an order": {both(), inService(another), Active, "active"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.await.Arrival(tt.have, now); got != tt.want {
				t.Errorf("arrival %d, want %d", got, tt.want)
			}
			if got := tt.await.Standing(tt.have, now); got != tt.says {
				t.Errorf("it is said to be %q, want %q", got, tt.says)
			}
		})
	}
}

// TestWhatShowedOnceStaysShown: somebody's later edit is told as such.
func TestWhatShowedOnceStaysShown(t *testing.T) {
	t.Parallel()
	a := Await{{Op: described("new"), Before: inService()}, {Op: Operation{Kind: Renew}, Before: inService()}}
	first := a.Seen(inService(func(l *cert.Live) { l.Description = "new" }))
	if a[0].Shown || !first[0].Shown || first[1].Shown || first.Shows() {
		t.Errorf("before %v, after %v", a, first)
	}
	second := first.Seen(inService(order(cert.OrderAwaitingRenewal), func(l *cert.Live) { l.Description = "other" }))
	if !second[0].Shown || !second.Shows() {
		t.Errorf("after the second reading %v", second)
	}
	if undone := second.Undone(inService(func(l *cert.Live) { l.Description = "other" })); len(undone) != 1 || undone[0].From != "other" {
		t.Errorf("undone: %v", undone)
	}
	if undone := a.Undone(inService()); len(undone) > 0 {
		t.Errorf("undone, although it never showed: %v", undone)
	}
}

func described(text string) Operation {
	return Operation{Kind: Patch, Body: cert.Patch{Description: cert.Some(text)},
		Changes: []diff.Change{{Edit: cert.EditDescription, To: text}}}
}
