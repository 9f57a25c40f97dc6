package report

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
)

// Base is how the manifests differ from those of another revision: what the change
// under review is about, beside what was pending before it.
type Base struct {
	Revision  string                   // as it was given, a branch, a tag or a commit; of a submodule with its path
	Touched   map[cert.ID]bool         // the certificates of which something else is asked than there
	Before    map[string]bool          // digests of the operations that were pending there
	Known     map[view.FindingKey]bool // what was found there
	Protected []view.Finding           // what differs and is protected here, and was not there
	Gone      []Gone                   // those whose manifest is there and no longer here, by id
}

// Gone is a certificate that a change stops to manage. Nothing is done to it.
type Gone struct {
	ID          cert.ID
	Name, Label string
	Known       bool      // the request was read; without it the rest says nothing
	AutoRenew   bool      // as read
	Expires     time.Time // zero until one was issued
	Accepted    bool      // the manifest that is gone said that it is fine when nothing renews it
}

// Unrenewed reports whether nothing renews the certificate once its manifest is gone.
func (g Gone) Unrenewed() bool { return g.Known && !g.AutoRenew && !g.Expires.IsZero() }

// Abandoned returns those that nothing renews from then on, but for what their manifests
// accepted.
func (b *Base) Abandoned() []Gone {
	if b == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(b.Gone), func(g Gone) bool { return !g.Unrenewed() || g.Accepted })
}

// ThisChange returns the plan of the certificates that the change under review
// touches; the whole plan where that is not known.
func (r Report) ThisChange() plan.Plan {
	if r.Base == nil {
		return r.Plan
	}
	return r.Plan.Where(r.Base.Touches)
}

// Pending returns the plan of the certificates that the change under review leaves
// alone: what they wait for was pending before it.
func (r Report) Pending() plan.Plan {
	return r.Plan.Where(func(s plan.Step) bool { return r.Base != nil && !r.Base.Touches(s) })
}

// NewOperations counts the operations that the change under review asks for: all of the plan,
// where that is not known.
func (r Report) NewOperations() view.Summary {
	return view.Summarize(r.Plan.Only(func(s plan.Step, o plan.Operation) bool { return !r.wasPending(s, o) }))
}

// PendingOperations counts the operations that were pending before the change under review, those
// of certificates that it touches included.
func (r Report) PendingOperations() view.Summary { return view.Summarize(r.Plan.Only(r.wasPending)) }

func (r Report) wasPending(s plan.Step, o plan.Operation) bool {
	return r.Base != nil && (!r.Base.Touches(s) || r.Base.Before[o.Digest(r.Plan.API, s.Want.ID)])
}

// Touches reports whether the change is about a certificate; never without a base.
func (b *Base) Touches(s plan.Step) bool { return b != nil && b.Touched[s.Want.ID] }
