// Package plan decides what to write, what waits, what needs a person, and in which order. It owns the
// table of rules. It is made of functions of values: it reads no clock, no file and no network. Its
// values hold clauses for people; nothing decides by their text.
package plan

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// Pair is one manifest and the request that it names, as it was read.
type Pair struct {
	Want  cert.Spec
	Have  cert.Live
	Found bool
	Err   error // reading this one request failed; Have is what the list said, and decides nothing
	// ListOnly means that the certificate is not evaluated: Have is what the list says, and
	// nothing is decided but whether it could be planned.
	ListOnly bool
}

// Plan is what a run decided about each certificate.
type Plan struct {
	API   string // address of the API; part of every digest
	Now   time.Time
	Steps []Step // in the order of the manifests

	Unmanaged []cert.Live // the live requests without a manifest, by id; means nothing unless Complete
	Complete  bool        // the whole account was read
	Limits    Limits
}

// Step is the plan of one certificate: what is sent, what is withheld, what is to be known.
type Step struct {
	Pair
	Phase    cert.Phase
	Ops      []Operation // calls to make, in order
	Withheld []Withheld  // what is wanted and not an operation
	Warnings []Warning
	Fault    *Fault // this certificate can't be planned; there is nothing else

	Consent  Consent
	Approved []Approved // what was approved of it; empty when the run needs no approval

	fleet         fleet         // what was decided by looking at the others
	refused       bool          // the API refused some of it when it was last made
	pending       *PendingOrder // what the journal holds of it; nil: nothing
	renewalResult RenewalResult // what became of its renewal, after an apply
}

// Kind is the call an operation makes.
type Kind uint8

// The kinds, named after the API's calls.
const (
	Patch     Kind = iota // changes fields; an order if it changes the domains
	Renew                 // orders a renewal
	Retrigger             // submits an order that timed out again
)

// String returns the word used in JSON.
func (k Kind) String() string { return [...]string{"patch", "renew", "retrigger"}[k] }

// Operation is one call of the API that changes a request.
type Operation struct {
	Kind    Kind
	Changes []diff.Change // what a Patch changes, for readers
	Body    cert.Patch    // what a Patch sends; else zero
	Reason  string        // why a policy asks for it; "" for a Patch
	Effect  Effect

	// What an order replaces; zero for the rest. Part of the digest.
	Thumbprint string
	Expires    time.Time
	// Since is when the request of a retrigger last changed, so that an approval is good
	// for one: a request that was never issued shows nothing else that moves.
	Since time.Time
}

// Order reports whether the operation creates a CA order. A step holds at most one.
func (o Operation) Order() bool { return o.Kind != Patch || o.Body.Domains.IsSet() }

// Missing lists what a Patch asks for and the request does not show. It is empty for the other kinds.
func (o Operation) Missing(have cert.Live) []diff.Change { return diff.Fields(o.Body, have) }

// AtMostOnce reports whether the operation is never sent again while its effect is unknown. So it
// is with orders and with changes of the DCV method.
func (o Operation) AtMostOnce() bool { return o.Kind != Patch || o.Body.AtMostOnce() }

// Edit returns the edit that the operation is counted and shown as: the first change of a Patch,
// or the renewal or retrigger.
func (o Operation) Edit() cert.Edit {
	if o.Kind == Patch {
		return o.Changes[0].Edit
	}
	return [...]cert.Edit{Renew: cert.EditRenew, Retrigger: cert.EditRetrigger}[o.Kind]
}

// Effect is what an operation leads to.
type Effect struct {
	Kind   EffectKind
	New    int            // domains to validate: of a reissue
	End    time.Time      // about when the new certificate expires: of a renewal
	Method cert.DCVMethod // that domains are validated with from then on; not of MetadataOnly
	Before cert.DCVMethod // that they were validated with: of MethodBefore
	Vets   bool           // the organization may be vetted again
}

// EffectKind is a class of effects.
type EffectKind uint8

