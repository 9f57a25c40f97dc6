package run

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/comment"
	"github.com/cpsync/cpsync/internal/jsontext"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
)

// savedPlan is what an approval takes from a plan in JSON: which operations there
// were, by digest, and a few words about each for people. Nothing of it is ever sent.
type savedPlan struct {
	FormatVersion string    `json:"format_version"`
	Mode          string    `json:"mode"`
	Finished      bool      `json:"finished"`
	Now           time.Time `json:"now"`
	API           string    `json:"api"`
	Digest        string    `json:"digest"`
	Steps         []struct {
		ID         cert.ID          `json:"id"`
		Changed    *bool            `json:"changed_by_base"`
		Operations []savedOperation `json:"operations"`
	} `json:"steps"`
}

type savedOperation struct {
	Kind    string `json:"kind"`
	Digest  string `json:"digest"`
	Changes []struct {
		Field  string   `json:"field"`
		From   any      `json:"from"`
		To     any      `json:"to"`
		Add    []string `json:"add"`
		Remove []string `json:"remove"`
	} `json:"changes"`
}

// ReadApproval reads the plan that a file holds. It is an approval of a plan made before,
// with the same API; anything else is an error. The report names the plan.
func (r *Run) ReadApproval(data []byte, path string, maxAge time.Duration) (plan.Approval, error) {
	var saved savedPlan
	if err := jsontext.Decode(data, &saved); err != nil {
		return nil, fmt.Errorf("--plan %s: it is not a plan in JSON, as cpsync --out json=FILE writes it: %w", path, err)
	}
	major, _, _ := strings.Cut(saved.FormatVersion, ".")
	switch {
	case major == "":
		return nil, fmt.Errorf("--plan %s: it is no plan: it has no format_version", path)
	case major != "2":
		return nil, fmt.Errorf("--plan %s: its format_version is %s, and this cpsync reads 2: save the plan again", path, comment.Version(saved.FormatVersion))
	case saved.Steps == nil:
		return nil, fmt.Errorf("--plan %s: it is no plan: it has no steps", path)
	case saved.Mode == "apply":
		return nil, fmt.Errorf("--plan %s: it is the report of an apply, not a plan", path)
	case saved.Mode != "plan":
		return nil, fmt.Errorf("--plan %s: it is no plan: its mode is another", path)
	case saved.API != r.Target.API:
		return nil, fmt.Errorf("--plan %s: it is a plan for another API, and this run talks to %q", path, r.Target.API)
	case !saved.Finished:
		return nil, fmt.Errorf("--plan %s: it does not say that the run finished, so it approves nothing; plan again", path)
	}
	if age := r.Target.Instant.Sub(saved.Now); maxAge > 0 && age > maxAge {
		return nil, fmt.Errorf("--plan %s: it was made at %s, which is longer ago than --plan-max-age %s, so it approves nothing; plan again",
			path, saved.Now.UTC().Format(time.RFC3339), words.Duration(maxAge))
	}
	if digest := words.Clean(saved.Digest); digest != "" {
		r.Report.Run = maps.Clone(r.Report.Run)
		r.Report.Run["approved_plan"] = digest
	}
	approval := plan.Approval{}
	for _, step := range saved.Steps {
		if step.Changed != nil && !*step.Changed {
			continue // a plan of a change approves the change alone
		}
		for _, o := range step.Operations {
			approval[step.ID] = append(approval[step.ID], plan.Approved{Digest: o.Digest, Text: o.text()})
		}
	}
	return approval, nil
}

func (o savedOperation) text() string {
	if len(o.Changes) == 0 {
		return o.Kind
	}
	var parts []string
	for _, c := range o.Changes {
		part := c.Field
		if c.From != nil || c.To != nil {
			part += fmt.Sprintf(" %q -> %q", fmt.Sprint(c.From), fmt.Sprint(c.To))
		}
		for _, n := range c.Add {
			part += " + " + n
		}
		for _, n := range c.Remove {
			part += " - " + n
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}
