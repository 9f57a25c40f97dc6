package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// workflowFiles are the action and the workflows, by name.
func workflowFiles(t *testing.T) map[string]string {
	t.Helper()
	root := filepath.Join("..", "..")
	names, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, name := range append(names, filepath.Join(root, "action.yml")) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(name)] = string(data)
	}
	if len(all) < 6 {
		t.Fatalf("only %d files", len(all))
	}
	return all
}

var (
	uses   = regexp.MustCompile(`(?m)^\s*(?:- )?uses: (\S+)(.*)$`)
	pinned = regexp.MustCompile(`^[\w./-]+@[0-9a-f]{40}$`)
	dated  = regexp.MustCompile(`^ # v\d+\.\d+\.\d+$`)
	runs   = regexp.MustCompile(`(?m)^\s*(?:- )?run: (.*)$`)
	clears = regexp.MustCompile(`(?m)^      - run: (rm -rf \.cpsync)\b.*\n      - uses: actions/checkout@.*\n(?:        .*\n)*?          path: \.cpsync$`)
	script = regexp.MustCompile(`^'exec "\$GITHUB_ACTION_PATH/\.github/scripts/(\w+\.sh)"'(?: #.*)?$`)
)

// TestActionsArePinnedByCommit: a tag can be moved, a commit can't.
func TestActionsArePinnedByCommit(t *testing.T) {
	t.Parallel()
	commits := map[string]string{}
	for name, text := range workflowFiles(t) {
		for _, m := range uses.FindAllStringSubmatch(text, -1) {
			action, commit, _ := strings.Cut(m[1], "@")
			switch {
			case strings.HasPrefix(action, "./"):
			case !pinned.MatchString(m[1]) || !dated.MatchString(m[2]):
				t.Errorf("%s: %s is not pinned by a commit with its version beside it", name, m[0])
			case commits[action] != "" && commits[action] != commit:
				t.Errorf("%s: %s is pinned by another commit elsewhere", name, action)
			default:
				commits[action] = commit
			}
		}
	}
}

// TestStepsAreScripts: what a step runs is a file that is tested, and no input gets into
// the text of a script.
func TestStepsAreScripts(t *testing.T) {
	t.Parallel()
	for name, text := range workflowFiles(t) {
		for _, m := range runs.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "${{") {
				t.Errorf("%s: %q takes in an expression; use a variable", name, m[1])
			}
			if name == "ci.yml" || strings.HasPrefix(m[1], "rm -rf .cpsync #") {
				continue
			}
			s := script.FindStringSubmatch(m[1])
			if s == nil {
				t.Errorf("%s: %q is no script of ours", name, m[1])
				continue
			}
			info, err := os.Stat(filepath.Join("..", "..", ".github", "scripts", s[1]))
			if err != nil || info.Mode()&0o111 == 0 {
				t.Errorf("%s: %s can't be run: %v", name, s[1], err)
			}
		}
	}
}

// TestWorkflowsAskForNoMoreThanTheyNeed: nothing at the top, and per job only what is
// listed here.
func TestWorkflowsAskForNoMoreThanTheyNeed(t *testing.T) {
	t.Parallel()
	granted := regexp.MustCompile(`(?m)^\s+([a-z-]+): (write|write-all|read-all)\b`)
	for name, text := range workflowFiles(t) {
		if name == "action.yml" || name == "ci.yml" {
			continue
		}
		if !strings.Contains(text, "\npermissions: {}\n") {
			t.Errorf("%s: the workflow itself is granted something", name)
		}
		for _, m := range granted.FindAllStringSubmatch(text, -1) {
			if m[1] != "pull-requests" || name == "drift.yml" {
				t.Errorf("%s: %s: %s", name, m[1], m[2])
			}
		}
		if strings.Contains(text, "pull_request_target") || strings.Contains(text, "cancel-in-progress: true") {
			t.Errorf("%s: code of forks gets no secrets, and no apply is cut off", name)
		}
	}
}
