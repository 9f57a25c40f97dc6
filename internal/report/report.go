// Package report holds the results of a run: plan, outcomes, problems, counts. It does nothing
// with them.
package report

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
)

// Report is the result of one run.
type Report struct {
	Apply bool // the run applies the plan
	// Unfinished means that the apply is still running. An operation without an outcome may be
	// in flight.
	Unfinished bool

	Top    string // the directory taken for the top without a repository; else ""
	Target string // of the first line: a host, or a sandbox and its clock
	Paths  []string
	Chosen []string // the flags that choose manifests, as given
	// Manifests counts all that were read, chosen or not.
	Manifests int
	Flags     []string // the flags that an apply of this plan must repeat, such as --sandbox FILE
	AsOf      bool     // the plan is for another time than now, against the real API, and must not be applied
	// ExpiringWithin fails the run if a certificate expires within it; 0: never.
	ExpiringWithin time.Duration
	Commit         string // of the repository with the manifests; "" if unknown
	Version        Version
	Run            map[string]string // who started the run and what for, as far as known
	Plan           plan.Plan
	DCV            DCVs // DCV of the certificates that wait for it, if it was read
	Edges          Edges
	Base           *Base     // the change under review; nil if unknown
	Problems       []Problem // of the files; with any, Plan is zero
	Failure        *Failure  // what stopped the run; nil if nothing did
	Warnings       []Problem // about the run, such as a wrong clock
	Outcomes       []Outcome // in the order the operations ended
	Waits          []Wait    // after an apply with --wait, in the order they ended
	// Left counts the certificates after an apply, by their latest readings; nil where nothing
	// was applied, or the apply did not come to its end.
	Left  *view.Summary
	Notes []Note // about the manifests alone

	// Reviewed holds the manifests that the change under review touches, by --base or
	// --changed-since.
	Reviewed map[cert.ID]bool
	Requests Requests
}

// Version is the build of cpsync that ran.
type Version struct{ Name, Version, Commit string }

// Began reports whether a write was sent. One in progress has no outcome yet.
func (r Report) Began() bool {
	return r.Requests.Writes > 0 || slices.ContainsFunc(r.All(), func(o Outcome) bool { return o.Attempts > 0 })
}

// Faults are the certificates that could not be planned, as far as they count for the exit code.
func (r Report) Faults() []plan.Step { return where(view.In(r.Plan, view.Errors), r.AnswersFor) }

// Failure is an error that stopped the run.
type Failure struct {
	Code, Message, Hint string
	Chain               string // all that the error says; "" where that is the message
}

// Requests is the cost of the run. Reads include the token.
type Requests struct {
	Reads, Writes, Retries int
	Queries                int // of DNS
	Waited                 time.Duration
	Expected               Expected
}

// Expected is how many requests it takes to read the account, without retries and the token.
// nil: unknown, or unknown when the run ended.
type Expected struct{ List, Single, Status, DCV *int }

// Outcome returns the outcome of an operation of the plan, by id and index.
func (r Report) Outcome(id cert.ID, op int) Outcome {
	for i := range r.Outcomes { // by index, because an outcome is large
		if o := &r.Outcomes[i]; o.Step.Want.ID == id && o.Op == op {
			return *o
		}
	}
	return Outcome{}
}

// where returns those of which something is true.
func where[T any](all []T, is func(T) bool) (some []T) {
	for _, v := range all {
		if is(v) {
			some = append(some, v)
		}
	}
	return some
}

// WithResult returns the outcomes with a result, in the order in which they ended.
func (r Report) WithResult(result Result) []Outcome {
	return where(r.Outcomes, func(o Outcome) bool { return o.Result == result })
}

// Count returns how many operations ended with a result.
func (r Report) Count(result Result) int { return len(r.WithResult(result)) }

// Accepted counts the operations of one kind that are done, or answered with success and not visible yet.
func (r Report) Accepted(kind plan.Kind) int {
	return len(where(r.Outcomes, func(o Outcome) bool {
		return (o.Result == Done || o.Result == NotConfirmed) && o.Operation().Kind == kind
	}))
}

// LateOrders reports whether an order became visible only after others were not started
// because of it.
func (r Report) LateOrders() bool {
	late := func(o Outcome) bool { return o.Late && o.Operation().Order() }
	return slices.ContainsFunc(r.Outcomes, late) && r.Count(NotStarted) > 0
}

// Expiring returns what ends within the time that fails the run, the soonest end first.
func (r Report) Expiring() []plan.Step {
	if r.ExpiringWithin == 0 {
		return nil
	}
	return where(view.ExpiringWithin(r.Plan.Where(r.AnswersFor), r.ExpiringWithin), func(s plan.Step) bool {
		w, _ := r.Wait(s.Want.ID) // which may have seen another certificate in service, with a later end
		return !w.Ended.Good() || !w.Have.Expires.After(r.Plan.Now.Add(r.ExpiringWithin))
	})
}

// All returns an outcome for every operation of the plan: those that ended, in that order,
// then the rest as not started, in the order of the apply. If the run wrote and did not come
// to its end, the first of the rest is unknown, because it may have been in flight.
func (r Report) All() []Outcome {
	all := slices.Clone(r.Outcomes)
	for _, s := range r.Plan.ToApply() {
		for i := range s.Ops {
			if o := r.Outcome(s.Want.ID, i); len(o.Step.Ops) == 0 {
				all = append(all, Outcome{Step: s, Op: i})
			}
		}
	}
	if begun := len(r.Outcomes); begun < len(all) && r.Requests.Writes > 0 {
		all[begun].Result, all[begun].Err = Unknown, "the run stopped, and this may have been in progress"
	}
	return all
}

// Problem is something wrong with a file, and its place.
type Problem struct {
	At      cert.Pos // Line 0: the whole file; File "": no file at all
	Rule    string   // of a manifest: what it breaks, such as "unknown-key"; "" elsewhere
	More    int      // how many problems this one only counts; 0: it is one itself
	Message string   // what is wrong, without a full stop
	Hint    string   // what to do, a sentence that can be pasted when it is YAML or a command; may be ""
}

// Count counts problems, with those that one of them only counts.
func Count(problems []Problem) int {
	n := 0
	for _, p := range problems {
		n += max(p.More, 1)
	}
	return n
}

// DCV is the DCV of a certificate that waits for it.
type DCV struct {
	Validations []cert.DomainValidation // of the domains that are not validated; none: all are
	Err         string                  // why it could not be read, or ""
}

// DCVs holds the DCV that was read, by request.
type DCVs map[cert.ID]DCV

// Edges is what --check-edge saw, by request; nil where nobody looked.
type Edges map[cert.ID]plan.Served

// Wrong counts the certificates that the CDN serves wrongly, so that a person must act.
func (e Edges) Wrong() int {
	n := 0
	for _, served := range e {
		if served.Wrong {
			n++
		}
	}
	return n
}
