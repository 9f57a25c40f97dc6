package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/patience"
	stages "github.com/cpsync/cpsync/internal/run"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// unproven is a request that waits for domain control.
func unproven(id int64) sandbox.Certificate {
	c := timedOut(id)
	c.Domains[0].Status = "AwaitingCertificateAuthority"
	c.Status.OrderValidation.Status = "Pending"
	c.ValidatesAfter = ""
	c.LastModified = start2026.Add(-day)
	return c
}

// TestControlThatCannotBeRead is said in its place, and is no error of the plan.
func TestControlThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		status int
		body   string
		text   string
	}{
		"not there yet":     {404, `{"code":"not_found"}`, "1 domain has none yet"},
		"no items":          {200, `{"items":[]}`, "1 domain has none yet"},
		"forbidden":         {403, `{"code":"forbidden"}`, "could not be read: "},
		"a server error":    {500, "<html>", "could not be read: "},
		"no object":         {200, "[]", "could not be read: "},
		"a token of 7":      {200, `{"items":[{"dcv_token":7}]}`, "could not be read: "},
		"an unknown method": {200, `{"items":[{"domain_id":0,"dcv_method":"Pigeon","dcv_token":"x"}]}`, "1 domain has none yet"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, unproven(700), served(701))
			g.serve = func(w http.ResponseWriter, _ *http.Request, got call) bool {
				if got != aProof {
					return false
				}
				answer(w, c.status, c.body)
				return true
			}
			dir := manifests(t, manifestOf(700), wish(701, "", "description: new"))
			r := g.cpsync("--detailed-exitcode", dir)
			if r.code != cli.Changes || !strings.Contains(r.stdout, "records        "+c.text) || !strings.Contains(r.stdout, "domain control validation (DCV) pending") {
				t.Errorf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
			}
			for _, format := range []string{"markdown", "json"} {
				if r := g.cpsync("--format", format, dir); r.code != cli.OK || !strings.Contains(strings.ToLower(r.stdout), strings.TrimSuffix(strings.TrimPrefix(c.text, "1 domain has "), ": ")) && format != "json" {
					t.Errorf("%s: exit code %d\n%s", format, r.code, r.stdout)
				}
			}
		})
	}
}

// TestControlThatIsDownIsNotAskedForEachTime: the plan does not wait for each certificate
// anew.
func TestControlThatIsDownIsNotAskedForEachTime(t *testing.T) {
	t.Parallel()
	var all []sandbox.Certificate
	var texts []string
	for id := range int64(30) {
		all, texts = append(all, unproven(700+id)), append(texts, manifestOf(700+id))
	}
	g := newRig(t, all...)
	g.serve = func(w http.ResponseWriter, _ *http.Request, got call) bool {
		if got == aProof {
			answer(w, 403, `{"code":"forbidden"}`)
		}
		return got == aProof
	}
	r := g.cpsync("--format", "json", "--concurrency", "2", manifests(t, texts...))
	var doc struct {
		Steps []struct {
			Control      []any  `json:"dcv"`
			ControlError string `json:"dcv_error"`
		}
	}
	if err := json.Unmarshal([]byte(r.stdout), &doc); err != nil || r.code != cli.OK {
		t.Fatal(err, r.code, r.stderr)
	}
	for i, s := range doc.Steps {
		if s.Control != nil || s.ControlError == "" {
			t.Errorf("step %d: %v %q", i, s.Control, s.ControlError)
		}
	}
	if n := g.count(aProof); n < stages.MaxUnread || n > stages.MaxUnread+2 {
		t.Errorf("asked %d times", n)
	}
}

// TestControlIsReadOnce for each certificate that waits, and counted; an apply reads it
// with its plan alone.
func TestControlIsReadOnce(t *testing.T) {
	t.Parallel()
	g := newRig(t, unproven(700), served(701), unproven(702))
	dir := manifests(t, wish(700, "", "description: new"), manifestOf(701), manifestOf(702))
	r := g.cpsync(dir)
	if g.count(aProof) != 2 || !strings.Contains(r.stdout, fmt.Sprintf("(%d reads)", len(g.seen))) {
		t.Errorf("%d of %d requests\n%s", g.count(aProof), len(g.seen), r.stdout)
	}
	if r := g.cpsync("--apply", dir); r.code != cli.OK || g.count(aProof) != 4 || g.accepted(anEditing) != 1 {
		t.Errorf("exit code %d, %d asked for\n%s%s", r.code, g.count(aProof), r.stdout, r.stderr)
	}
	if g.cpsync("--no-dcv", dir); g.count(aProof) != 4 {
		t.Error("--no-dcv reads")
	}
}

// TestControlWhenTimeIsUp: what was not begun is not said to be proven.
func TestControlWhenTimeIsUp(t *testing.T) {
	t.Parallel()
	g := newRig(t, unproven(700), unproven(701), unproven(702))
	ctx, stop := cli.Stoppable(patience.Context(t))
	var stdout, stderr lockedBuffer
	w := g.world(&stdout, &stderr, "--concurrency", "1", manifests(t, manifestOf(700), manifestOf(701), manifestOf(702)))
	g.serve = func(_ http.ResponseWriter, r *http.Request, got call) bool {
		if got == aProof { // however many arrive, each is given up
			stop(cli.Interrupted{Code: cli.Interrupt})
			<-r.Context().Done()
		}
		return got == aProof
	}
	code := run(ctx, w)
	if text := stdout.String(); code != cli.Interrupt || strings.Contains(text, "every domain is validated") || strings.Count(text, "reading the DCV of request") != 3 {
		t.Errorf("exit code %d\n%s%s", code, text, stderr.String())
	}
}
