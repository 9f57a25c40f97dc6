package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/render/words"
)

// auditFlag is about who started the run, and what for.
var auditFlag = flagGroup{"Audit", func(f *pflag.FlagSet, o *options) {
	f.StringArrayVar(&o.run, "run", nil, "note `KEY=VALUE` about this run in JSON and in the journal, beside what the variables of GitHub and GitLab say; repeatable")
}}

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
	mostFacts = 20
	mostFact  = 300 // bytes of a value
)

var (
	factKey = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
	pullRef = regexp.MustCompile(`^refs/pull/([0-9]+)/`)
)

// runFacts are what is known of the run: of the job of a CI, then of --run, which wins.
func runFacts(getenv func(string) string, given []string) map[string]string {
	facts := map[string]string{}
	set := func(key, value string) {
		if value = words.Clean(value); value != "" && len(value) <= mostFact {
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
		if id := getenv(githubRun); id != "" {
			set("url", fmt.Sprintf("%s/%s/actions/runs/%s/attempts/%s", getenv("GITHUB_SERVER_URL"), getenv(githubRepository), id, getenv(githubAttempt)))
		}
		if m := pullRef.FindStringSubmatch(getenv("GITHUB_REF")); m != nil {
			set("pull_request", m[1])
		}
	}
	for _, pair := range given {
		key, value, _ := strings.Cut(pair, "=")
		facts[key] = value
	}
	return facts
}

// checkRun refuses what is no fact.
func (o options) checkRun() error {
	for _, pair := range o.run {
		key, value, found := strings.Cut(pair, "=")
		switch {
		case !found || !factKey.MatchString(key):
			return fmt.Errorf("--run %.80q: write it as KEY=VALUE, with a key of small letters, digits and _", pair)
		case value == "" || len(value) > mostFact || words.Clean(value) != value:
			return fmt.Errorf("--run %s: the value is one line of at most %d bytes", key, mostFact)
		}
	}
	if len(o.run) > mostFacts {
		return fmt.Errorf("--run is given %d times, and a run has at most %d of them", len(o.run), mostFacts)
	}
	return nil
}

// facts returns those of the session, with the plan that was approved.
func (s *session) facts(approved string) map[string]string {
	facts := maps.Clone(s.report.Run)
	if approved != "" {
		facts["approved_plan"] = approved
	}
	return facts
}
