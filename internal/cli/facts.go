package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/render/words"
)

// Audit is who started the run, and what for.
type Audit struct{ Run []string }

func (a *Audit) declare(f *Flags) {
	f.group("Audit")
	f.texts(&a.Run, "run", "add `KEY=VALUE` about this run to JSON and to the journal, beside the variables of GitHub and GitLab; repeatable", 0)
}

// ciFacts are the facts about a run, and the variables of GitHub and of GitLab that hold
// them. The first that is set counts.
//
// Source: GitHub, "Variables reference"; GitLab, "Predefined CI/CD variables reference",
// read 2026-11-28.
var ciFacts = []struct {
	key       string
	variables []string
}{
	{"commit", []string{"GITHUB_SHA", "CI_COMMIT_SHA"}},
	{"actor", []string{"GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN"}},
	{"event", []string{"GITHUB_EVENT_NAME", "CI_PIPELINE_SOURCE"}},
	{"url", []string{"CI_JOB_URL"}},
	{"pull_request", []string{"CI_MERGE_REQUEST_IID"}},
}

// Sizes of facts: a journal repeats them for each write.
const (
	maxFacts = 20
	maxFact  = 300 // bytes of a value
)

var (
	factKey = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
	pullRef = regexp.MustCompile(`^refs/pull/([0-9]+)/`)
)

// Facts are what is known of the run: of the job of a CI, then of --run, which wins.
func (w World) Facts(a Audit) map[string]string {
	getenv := w.Getenv
	facts := map[string]string{}
	set := func(key, value string) {
		if value = words.Clean(value); value != "" && len(value) <= maxFact {
			facts[key] = value
		}
	}
	if getenv("GITHUB_ACTIONS") != "" || getenv("GITLAB_CI") != "" {
		for _, f := range ciFacts {
			for _, name := range slices.Backward(f.variables) {
				set(f.key, getenv(name))
			}
		}
	}
	if getenv("GITHUB_ACTIONS") != "" {
		if id := getenv("GITHUB_RUN_ID"); id != "" {
			set("url", fmt.Sprintf("%s/%s/actions/runs/%s/attempts/%s", getenv("GITHUB_SERVER_URL"), getenv("GITHUB_REPOSITORY"), id, getenv("GITHUB_RUN_ATTEMPT")))
		}
		if m := pullRef.FindStringSubmatch(getenv("GITHUB_REF")); m != nil {
			set("pull_request", m[1])
		}
	}
	for _, pair := range a.Run {
		key, value, _ := strings.Cut(pair, "=")
		facts[key] = value
	}
	return facts
}

// check refuses what is no fact.
func (a Audit) check() error {
	for _, pair := range a.Run {
		key, value, found := strings.Cut(pair, "=")
		switch {
		case !found || !factKey.MatchString(key):
			return fmt.Errorf("--run %.80q: write it as KEY=VALUE, with a key of small letters, digits and _", pair)
		case value == "" || len(value) > maxFact || words.Clean(value) != value:
			return fmt.Errorf("--run %s: the value is one line of at most %d bytes", key, maxFact)
		}
	}
	if len(a.Run) > maxFacts {
		return fmt.Errorf("--run is given %d times, and a run has at most %d of them", len(a.Run), maxFacts)
	}
	return nil
}
