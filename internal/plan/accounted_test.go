package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"slices"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// TestAForgottenDifferencePanics: a step that loses any part of what it decided is refused.
func TestAForgottenDifferencePanics(t *testing.T) {
	steps(t, func(t *testing.T, s Step, _ Plan, _ Options) {
		changes := map[cert.Edit]diff.Change{}
		for _, c := range diff.Fields(s.Want.Patch, s.Have) {
			changes[c.Edit] = c
		}
		for i := range s.Ops {
			less := s
			less.Ops = slices.Delete(slices.Clone(s.Ops), i, i+1)
			if s.Ops[i].Kind == Patch && !panics(func() { RequireAll(less, changes) }) {
				t.Errorf("the plan may forget %s", s.Ops[i].Edit())
			}
		}
		for i, x := range s.Withheld {
			less := s
			less.Withheld = slices.Delete(slices.Clone(s.Withheld), i, i+1)
			if _, differs := changes[x.Edit]; differs && !panics(func() { RequireAll(less, changes) }) {
				t.Errorf("the plan may forget %s", x.Edit)
			}
		}
	})
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}
