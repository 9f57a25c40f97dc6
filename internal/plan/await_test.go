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
		"renewed":                             {renewal(), inService(another, order(cert.OrderRenewed)), InService, "in service"},
		"reissued by somebody else":           {renewal(), inService(reissued), OnTheWay, "in service with a certificate that ends no later than before"},
		"an end that is earlier":              {renewal(), inService(reissued, endsIn(10*day)), OnTheWay, "in service with a certificate that ends no later than before"},
		"other names, and the same end":       {names(), inService(reissued), InService, "in service"},
		"another end, and no thumbprint":      {renewal(), inService(endsIn(200*day), func(l *cert.Live) { l.Thumbprint = "" }), InService, "in service"},
		"another end of the same certificate": {renewal(), inService(endsIn(200 * day)), OnTheWay, "in service with the same certificate as before"},
		"reverted to the old certificate":     {renewal(), inService(), OnTheWay, "in service with the same certificate as before"},
		"not shown yet":                       {unseen(), inService(), OnTheWay, "what was sent does not show; in service"},
		"not shown, and it asks for a person": {unseen(), inService(attention), OnTheWay, "what was sent does not show; in service, but the API says that somebody must act"},
		"queued":                              {renewal(), inService(order(cert.OrderAwaitingRenewal)), OnTheWay, "renewal at the CA"},
		"the CA checks the organization": {renewal(), inService(order(cert.OrderPendingRenewal), status(cert.StatusOtherValidation)), OnTheWay,
			"renewal at the CA, the CA checks the organization"},
		"domain control, and nobody is asked": {renewal(), inService(order(cert.OrderPendingRenewal), status(cert.StatusDomainControlValidation)), OnTheWay,
			"renewal at the CA, waiting for domain control"},
		"domain control, by a person": {renewal(), inService(order(cert.OrderPendingRenewal), status(cert.StatusDomainControlValidation), attention), Stuck,
			"renewal at the CA, waiting for domain control"},
		"refused":             {renewal(), inService(order(cert.OrderRenewalRejected)), Stuck, "in service, but its renewal was refused by the CA (RenewalRejected)"},
		"refused, and ended":  {renewal(), inService(order(cert.OrderRenewalRejected), endsIn(-day)), Stuck, "past its end, and its renewal was refused by the CA (RenewalRejected)"},
		"issued, rolled out":  {renewal(), inService(another, status(cert.StatusDeployment), order(cert.OrderRenewed)), OnTheWay, "issued, on its way to the edge"},
		"a word nobody knows": {renewal(), inService(another, status(cert.StatusUnheard)), OnTheWay, "in a state this version of cpsync does not know"},
		"a word nobody knows, and it asks for a person": {renewal(), inService(status(cert.StatusUnheard), attention), Stuck, "in a state this version of cpsync does not know"},
		"deleted":                        {unseen(), inService(status(cert.StatusDeleted)), Vanished, "what was sent does not show; deleted"},
		"a first certificate":            {second(), inService(), InService, "in service"},
		"timed out again":                {second(), inService(timedOut), Stuck, "never issued; timed out waiting for domain control"},
		"an edit":                        {edit(), inService(), InService, "in service"},
		"an edit while an order is open": {edit(), inService(order(cert.OrderPendingReissue)), OnTheWay, "reissue at the CA"},
		"an edit that does not show does not hold up an order": {both(), inService(another), InService, "in service"},
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
