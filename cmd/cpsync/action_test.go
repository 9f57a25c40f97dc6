package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
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
	dated  = regexp.MustCompile(`^ # v\d+\.\d+\.\d+ \(node24\)$`)
	runs   = regexp.MustCompile(`(?m)^\s*(?:- )?run: (.*)$`)
	clears = regexp.MustCompile(`(?m)^      - run: (rm -rf \.cpsync; .*)\n        env:\n          SELF: \S+ .*\n      - uses: actions/checkout@.*\n(?:        .*\n)*?          path: \.cpsync$`)
	script = regexp.MustCompile(`^'exec "\$GITHUB_ACTION_PATH/\.github/scripts/(\w+\.sh)"'(?: #.*)?$`)
)

// TestActionsArePinnedByCommit: a tag can be moved, a commit can't. The runtime beside the
// version is the one that action.yml of the commit declares.
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
			if name == "ci.yml" || name == "release.yml" || strings.HasPrefix(m[1], "rm -rf .cpsync; ") {
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
			if name == "release.yml" && slices.Contains([]string{"contents", "id-token", "attestations"}, m[1]) {
				continue
			}
			if m[1] != map[bool]string{true: "issues", false: "pull-requests"}[name == "issue.yml"] || name == "drift.yml" {
				t.Errorf("%s: %s: %s", name, m[1], m[2])
			}
		}
		if strings.Contains(text, "pull_request_target") || strings.Contains(text, "cancel-in-progress: true") {
			t.Errorf("%s: code of forks gets no secrets, and no apply is cut off", name)
		}
	}
}

// settings lists what a document of YAML has under a key, in order.
func settings(t *testing.T, text string, path ...string) []string {
	t.Helper()
	var node yaml.Node
	if err := yaml.Unmarshal([]byte(text), &node); err != nil {
		t.Fatal(err)
	}
	at := node.Content[0]
	for _, key := range path {
		i := slices.IndexFunc(at.Content, func(n *yaml.Node) bool { return n.Value == key })
		if i < 0 {
			t.Fatalf("there is no %s", strings.Join(path, "."))
		}
		at = at.Content[i+1]
	}
	var names []string
	for i := 0; i < len(at.Content); i += 2 {
		names = append(names, at.Content[i].Value)
	}
	return names
}

// TestSettingsAreTheSameEverywhere: the list is the inputs of action.yml. Each reaches the
// step that runs cpsync, and each workflow has and passes on what its mode can use.
func TestSettingsAreTheSameEverywhere(t *testing.T) {
	t.Parallel()
	files := workflowFiles(t)
	all := settings(t, files["action.yml"], "inputs")
	run := textOf(t, "../..", ".github/scripts/run.sh")
	for _, name := range all {
		variable := "INPUT_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		passed := "        " + variable + ": ${{ inputs." + name + " }}\n"
		if !slices.Contains([]string{"token", "issue-by", "build"}, name) && (!strings.Contains(files["action.yml"], passed) || !strings.Contains(run, "$"+variable) && !strings.Contains(run, "${"+variable)) {
			t.Errorf("the input %s does not reach run.sh", name)
		}
	}
	own := []string{"mode", "base", "approved", "approve", "plan-max-age", "journal", "issue-by", "token"} // a workflow knows these by itself
	for name, more := range map[string][]string{
		"plan.yml": {"environment", "offline", "runs-on"}, "drift.yml": {"environment", "runs-on"}, "issue.yml": {"environment", "issue-by", "runs-on"},
		"apply.yml": {"environment", "runs-on"}, "approve.yml": {"environment", "plan-environment", "approve", "plan-max-age", "runs-on"},
	} {
		writes := name == "apply.yml" || name == "approve.yml"
		var want []string
		for _, setting := range all {
			if slices.Contains(own, setting) || setting == "settle" && !writes {
				continue
			}
			want = append(want, setting)
			passes := strings.Count(files[name], "\n          "+setting+": ${{ inputs."+setting+" }}\n")
			uses := strings.Count(files[name], "uses: ./.cpsync\n")
			if setting == "settle" {
				uses = strings.Count(files[name], "          mode: apply\n")
			}
			if passes != uses {
				t.Errorf("%s passes %s on %d times, and uses the action %d times", name, setting, passes, uses)
			}
		}
		want = append(want, more...)
		got := settings(t, files[name], "on", "workflow_call", "inputs")
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s has other inputs (-want +got):\n%s", name, diff)
		}
		if !strings.Contains(files[name], "on:\n  workflow_call:") || len(settings(t, files[name], "on", "workflow_call", "secrets")) != 3 {
			t.Errorf("%s: not all of the credentials reach it", name)
		}
	}
}

// newerThanBash32 is what the bash of macOS does not have.
var newerThanBash32 = regexp.MustCompile(`\b(mapfile|readarray|coproc|declare -[Ag]|local -[An]|shopt -s (globstar|lastpipe))\b|\$\{\w+(,|\^|@[A-Z])|\[-\d+\]|\|&|&>>|;;?&|\$EPOCH|printf '%\(|\bwait -n\b|\[\[ -v `)

// emptyArray is one that may be empty, which that bash does not expand under set -u.
var emptyArray = regexp.MustCompile(`(?m)^\s*(\w+)=\(\)$`)

func TestScriptsRunInBash32(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../../.github/scripts/*.sh")
	if err != nil || len(names) < 4 {
		t.Fatal(names, err)
	}
	for _, name := range append(names, "../../internal/cli/completions/cpsync.bash") {
		text := textOf(t, filepath.Dir(name), filepath.Base(name))
		for i, line := range strings.Split(text, "\n") {
			if m := newerThanBash32.FindString(line); m != "" || regexp.MustCompile(`\b(jq|realpath|readlink -f|sed -i|date -d|timeout)\b`).MatchString(strings.TrimPrefix(line, "#")) && !strings.HasPrefix(line, "#") {
				t.Errorf("%s:%d: %s", name, i+1, line)
			}
		}
		for _, m := range emptyArray.FindAllStringSubmatch(text, -1) {
			all := `"${` + m[1] + `[@]}"`
			if strings.Count(text, all) != strings.Count(text, m[1]+"[@]+"+all) {
				t.Errorf("%s: %s may be empty: write ${%s[@]+%s}", name, m[1], m[1], all)
			}
		}
	}
}
