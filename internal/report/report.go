package report

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
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
	// Within is how near an end fails the run, whatever is under way; 0 when none does.
	Within   time.Duration
	Commit   string // of the repository that holds the manifests; "" when it is not known
	Version  Version
	Plan     plan.Plan
	Control  Controls  // of the certificates that wait for it, where it was asked for
	Base     *Base     // what the change under review is about; nil when it is not known
	Problems []Problem // what is wrong with the files; with any, Plan is zero
	Failure  *Failure  // what stopped the run; nil when nothing did
	Warnings []Problem // about the run, not about a certificate: a clock that is off
	Outcomes []Outcome // in the order the operations ended
	Waits    []Wait    // after an apply with --wait, in the order they ended
	Notes    []Note    // of a look at the manifests alone

	// Reviewed are the manifests that the change under review touches: of --base or
	// --changed-since.
	Reviewed map[cert.ID]bool
	Requests Requests
}

// Version is which build of cpsync ran.
type Version struct{ Name, Version, Commit string }

// Failure is an error that stopped the run.
type Failure struct{ Code, Message, Hint string }

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

// Result is what became of an operation. The zero value: it was not begun.
type Result uint8

// The results.
const (
	NotStarted Result = iota
	Done
	Failed         // the server answered 4xx, or nothing was sent: it did not happen
	Unknown        // sent, and nobody can tell whether it happened
	Stale          // not sent: the request changed after the plan was made
	DidNotConverge // answered with success, but the request does not show it
	NotApproved    // left alone: the approval allows something else, or nothing
	NotConfirmed   // a renewal or retrigger, answered with success, that no reading shows yet
)

// String returns the word used in JSON.
func (r Result) String() string {
	return [...]string{"not-started", "done", "failed", "unknown", "stale", "did-not-converge", "not-approved", "not-confirmed"}[r]
}

// By says how a result is known.
type By uint8

// What tells of a result.
const (
	Answer  By = iota // the answer to the call
	Reading           // a later reading of the request
)

// String returns the word used in JSON.
func (b By) String() string { return [...]string{"answer", "reading"}[b] }

// Outcome is what became of one operation.
type Outcome struct {
	Step     plan.Step // as planned
	Op       int       // index in Step.Ops
	Result   Result
	By       By
	Attempts int       // how often it was sent
	Sent     time.Time // when the run began to send it; zero when it was not sent
	Reads    int       // readings made to settle it
	Until    time.Time // the last of them
	Err      string    // why it is not done; "" when it is
	// OneRequest: the API refused it, or the reading before it, for a reason that says nothing
	// of other requests.
	OneRequest bool
	// Unauthorized: the credentials were refused for this write, if only for its last attempt.
	Unauthorized bool
	Rival        bool          // another run of this client was seen at work, or kept it from being started
	Now          plan.Step     // of a stale one: what would be planned now
	Noted        bool          // a journal holds it
	Left         []diff.Change // of one that did not converge: what the request still shows
	Before       cert.Live     // the reading right before it was sent; zero when it was not
	Last         cert.Live     // the latest reading after it, made at Until; zero when there was none
	Late         bool          // only a reading after the apply showed that it took effect
}

// Met reports whether a reading right before the operation showed all that it was to
// bring about, so that it was not sent.
func (o Outcome) Met() bool { return o.Result == Done && o.Attempts == 0 && !o.Late }

// Unclear reports whether nobody can tell if something was started at the certificate
// authority: a person has to look before the next run. A change of names that was
// answered with success and does not show may show late, and a renewal or retrigger that does
// not is sent again by the next run where nothing keeps it back. A PATCH of metadata starts
// nothing.
func (o Outcome) Unclear() bool {
	return o.Result == Unknown && o.Operation().SentOnce() ||
		o.Result == DidNotConverge && o.Operation().Order() ||
		o.Keeper() == KeptByNothing
}

// Operation returns the operation the outcome is about.
func (o Outcome) Operation() plan.Operation { return o.Step.Ops[o.Op] }

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
		all[begun].Result, all[begun].Err = Unknown, "the run ended, and this may have been under way"
	}
	return all
}