// The effects.
const (
	MetadataOnly   EffectKind = iota
	Reissue                   // the new domains are validated; the current certificate stays active
	Renewal                   // a new expiry; domains may be validated again
	RenewalOutside            // the same, where the API may refuse it
	NewOrder                  // every domain is to be validated again
	MethodBefore              // DCV method before the certificate is issued: records and e-mails so far become invalid
	MethodInActive            // DCV method of an active certificate: from the next validation on
)

// Withheld is an edit that the manifest or its policy asks for, and that is not sent.
type Withheld struct {
	Edit    cert.Edit
	Change  diff.Change // zero for a renewal and a retrigger
	Verdict Verdict
	Rule    Rule
	Because string    // a clause without a full stop
	Until   string    // the same; may be ""
	UntilAt time.Time // zero when it can't be computed
	Do      Action
	Next    Actor
}

// Verdict says whether a withheld edit can be sent later, and what must happen before.
type Verdict uint8

// The verdicts.
const (
	Deferred     Verdict = iota // a later run sends it
	Blocked                     // a person must act first
	Undocumented                // the behaviour of the API is undocumented
	Protected                   // the manifest itself says: show, never send
	NotPossible                 // a date no new certificate reaches
	ExtraDomain                 // live, not in the manifest, not told to be removed
)

// String returns the word used in JSON.
func (v Verdict) String() string {
	return [...]string{"deferred", "blocked", "undocumented", "protected", "not-possible", "extra-domain"}[v]
}

// Actor is who acts next.
type Actor uint8

// The actors.
const (
	Person Actor = iota
	CA
	CDN
	NextRun
)

// String returns the word used in JSON.
func (a Actor) String() string { return [...]string{"person", "ca", "cdn", "next-run"}[a] }

// Warning is a finding about a certificate that is no edit: action is required, or it is a note.
type Warning struct {
	Code     cert.Code
	Text     string // a clause without a full stop
	Do       Action // what a person does
	Accepted bool   // the manifest says that it is fine
	Aside    bool   // shown only to readers who ask for all notes

	// The places in this manifest and in the other, of what two manifests have in common.
	At, Also cert.Pos
	Names    []string // the domains it is about, sorted
}

// Fault is why a certificate can't be planned.
type Fault struct {
	Code, Message, Hint string
	At                  string // path of the key to point at, "" for the document
}

// Options are what decisions depend on besides manifests and the account. A limit of 0 is a freeze.
type Options struct {
	API              string
	OrderCooldown    time.Duration // no order is sent while the request changed more recently
	MaxEdits         int
	MaxDomainChanges int
	MaxRenewals      int
	// Server is the clock of the API, of an apply that finds it another one than ours; else
	// zero. Orders go out only when they may by both.
	Server time.Time

	// What a journal says: the orders of earlier runs that no reading has shown; when this client last
	// sent an order of a request, because last_modified may not move with an order; the writes that
	// the API refused when they were last made; and the writes that are proven to be its own.
	PendingOrders map[cert.ID]PendingOrder
	Ordered       map[cert.ID]time.Time
	Refused       map[cert.ID][]Refusal
	Own           map[cert.ID][]Own

	Self             string                // what the API calls this client when it changed a request; "" when that is not known
	Before           map[cert.ID]cert.Spec // the manifests without the change under review, where there is one
	Approval         Approval              // what may be applied; nil: all of it
	PoliciesApproved bool                  // what policies ask for needs no approval
	ApprovalFollows  bool                  // what is not approved waits for another run, and is not refused
}

// PendingOrder is an order of an earlier run that may have been placed, and that no reading has shown.
type PendingOrder struct {
	Kind     Kind
	Sent     time.Time
	Answered time.Time // when the API said that it took the order; zero when it did not
	Line     string    // where the journal says so, as file:line
}

// Own is a write of this client: last_modified before it, and after it.
type Own struct {
	Before, After time.Time
	Metadata      bool // a PATCH of description or label, which can't be an order
}
