package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan/view"
)

// A change touches a certificate when it asks for something else, not when it says so
// in other words.
func TestAChangeTouchesWhatItAsksElseOf(t *testing.T) {
	t.Parallel()
	before := member(1, nothing)
	for name, c := range map[string]struct {
		now     func(*Pair)
		touched bool
	}{
		"nothing changed":    {func(*Pair) {}, false},
		"a tag":              {func(p *Pair) { p.Want.Tags = map[string]string{"team": "web"} }, false},
		"the value there is": {func(p *Pair) { p.Want.AutoRenew = cert.Some(p.Have.AutoRenew) }, false},
		"an edit":            {func(p *Pair) { p.Want.Description = cert.Some("new") }, true},
		"an edit that is protected": {func(p *Pair) {
			p.Want.Description, p.Want.Policy.Protect = cert.Some("new"), []cert.Edit{cert.EditDescription}
		}, true},
		"what expect can't have":     {func(p *Pair) { p.Want.Expect.Authority = cert.Some(cert.LetsEncrypt) }, true},
		"a request that there isn't": {func(p *Pair) { p.Found = false }, true},
		"another certificate":        {func(p *Pair) { p.Want.ID, p.Have.ID = 2, 2 }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pair := before
			c.now(&pair)
			then := Build(Account{Pairs: []Pair{before}, Complete: true}, now, opts)
			got := view.Touched(Build(Account{Pairs: []Pair{pair}, Complete: true}, now, opts), then)
			if got[pair.Want.ID] != c.touched || len(got) > 1 {
				t.Errorf("touched: %v", got)
			}
		})
	}
}

func nothing(*cert.Spec) {}

// Requests whose manifest was not chosen have a label, and are not without a manifest.
func TestUnselectedRequestsKeepTheirLabels(t *testing.T) {
	t.Parallel()
	p := member(1, func(s *cert.Spec) { s.Label = cert.Some("LABEL-2") })
	other := member(2, nothing).Have
	got := Build(Account{Pairs: []Pair{p}, Unselected: []cert.Live{other}, Complete: true}, now, opts)
	if len(got.Unmanaged) > 0 || len(got.Steps[0].Withheld) != 1 || got.Steps[0].Withheld[0].Rule != RuleLabelTaken {
		t.Errorf("%d without a manifest; %+v", len(got.Unmanaged), got.Steps[0].Withheld)
	}
}
