// Package report holds what a run has to say: plan, outcomes, problems, counts.
// It does nothing with them.
package report

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Report is all that one run has to say.
type Report struct {
	Apply bool // the run was told to carry the plan out
	// Unfinished: the apply was at work when this was written. Of an operation without an
	// outcome nothing is known.
	Unfinished bool

	Top    string // the directory taken for the top, where no repository says so; else ""
	Target string // what the first line names: a host, or a sandbox and its clock
	Paths  []string
	Chosen []string // the flags that choose among the manifests, as they were given
	Flags  []string // what an apply of this plan has to repeat, such as --sandbox and its file
	AsOf   bool     // planned as of another instant than now, against the real API: nothing to carry out
	// ExpiringWithin is how near an end fails the run, whatever is under way; 0 when none does.
	ExpiringWithin time.Duration
	Commit         string // of the repository that holds the manifests; "" when it is not known
	Version        Version
	Run            map[string]string // who started the run and what for, as far as it is known
	Plan           plan.Plan
	Control        Controls  // of the certificates that wait for it, where it was asked for
	Base           *Base     // what the change under review is about; nil when it is not known
	Problems       []Problem // what is wrong with the files; with any, Plan is zero
	Failure        *Failure  // what stopped the run; nil when nothing did
	Warnings       []Problem // about the run, not about a certificate: a clock that is off
	Outcomes       []Outcome // in the order the operations ended
	Waits          []Wait    // after an apply with --wait, in the order they ended
	Notes          []Note    // of a look at the manifests alone

	// Reviewed are the manifests that the change under review touches: of --base or
	// --changed-since.
	Reviewed map[cert.ID]bool
	Requests Requests
}

// Version is which build of cpsync ran.
type Version struct{ Name, Version, Commit string }

// Began reports whether a write was sent.
func (r Report) Began() bool {
	return slices.ContainsFunc(r.All(), func(o Outcome) bool { return o.Attempts > 0 })
}

// Failure is an error that stopped the run.
type Failure struct {
	Code, Message, Hint string
	Chain               string // all that the error says; "" where that is the message
}

// Requests is what the run cost. Reads include the token.
type Requests struct {
	Reads, Writes, Retries int
	Queries                int // of DNS
	Waited                 time.Duration
	Expected               Expected
}

// Expected is how many requests it takes to read the account, repeats and the token not
// counted. nil: not known, or not known yet when the run ended.
type Expected struct{ List, Single, Status, Control *int }

// Outcome returns what became of an operation of the plan, by id and index.
func (r Report) Outcome(id cert.ID, op int) Outcome {
	for i := range r.Outcomes { // by index: an outcome is large, and this is asked for each
		if o := &r.Outcomes[i]; o.Step.Want.ID == id && o.Op == op {
			return *o
		}
	}
	return Outcome{}
}

// Count returns how many operations ended with a result.
func (r Report) Count(result Result) int {
	n := 0
	for _, o := range r.Outcomes {
		if o.Result == result {
			n++
		}
	}
	return n
}

// Done counts the operations of one kind that are done.
func (r Report) Done(kind plan.Kind) int {
	n := 0
	for _, o := range r.Outcomes {
		if o.Result == Done && o.Operation().Kind == kind {
			n++
		}
	}
	return n
}

// All returns an outcome for every operation of the plan: first those that ended, in
// the order they did, then the rest in the order of the apply, as not started. When
// the run wrote and did not come to its end, the first of the rest is unknown: it may
// have been under way.
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

// Problem is something wrong with a file, and where.
type Problem struct {
	At      cert.Pos // Line 0: the whole file; File "": no file at all
	Rule    string   // of a manifest: what it breaks, such as "unknown-key"; "" elsewhere
	More    int      // how many problems this one only counts; 0: it is one itself
	Message string   // what is wrong, without a full stop
	Hint    string   // what to do, a sentence that can be pasted when it is YAML or a command; may be ""
}

// Control is what proves control of the names of a certificate that waits for it.
type Control struct {
	Proofs []cert.Proof // of the names that are not proven; none: every name is
	Err    string       // why it could not be read; "" when it was
}

// Controls are those that were asked for, by request.
type Controls map[cert.ID]Control

// Of returns what proves control for a step, and whether it was asked for.
func (c Controls) Of(s plan.Step) (Control, bool) {
	control, asked := c[s.Want.ID]
	return control, asked
}
