package comment

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/cpsync/cpsync/internal/jsontext"
)

// The modes of a run.
const (
	Plan  = "plan"
	Apply = "apply"
)

// Saved is what a comment needs to know of a saved plan.
type Saved struct {
	Mode     string // Plan or Apply
	Finished bool   // the run came to its end
	Digest   string
	Empty    bool // about no certificate at all
	Changes  bool // this change, or the apply, does something, or something stands in its way
	Needing  []Needing
}

// document is the part of a saved plan that is read. It is described by
// schemas/plan.v2.schema.json. Nothing of it is trusted.
type document struct {
	FormatVersion *string   `json:"format_version"`
	Mode          string    `json:"mode"`
	Finished      bool      `json:"finished"` // missing: unknown, so it is not
	Digest        string    `json:"digest"`
	Errors        []problem `json:"errors"`
	Steps         []step    `json:"steps"`
	Base          *base     `json:"base"`
}

// base is what is told from the revision that the change under review starts at.
type base struct {
	Gone []json.RawMessage `json:"gone"`
}

type step struct {
	ID            json.Number       `json:"id"`
	Name          string            `json:"name"`
	CommonName    string            `json:"common_name"`
	Tags          map[string]string `json:"tags"`
	ChangedByBase *bool             `json:"changed_by_base"`
	Operations    []operation       `json:"operations"`
	Withheld      []withheld        `json:"withheld"`
	Warnings      []warning         `json:"warnings"`
}

type operation struct {
	Kind    string `json:"kind"`
	Outcome string `json:"outcome"`
	Error   string `json:"error"`
}

type withheld struct {
	Field     string `json:"field"`
	Verdict   string `json:"verdict"`
	Reason    string `json:"reason"`
	Action    string `json:"action"`
	NextActor string `json:"next_actor"`
}

type warning struct {
	Text        string `json:"text"`
	Action      string `json:"action"`
	NeedsAction bool   `json:"action_required"`
}

type problem struct {
	Message string `json:"message"`
	Hint    string `json:"hint"`
	Name    string `json:"name"`
}

// Read reads a plan that a run saved as JSON.
func Read(data []byte) (Saved, error) {
	var d document
	if err := jsontext.Decode(data, &d); err != nil {
		return Saved{}, fmt.Errorf("it is no plan: %w", err)
	}
	switch {
	case d.FormatVersion == nil:
		return Saved{}, errors.New("it is no plan: it has no format_version")
	case *d.FormatVersion != "2" && !strings.HasPrefix(*d.FormatVersion, "2."):
		return Saved{}, fmt.Errorf("it is a plan of version %s, and this cpsync reads version 2: save the plan again", Version(*d.FormatVersion))
	case d.Mode != Plan && d.Mode != Apply:
		return Saved{}, errors.New("it is no plan: its mode is another")
	}
	return Saved{Mode: d.Mode, Finished: d.Finished, Digest: d.Digest, Empty: len(d.Steps) == 0, Changes: d.changes(), Needing: d.toDo()}, nil
}

// Version shows the version that a file says it has, where it is one: what else a file
// holds is shown nowhere.
func Version(written string) string {
	if isVersion.MatchString(written) {
		return strconv.Quote(written)
	}
	return "another"
}

var isVersion = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,3})?$`)

// changes leaves out what was pending before the change under review. To take a
// manifest away is one, although nothing is done to the certificate.
func (d document) changes() bool {
	for _, s := range d.Steps {
		mine := s.ChangedByBase == nil || *s.ChangedByBase
		if mine && len(s.Operations)+len(s.Withheld) > 0 {
			return true
		}
	}
	return len(d.Errors) > 0 || d.Base != nil && len(d.Base.Gone) > 0
}

// title is how a page begins.
const title = "### cpsync"

// Belongs refuses a Markdown page that is not of the saved plan. That of a run at work
// begins with a line that says so.
func (s Saved) Belongs(page string) error {
	switch {
	case !strings.HasPrefix(page, title) && !(strings.HasPrefix(page, "This "+s.Mode+" has not finished") && strings.Contains(page, "\n\n"+title)):
		return errors.New("it is no page of cpsync")
	case !s.Empty && !strings.Contains(page, s.Digest):
		return errors.New("it is of another run than the plan")
	}
	return nil
}
