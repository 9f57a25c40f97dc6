package cert_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
)

// TestPlaceSortsAndSetsAsideWhatLeaves: names that are going or gone are not part of
// the live set.
func TestPlaceSortsAndSetsAsideWhatLeaves(t *testing.T) {
	t.Parallel()
	in := []cert.Domain{{Name: "d", Status: cert.DomainDelete}, {Name: "c", Status: cert.DomainActive}, {Name: "b", Status: cert.DomainPendingDelete}, {Name: "a", Status: cert.DomainTimedOut}}
	kept := append([]cert.Domain(nil), in...)
	var l cert.Live
	l.SetDomains(in)
	if d := cmp.Diff([]string{"a", "c"}, l.Names()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]cert.Domain{{Name: "b", Status: cert.DomainPendingDelete}, {Name: "d", Status: cert.DomainDelete}}, l.Leaving); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(kept, in); d != "" {
		t.Errorf("the argument was changed: %s", d)
	}
}

func TestPlaceOfAKeyIsThatOfTheDocumentWithoutIt(t *testing.T) {
	t.Parallel()
	doc, id := cert.Pos{File: "a.yaml", Line: 1, Column: 1}, cert.Pos{File: "a.yaml", Line: 4, Column: 3}
	s := cert.Spec{At: map[string]cert.Pos{"": doc, "metadata.id": id}}
	if s.Place("metadata.id") != id || s.Place("spec.domains") != doc {
		t.Errorf("got %v, %v", s.Place("metadata.id"), s.Place("spec.domains"))
	}
}

func TestARequestThatWasNotFoundHasNoName(t *testing.T) {
	t.Parallel()
	if (cert.Live{}).IsNamed("0") || (cert.Live{}).IsNamed("") {
		t.Error("a word names a request that is not there")
	}
}
