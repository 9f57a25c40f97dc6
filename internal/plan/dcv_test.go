package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan/view"
)

// TestAwaitsControl: what proves control is asked for only while it is what the CA waits
// for, and stays of use.
func TestAwaitsControl(t *testing.T) {
	t.Parallel()
	waits := inPhase(cert.DomainControlValidation)
	for what, c := range map[string]struct {
		step Step
		want bool
	}{
		"before the first certificate":            {one(asks(), waits), true},
		"of a reissue":                            {one(asks(), inService(endsIn(90*day), order(cert.OrderPendingReissue), status(cert.StatusDomainControlValidation))), true},
		"accepted":                                {one(asks(accepts(cert.ActionRequired)), waits), true},
		"with another edit":                       {one(asks(description("new")), waits), true},
		"until its method changes":                {one(asks(method(cert.Email)), waits), false},
		"when the method is protected":            {one(asks(method(cert.Email), protects(cert.EditDCVMethod)), waits), true},
		"active":                                  {one(asks(), inService()), false},
		"while the CA vets the organization":      {one(asks(), inPhase(cert.OtherValidation)), false},
		"not ordered yet":                         {one(asks(), inPhase(cert.Processing)), false},
		"timed out":                               {one(asks(), inPhase(cert.TimedOut)), false},
		"a word nobody has heard of":              {one(asks(), inService(status(cert.StatusDomainControlValidation), order(cert.OrderUnknown))), false},
		"its renewal was refused":                 {one(asks(), inService(status(cert.StatusDomainControlValidation), order(cert.OrderRenewalRejected))), false},
		"an order at the CA, with control proven": {one(asks(), inPhase(cert.InFlight)), false},
	} {
		if got := c.step.AwaitsDCV(); got != c.want {
			t.Errorf("%s: %v, in %s", what, got, c.step.Phase)
		}
	}
	if s := Build(Account{Pairs: []Pair{{Want: asks(), Have: waits, Err: cert.ErrNoAnswer, Found: true}}}, now, opts).Steps[0]; s.AwaitsDCV() {
		t.Error("one that could not be read")
	}
}

// TestToProve comes in the order in which certificates end.
func TestToProve(t *testing.T) {
	t.Parallel()
	reissued := func(id cert.ID, left time.Duration) Pair {
		p := Pair{Want: asks(), Found: true, Have: inService(endsIn(left), order(cert.OrderPendingReissue), status(cert.StatusDomainControlValidation))}
		p.Want.ID, p.Have.ID = id, id
		return p
	}
	first := Pair{Want: asks(), Have: inPhase(cert.DomainControlValidation), Found: true}
	got := view.AwaitingDCV(Build(Account{Pairs: []Pair{first, reissued(2, 90*day), reissued(3, 60*day), {Want: asks(), Have: inService(), Found: true}}}, now, opts))
	if len(got) != 3 || got[0].Want.ID != 3 || got[1].Want.ID != 2 || got[2].Have.Issued() {
		t.Errorf("%d steps: %+v", len(got), got)
	}
}
