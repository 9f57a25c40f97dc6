package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cpsync/cpsync/internal/github/githubtest"
)

// TestGitHub runs testdata/github/*.txtar: stories of jobs, each with a GitHub of its
// own. $SCRIPTS are the steps of the action, and the environment is that of a step.
// Besides the commands of TestStories there is
//
//	hub open N HEAD            a pull request is opened, or pushed to
//	hub merge N COMMIT         it is merged
//	hub say N WHO FILE         somebody comments
//	hub readonly               from now on the token may not comment
//	hub fault METHOD PATH STATUS [TIMES]   calls of which the path begins so fail
//	hub comments N FILE        writes what stands on the pull request to a file
//	hub issues FILE            writes the issues to a file
//	event pull N HEAD [fork]   what started the job; so are
//	event push COMMIT, event schedule COMMIT, event issue, and event run HEAD: a run of
//	another workflow ended
//
// One in four of the stories is played, which follows from the seed; with -whole each.
func TestGitHub(t *testing.T) {
	for _, tool := range []string{"bash", "git"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the steps need %s", tool)
		}
	}
	stories, err := filepath.Glob("testdata/github/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var these []string
	for i, story := range stories {
		if chosen(i, 4) {
			these = append(these, story)
		}
	}
	testscript.Run(t, testscript.Params{
		Files:         these,
		UpdateScripts: *update,
		Setup:         setUpJob,
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"code": code, "hub": hub, "event": event},
	})
}

// job is what the commands of a story share.
type job struct {
	hub  *githubtest.Server
	runs int
}

// setUpJob starts the GitHub of a story and makes the environment of a step.
func setUpJob(e *testscript.Env) error {
	e.Vars = append(e.Vars, noLinger, said+"="+os.Getenv(said))
	root, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	s := githubtest.New("web/certs")
	server := httptest.NewServer(s)
	e.Defer(server.Close)
	e.Values["job"] = &job{hub: s}
	at := func(name string) string { return filepath.Join(e.WorkDir, name) }
	e.Vars = append(e.Vars,
		"ROOT="+root, "BASH="+bashPath(), "HOSTPATH="+os.Getenv("PATH"), "SCRIPTS="+filepath.Join(root, ".github", "scripts"),
		"GITHUB_API_URL="+server.URL, "GITHUB_REPOSITORY=web/certs", "GITHUB_TOKEN="+githubtest.Token,
		"GITHUB_EVENT_PATH="+at("event.json"), "GITHUB_STEP_SUMMARY="+at("summary.md"), "GITHUB_OUTPUT="+at("output.txt"),
		"GITHUB_PATH="+at("path.txt"), "GITHUB_ACTIONS=true", "GITHUB_WORKSPACE="+e.WorkDir, "RUNNER_TEMP="+at("tmp"),
		"INPUT_PATHS=certs", "INPUT_KEY=default", "INPUT_SANDBOX=state.json")
	for _, name := range []string{"summary.md", "output.txt", "path.txt"} {
		if err := os.WriteFile(at(name), nil, 0o644); err != nil {
			return err
		}
	}
	return os.MkdirAll(at("tmp"), 0o755)
}

// hub does something on the GitHub of the story.
func hub(ts *testscript.TestScript, _ bool, args []string) {
	s := ts.Value("job").(*job).hub
	number := func() int {
		n, err := strconv.Atoi(args[1])
		ts.Check(err)
		return n
	}
	switch args[0] {
	case "open":
		s.Open(number(), args[2])
	case "merge":
		s.Merge(number(), args[2])
	case "say":
		s.AddComment(number(), args[2], ts.ReadFile(args[3]))
	case "readonly":
		s.ReadOnly = true
	case "fault":
		times := -1
		status, err := strconv.Atoi(args[3])
		ts.Check(err)
		if len(args) > 4 {
			times, err = strconv.Atoi(args[4])
			ts.Check(err)
		}
		s.Strike(githubtest.Fault{Call: args[1] + " " + args[2], Status: status, Times: times})
	case "issues":
		var b strings.Builder
		for _, i := range s.Issues() {
			fmt.Fprintf(&b, "== %s %s\n%s\n", map[bool]string{true: "open", false: "closed"}[i.Open], i.Title, i.Body)
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o644))
	case "comments":
		var b strings.Builder
		for _, c := range s.Comments(number()) {
			fmt.Fprintf(&b, "== %s\n%s\n", c.Author, c.Body)
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(b.String()), 0o644))
	default:
		ts.Fatalf("hub %s is no command", args[0])
	}
}

// event begins a run of a workflow: it writes what started it, and counts it.
func event(ts *testscript.TestScript, _ bool, args []string) {
	j := ts.Value("job").(*job)
	j.runs++
	ts.Setenv("GITHUB_RUN_ID", strconv.Itoa(j.runs))
	ts.Setenv("GITHUB_RUN_ATTEMPT", "1")
	ts.Setenv("GITHUB_SHA", args[len(args)-1])
	ts.Setenv("INPUT_STRANGER", strconv.FormatBool(args[len(args)-1] == "fork")) // as action.yml has it
	ts.Check(os.WriteFile(ts.Getenv("GITHUB_EVENT_PATH"), []byte(payload(args)), 0o644))
	for _, name := range []string{"GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"} {
		ts.Check(os.WriteFile(ts.Getenv(name), nil, 0o644))
	}
}

// payload is an event as GitHub words it, as far as anything reads it.
func payload(args []string) string {
	switch args[0] {
	case "pull":
		from := "web/certs"
		if len(args) > 3 {
			from = "mallory/certs"
		}
		return fmt.Sprintf(`{"action":"synchronize","number":%s,"pull_request":{"number":%[1]s,"merged":false,"user":{"login":"octocat"},
			"head":{"sha":%q,"repo":{"full_name":%q}},"base":{"repo":{"full_name":"web/certs"}}}}`, args[1], args[2], from)
	case "run":
		return fmt.Sprintf(`{"workflow_run":{"id":9,"head_sha":%q,"pull_requests":[]}}`, args[1])
	case "issue":
		return `{"issue":{"number":3,"pull_request":{"url":"x"}},"comment":{"body":"/plan"}}`
	case "schedule":
		return `{"schedule":"23 4 * * *"}`
	default:
		return fmt.Sprintf(`{"ref":"refs/heads/main","after":%q}`, args[1])
	}
}

func bashPath() string {
	path, _ := exec.LookPath("bash")
	return path
}
