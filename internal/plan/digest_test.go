package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// TestDigests: the same as long as the operation does the same to the same.
func TestDigests(t *testing.T) {
	t.Parallel()
	type input struct {
		want cert.Spec
		have cert.Live
		at   time.Time
		o    Options
	}
	names := func() input {
		return input{asks(lists("a.example.com", "b.example.com", "c.example.com")), inService(), now, opts}
	}
	renewal := func() input { return input{asks(renewBefore(30 * day)), inService(endsIn(20 * day)), now, opts} }
	text := func() input { return input{asks(description("new")), inService(), now, opts} }
	of := func(t *testing.T, in input) string {
		t.Helper()
		p := Build(Account{Pairs: []Pair{{Want: in.want, Have: in.have, Found: true}}, Complete: true}, in.at, in.o)
		if len(p.Steps[0].Ops) != 1 {
			t.Fatalf("got %q", lines(p.Steps[0]))
		}
		return p.Steps[0].Ops[0].Digest(in.o.API, in.want.ID) + p.Steps[0].Digest(in.o.API) + p.Digest()
	}
	tests := map[string]struct {
		base   func() input
		change func(*input)
		same   bool
	}{
		"nothing":                            {names, func(*input) {}, true},
		"the day of the run":                 {names, func(in *input) { in.at = in.at.Add(day) }, true},
		"the day of a renewal":               {renewal, func(in *input) { in.at = in.at.Add(day) }, true},
		"which policy asks for the renewal":  {renewal, func(in *input) { renewBefore(29 * day)(&in.want) }, true},
		"warnings":                           {names, func(in *input) { in.have.ModifiedBy = ""; accepts(cert.Expiring)(&in.want) }, true},
		"who touched it, and when":           {names, func(in *input) { changed(30 * time.Hour)(&in.have) }, true},
		"the order of the names":             {names, func(in *input) { lists("a.example.com", "c.example.com", "b.example.com")(&in.want) }, true},
		"the name of the manifest":           {names, func(in *input) { in.want.Name = "other" }, true},
		"the end in another zone":            {renewal, func(in *input) { in.have.Expires = in.have.Expires.In(time.FixedZone("CET", 3600)) }, true},
		"limits":                             {names, func(in *input) { in.o.MaxEdits = 1 }, true},
		"the address":                        {names, func(in *input) { in.o.API = "https://elsewhere" }, false},
		"the request":                        {names, func(in *input) { in.want.ID, in.have.ID = 2, 2 }, false},
		"one name more to add":               {names, func(in *input) { lists("a.example.com", "b.example.com", "c.example.com", "d.example.com")(&in.want) }, false},
		"a name to take off":                 {names, func(in *input) { lists("a.example.com", "c.example.com")(&in.want); removes("b.example.com")(&in.want) }, false},
		"a name added in the portal":         {names, func(in *input) { serving("a.example.com", "b.example.com", "x.example.com")(&in.have) }, false},
		"the common name":                    {names, func(in *input) { lists("b.example.com", "a.example.com", "c.example.com")(&in.want) }, false},
		"the certificate replaced":           {names, func(in *input) { in.have.Thumbprint = "other" }, false},
		"the certificate a renewal replaces": {renewal, func(in *input) { in.have.Thumbprint = "other" }, false},
		"the end of what a renewal replaces": {renewal, func(in *input) { endsIn(19 * day)(&in.have) }, false},
		"what it says now":                   {text, func(in *input) { in.have.Description = "other" }, false},
		"what it is to say":                  {text, func(in *input) { description("newer")(&in.want) }, false},
		"the certificate, of an edit":        {text, func(in *input) { in.have.Thumbprint = "other" }, true},
		"another field with the same values": {text, func(in *input) {
			in.want.Description = cert.Opt[string]{}
			label("new")(&in.want)
			in.have.Label = "Storefront"
			accepts(cert.OtherDomains)(&in.want)
		}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after := tt.base(), tt.base()
			tt.change(&after)
			if got := of(t, before) == of(t, after); got != tt.same {
				t.Errorf("the same digest: %v", got)
			}
		})
	}
}

// TestDigestsOfAReleaseStay: saved plans are compared with it.
func TestDigestsOfAReleaseStay(t *testing.T) {
	t.Parallel()
	s := one(asks(renewBefore(30*day)), inService(endsIn(20*day)))
	const want = "sha256:eddc418b761a87dff2b5547563a0b2dd2b6cb353dd452e12d3df60bb3d6d9ea2"
	if got := s.Ops[0].Digest(opts.API, s.Want.ID); got != want {
		t.Errorf("got %s", got)
	}
}

// TestAnEndBeyondTheYear9999HasADigest: the API decides what it says.
func TestAnEndBeyondTheYear9999HasADigest(t *testing.T) {
	t.Parallel()
	o := Operation{Kind: Renew, Expires: time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -5*3600))}
	if got := o.Digest("", 1); !strings.HasPrefix(got, "sha256:") {
		t.Errorf("got %q", got)
	}
}
