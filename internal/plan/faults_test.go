package plan_test

import (
	"errors"
	"fmt"
	. "github.com/cpsync/cpsync/internal/plan"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan/view"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	found := func(want cert.Spec, have cert.Live) Pair { return Pair{Want: want, Have: have, Found: true} }
	tests := map[string]struct {
		pair Pair
		code string // "" when it is planned
		says string
	}{
		"there is no such request":                         {Pair{Want: asks()}, "not-found", "no request 11604"},
		"the answer is about another":                      {Pair{Want: asks(), Err: fmt.Errorf("reading: %w", cert.ErrOtherID)}, "other-id", "another request"},
		"reading it failed":                                {Pair{Want: asks(), Have: inService(), Found: true, Err: errors.New("500")}, "unreadable", "500"},
		"the workflow says Deleted":                        {found(asks(), inService(status(cert.StatusDeleted))), "deleted", "11604 is deleted"},
		"every name is deleted":                            {found(asks(), inService(func(l *cert.Live) { l.SetDomains(names(cert.DomainDelete, "a.example.com")) })), "deleted", "deleted"},
		"no name is the request's":                         {found(asks(lists("x.example.com")), inService()), "other-domains", "request 11604 serves a.example.com: wrong id?"},
		"no label either":                                  {found(asks(lists("x.example.com"), label("x")), inService()), "other-domains", "wrong id?"},
		"the label alone is another":                       {found(asks(label("x")), inService()), "other-domains", `request 11604 has the label "cdn", the manifest wants "x"`},
		"no name is the request's, which was never issued": {found(asks(lists("x.example.com")), inService(timedOut)), "other-domains", "request 11604 is for a.example.com: wrong id?"},
		"no name is marked":                                {found(asks(lists("x.example.com")), inService(common(""))), "other-domains", "serves a.example.com"},
		"it serves no name, and the label is another": {found(asks(label("x"), lists("x.example.com")), inService(func(l *cert.Live) { l.Domains, l.Common = nil, "" })),
			"other-domains", `has the label "cdn", the manifest wants "x"`},
		"it serves no name":                    {found(asks(lists("x.example.com")), inService(func(l *cert.Live) { l.Domains, l.Common = nil, "" })), "", ""},
		"deleted, and all is another's":        {found(asks(lists("x.example.com"), label("x")), inService(status(cert.StatusDeleted))), "deleted", "11604 is deleted"},
		"every name leaves, all was another's": {found(asks(lists("x.example.com"), label("x")), inService(func(l *cert.Live) { l.SetDomains(names(cert.DomainPendingDelete, "a.example.com")) })), "deleted", "deleted"},
		"the label is the request's":           {found(asks(lists("x.example.com"), label("CDN")), inService()), "", ""},
		"one name is the request's":            {found(asks(lists("x.example.com", "b.example.com"), label("x")), inService()), "", ""},
		"other names are accepted":             {found(asks(lists("x.example.com"), accepts(cert.OtherDomains)), inService()), "", ""},
		"neither label nor names":              {found(asks(description("new")), inService()), "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := Build(Account{Pairs: []Pair{tt.pair}, Complete: true}, now, opts).Steps[0]
			if tt.code == "" {
				if s.Fault != nil {
					t.Errorf("got %+v", s.Fault)
				}
				return
			}
			if s.Fault == nil || s.Fault.Code != tt.code || !strings.Contains(s.Fault.Message, tt.says) || s.Fault.Hint == "" {
				t.Fatalf("got %+v", s.Fault)
			}
			if len(s.Ops)+len(s.Withheld)+len(s.Warnings) > 0 || view.SectionOf(s) != view.Errors || !s.NeedsAction() {
				t.Errorf("a fault is not alone: %q", lines(s))
			}
		})
	}
}

// TestARenameIsAskedForWhatItLacks: domains in the manifest only where it has none.
func TestARenameIsAskedForWhatItLacks(t *testing.T) {
	t.Parallel()
	nameless := inService(func(l *cert.Live) { l.Domains, l.Common = nil, "" })
	for _, c := range []struct {
		want  cert.Spec
		lacks bool
	}{{asks(label("x")), true}, {asks(label("x"), lists("x.example.com")), false}} {
		f := FaultOf(Pair{Want: c.want, Have: nameless, Found: true}, cert.Active)
		if strings.Contains(f.Message, "its domains in the manifest") != c.lacks {
			t.Errorf("got %q", f.Message)
		}
	}
}

// TestAFaultStaysWithItsCertificate: the others are planned.
func TestAFaultStaysWithItsCertificate(t *testing.T) {
	t.Parallel()
	other := inService(func(l *cert.Live) { l.ID, l.Label = 2, "other" })
	want := asks(description("new"))
	want.ID = 2
	p := Build(Account{Pairs: []Pair{{Want: asks()}, {Want: want, Have: other, Found: true}}, Complete: true}, now, opts)
	if d := cmp.Diff([]string{"send description"}, lines(p.Steps[1])); d != "" {
		t.Error(d)
	}
	if got := view.Summarize(p); got.Errors != 1 || got.Edits != 1 || got.ActionRequired != 0 || got.Total != 2 {
		t.Errorf("got %+v", got)
	}
}

// TestRunningAgainIsAdvisedWhereItHelps: an unknown form does not go away.
func TestRunningAgainIsAdvisedWhereItHelps(t *testing.T) {
	t.Parallel()
	for err, again := range map[error]bool{
		errors.New("500"): true,
		fmt.Errorf("the date %q: %w", "tomorrow", cert.ErrMalformed): false,
	} {
		f := FaultOf(Pair{Want: asks(), Have: inService(), Found: true, Err: err}, cert.Active)
		if strings.HasPrefix(f.Hint, "Run again") != again {
			t.Errorf("%v: %s", err, f.Hint)
		}
	}
}
