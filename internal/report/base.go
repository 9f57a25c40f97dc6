package report

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
)

// Base is how the manifests differ from those of another revision: the change under review,
// apart from what was pending before it.
type Base struct {
	Revision  string                   // a branch, tag or commit, as given; of a submodule with its path
	Touched   map[cert.ID]bool         // certificates with another plan than there
	Before    map[string]bool          // digests of the operations pending there
	Known     map[view.FindingKey]bool // findings there
	Protected []view.Finding           // protected differences that were not there
	Gone      []Gone                   // certificates whose manifest is there and not here, by id
}

// Gone is a certificate that the change stops managing. Nothing is written to it.
type Gone struct {
	ID          cert.ID
	Name, Label string
	Known       bool      // the request was read; else the rest is unknown
	AutoRenew   bool      // as read
	Expires     time.Time // zero until one was issued
	Expired     bool      // by then
	Accepted    bool      // the removed manifest accepted that nothing renews it
	MovedTo     string    // the file of the repository that holds its manifest now, which the run does not read; "": none
}

// Unrenewed reports whether nothing renews the certificate once its manifest is gone. Of one
// that was moved another run knows, and of one that has expired nothing is lost.
func (g Gone) Unrenewed() bool {
	return g.Known && !g.AutoRenew && !g.Expires.IsZero() && !g.Expired && g.MovedTo == ""
}

// Abandoned reports whether nothing renews the certificate any more, and the removed manifest
// did not accept that.
func (g Gone) Abandoned() bool { return g.Unrenewed() && !g.Accepted }

// Abandoned returns the certificates that are abandoned.
func (b *Base) Abandoned() []Gone {
	if b == nil {
		return nil
	}
	return where(b.Gone, Gone.Abandoned)
}

// ThisChange returns the plan of the certificates that the change under review touches, or
// the whole plan if that is unknown.
func (r Report) ThisChange() plan.Plan {
	if r.Base == nil {
		return r.Plan
	}
	return r.Plan.Where(r.Base.Touches)
}

// Pending returns the plan of the certificates that the change under review does not touch.
func (r Report) Pending() plan.Plan {
	return r.Plan.Where(func(s plan.Step) bool { return r.Base != nil && !r.Base.Touches(s) })
}

// NewOperations counts the operations of the change under review, or all if it is unknown.
func (r Report) NewOperations() view.Summary {
	return view.Summarize(r.Plan.Only(func(s plan.Step, o plan.Operation) bool { return !r.wasPending(s, o) }))
}

// PendingOperations counts the operations that were pending before the change under review,
// also of certificates that it touches.
func (r Report) PendingOperations() view.Summary { return view.Summarize(r.Plan.Only(r.wasPending)) }

func (r Report) wasPending(s plan.Step, o plan.Operation) bool {
	return r.Base != nil && (!r.Base.Touches(s) || r.Base.Before[o.Digest(r.Plan.API, s.Want.ID)])
}

// AnswersFor reports whether a certificate counts for the exit code. A plan with --base
// answers for the change under review: what was wrong before it is shown, and is no
// reason to refuse it. An apply answers for all that it was to do.
func (r Report) AnswersFor(s plan.Step) bool { return r.Apply || r.Base == nil || r.Base.Touches(s) }

// Touches reports whether the change is about a certificate; never without a base.
func (b *Base) Touches(s plan.Step) bool { return b != nil && b.Touched[s.Want.ID] }
