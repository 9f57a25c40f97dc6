package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// Digest identifies what the operation does to which request: the address, the
// id, the call, each field with from and to, the names there are, are added and
// removed, the common name before and after, and the certificate it replaces. Words,
// dates of the run and warnings are not part of it, so that it changes only when the
// operation does.
func (o Operation) Digest(api string, id cert.ID) string {
	c := struct {
		API, Kind, Thumbprint string
		ID                    cert.ID
		Changes               []asked
		Expires               string
		Since                 string `json:",omitempty"`
		Common                string `json:",omitempty"` // the one that a PATCH of domains marks
	}{API: api, Kind: o.Kind.String(), Thumbprint: o.Thumbprint, ID: id, Expires: o.Expires.UTC().Format(time.RFC3339Nano)}
	if !o.Since.IsZero() {
		c.Since = o.Since.UTC().Format(time.RFC3339Nano)
	}
	names, _ := o.Body.Domains.Get()
	c.Common = names.Common
	c.Changes = o.asks()
	return digest(c)
}

// asked is what a change asks for.
type asked struct {
	Field, From, To      string
	Before, Add, Remove  []string
	CommonFrom, CommonTo string
}

func (o Operation) asks() []asked {
	var all []asked
	for _, d := range o.Changes {
		all = append(all, asked{d.Edit.String(), d.From, d.To, d.Before, d.Add, d.Remove, d.CommonFrom, d.CommonTo})
	}
	return all
}

// Digest identifies what the step does: the digests of its operations, in order.
func (s Step) Digest(api string) string {
	digests := make([]string, len(s.Ops))
	for i, o := range s.Ops {
		digests[i] = o.Digest(api, s.Want.ID)
	}
	return digest(digests)
}

// Digest identifies what the plan does: the digests of its steps, in order.
func (p Plan) Digest() string {
	digests := make([]string, len(p.Steps))
	for i, s := range p.Steps {
		digests[i] = s.Digest(p.API)
	}
	return digest(digests)
}

// digest hashes the JSON form of v, which Go writes in the order of the fields.
func digest(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic("plan: a digest of something that has no JSON form: " + err.Error())
	}
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// sameOperation reports whether two operations do the same to the same request.
func sameOperation(a, b Operation, id cert.ID) bool { return a.Digest("", id) == b.Digest("", id) }

// sameChange reports whether two changes make the same of the same.
func sameChange(a, b diff.Change) bool {
	return sameOperation(Operation{Changes: []diff.Change{a}}, Operation{Changes: []diff.Change{b}}, 0)
}
