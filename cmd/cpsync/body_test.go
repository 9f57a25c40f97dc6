package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestThePlanShowsWhatIsSent: the bodies of a plan are those that the server gets,
// byte for byte but for white space.
func TestThePlanShowsWhatIsSent(t *testing.T) {
	t.Parallel()
	g := newRig(t, served(700), served(701), served(702))
	dir := manifests(t,
		wish(700, "", `certificate_label: 'Shöp <EU> & "more" \ 100 %'`, `description: "two  blanks, a\nline break and a \U0001F512"`, "dcv_method: Email"),
		wish(701, "remove_domains: [h701.example.com]", "common_name: b.example.com", "domains: [c.example.com, b.example.com, '*.a.example.com']"),
		wish(702, "", "auto_renew: true"))
	var sent []string
	g.serve = func(_ http.ResponseWriter, r *http.Request, _ call) bool {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if err == nil && r.Method == http.MethodPatch {
			sent = append(sent, string(body))
		}
		return false
	}
	planned, applied := g.cpsync("--format", "json", dir), g.cpsync("--apply", "--format", "json", dir)
	for name, r := range map[string]result{"plan": planned, "apply": applied} {
		if diff := cmp.Diff(sent, r.bodies(t)); diff != "" || len(sent) != 5 {
			t.Errorf("sent and %s: %s\n%s", name, diff, r.stderr)
		}
	}
}

// bodies are those of a JSON report, without white space.
func (r result) bodies(t *testing.T) []string {
	t.Helper()
	var want struct {
		Steps []struct {
			Operations []struct{ Body json.RawMessage }
		}
	}
	if err := json.Unmarshal([]byte(r.stdout), &want); err != nil {
		t.Fatal(err, r.stderr)
	}
	var all []string
	for _, s := range want.Steps {
		for _, o := range s.Operations {
			var b bytes.Buffer
			if err := json.Compact(&b, o.Body); err != nil {
				t.Fatal(err)
			}
			all = append(all, b.String())
		}
	}
	return all
}
