package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// Approval is what somebody approved: for each request the operations of a saved plan. It is compared
// with what is planned now and is never a source of requests. nil: the run needs none.
type Approval map[cert.ID][]Approved

// Approved is one operation of a saved plan.
type Approved struct {
	Digest string
	Text   string // what it does, for people; from a file, so not to be trusted
}

// Consent says whether the approval covers a step.
type Consent uint8

// The consents.
const (
	NotNeeded Consent = iota // the run needs no approval
	Given                    // every operation is approved
	Refused                  // an operation is not what was approved
	NotYet                   // nothing was approved, because policies did not ask for it then
	Awaited                  // nothing was approved so far, and an approval may follow
)

// consentTo compares the operations of a step with what was approved of its request.
func (a Approval) consentTo(s Step, o Options) Consent {
	approved, changes := a[s.Want.ID], s.asksItself()
	isOther := func(op Operation) bool {
		digest := op.Digest(o.API, s.Want.ID)
		return !slices.ContainsFunc(approved, func(a Approved) bool { return a.Digest == digest })
	}
	switch {
	case a == nil:
		return NotNeeded
	case len(s.Ops) == 0:
		return Given // nothing to do, or done already
	case o.PoliciesApproved && !changes:
		return Given
	case o.ApprovalFollows:
		return Awaited
	case len(approved) == 0 && !changes:
		return NotYet
	case slices.ContainsFunc(s.Ops, isOther):
		return Refused
	default:
		return Given
	}
}

// asksItself reports whether the manifest, and not the passing of time, asks for any of it.
func (s Step) asksItself() bool {
	return slices.ContainsFunc(s.Ops, func(o Operation) bool {
		return o.Kind == Patch || o.Kind == Renew && s.Want.Policy.RenewsNow(o.Thumbprint)
	})
}

// Sources reports whether the plan has operations that manifests ask for, such as edits and
// domains, and whether it has any that the passing of time does.
func (p Plan) Sources() (manifests, policies bool) {
	for _, s := range p.Steps {
		if len(s.Ops) > 0 {
			manifests, policies = manifests || s.asksItself(), policies || !s.asksItself()
		}
	}
	return manifests, policies
}

// MayGo reports whether the approval lets the step's operations be applied.
func (s Step) MayGo() bool { return s.Consent == NotNeeded || s.Consent == Given }

// Holds reports whether the plan is still what was approved. Only orders that policies ask for
// since may be added.
func (p Plan) Holds(a Approval) bool {
	planned := p.ByID()
	for id, approved := range a {
		if len(planned[id].Ops) != len(approved) {
			return false
		}
	}
	return len(p.NotCovered(Refused)) == 0
}

// Digest identifies what the operation does to which request: the address, the id, the call, each field
// with from and to, the names there are, are added and removed, the common name before and after, and
// the certificate it replaces. Words, dates of the run and warnings are not part of it, so that it
// changes only when the operation does.
func (o Operation) Digest(api string, id cert.ID) string {
	names, _ := o.Body.Domains.Get()
	c := struct {
		API, Kind, Thumbprint string
		ID                    cert.ID
		Changes               []askedFor
		Expires               string
		Since                 string `json:",omitempty"`
		Common                string `json:",omitempty"` // the one that a PATCH of domains marks
	}{api, o.Kind.String(), o.Thumbprint, id, o.asks(), o.Expires.UTC().Format(time.RFC3339Nano), "", names.Common}
	if !o.Since.IsZero() {
		c.Since = o.Since.UTC().Format(time.RFC3339Nano)
	}
	return hash(c)
}

// askedFor is what a change asks for.
type askedFor struct {
	Field, From, To      string
	Before, Add, Remove  []string
	CommonFrom, CommonTo string
}

func (o Operation) asks() []askedFor {
	var all []askedFor
	for _, d := range o.Changes {
		all = append(all, askedFor{d.Edit.String(), d.From, d.To, d.Before, d.Add, d.Remove, d.CommonFrom, d.CommonTo})
	}
	return all
}

// Digest identifies what the step does: the digests of its operations, in order.
func (s Step) Digest(api string) string {
	digests := make([]string, len(s.Ops))
	for i, o := range s.Ops {
		digests[i] = o.Digest(api, s.Want.ID)
	}
	return hash(digests)
}

// Digest identifies what the plan does: the digests of its steps, in order.
func (p Plan) Digest() string {
	digests := make([]string, len(p.Steps))
	for i, s := range p.Steps {
		digests[i] = s.Digest(p.API)
	}
	return hash(digests)
}

// hash returns the hash of the JSON form of v, which Go writes in the order of the fields.
func hash(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic("plan: a digest of something that has no JSON form: " + err.Error())
	}
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// SameOperation reports whether two operations do the same to the same request.
func SameOperation(a, b Operation, id cert.ID) bool { return a.Digest("", id) == b.Digest("", id) }

// SameChange reports whether two changes change the same field from and to the same value.
func SameChange(a, b diff.Change) bool {
	return SameOperation(Operation{Changes: []diff.Change{a}}, Operation{Changes: []diff.Change{b}}, 0)
}
