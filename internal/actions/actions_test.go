// The workflows run in nektos/act, in the host, with stand-ins of our own for the actions of
// others and a GitHub in memory. `make actions` builds the engine and names it in ACT; without it
// there is nothing to run.

package actions

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/github/githubtest"
	"github.com/cpsync/cpsync/internal/patience"
)

// user is a repository with the workflow of docs/github.md, and the runs in it.
type user struct {
	*testing.T
	dir    string // of everything
	commit string // of cpsync
	hub    *githubtest.Server
	url    string
	repo   string // the directory in dir in which the workflows run
	runs   int
}

const manifest = "apiVersion: cpsync/v1\nkind: Certificate\nmetadata: {id: 11604}\nspec: {description: %s}\n"

const state = `{"clock": "2026-11-22T09:00:00Z", "certificates": [
  {"id": 11604, "certificate_label": "cdn.example.com", "description": "old", "expiration_date": "2027-05-01T00:00:00Z",
   "auto_renew": true, "domains": [{"name": "cdn.example.com", "is_common_name": true}]}]}`

// newUser makes the repository. The example of the page that begins with a text is its
// workflow, with nothing changed but COMMIT and the simulated API; more is added to it.
func newUser(t *testing.T, example, more string) *user {
	t.Helper()
	if os.Getenv("ACT") == "" {
		t.Skip("ACT does not name the workflow engine: make actions")
	}
	u := &user{T: t, dir: t.TempDir(), repo: "user", hub: githubtest.New("web/certs")}
	server := httptest.NewServer(u.hub)
	t.Cleanup(server.Close)
	u.url = server.URL
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	u.sh(u.dir, "git clone -q "+root+" cpsync && cd cpsync && git add -A && git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m now")
	u.commit = u.sh(u.dir+"/cpsync", "git rev-parse HEAD")
	for _, action := range []string{"checkout", "setup-go", "cache", "upload-artifact", "download-artifact"} {
		to := filepath.Join(u.dir, "standins", action)
		if err := os.CopyFS(to, os.DirFS(filepath.Join("testdata", action))); err != nil {
			t.Fatal(err)
		}
		u.sh(to, "git init -q && git add . && git -c user.name=a -c user.email=a@example.com commit -qm standin")
	}
	page, err := os.ReadFile(filepath.Join(root, "docs/github.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(page), "```yaml\n"+example)
	text, _, _ = strings.Cut(text, "```")
	if !found {
		t.Fatalf("docs/github.md has no example that begins with %q", example)
	}
	text = strings.ReplaceAll(more+example+text, "COMMIT", u.commit)
	text = strings.ReplaceAll(text, "with: {paths: certs", "with: {sandbox: state.json, paths: certs")
	text = strings.ReplaceAll(text, "with:\n      paths: certs\n", "with:\n      paths: certs\n      sandbox: state.json\n")
	u.write(".github/workflows/certificates.yml", text)
	u.write("certs/cdn.yaml", fmt.Sprintf(manifest, "old"))
	u.write("state.json", state)
	u.sh(u.dir+"/user", "git init -q -b main && git remote add origin https://github.com/web/certs.git")
	u.push("base")
	u.write("certs/cdn.yaml", fmt.Sprintf(manifest, "new"))
	u.push("change")
	return u
}

func (u *user) write(name, text string) {
	u.Helper()
	path := filepath.Join(u.dir, "user", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		u.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		u.Fatal(err)
	}
}

// push commits what was written, and returns the commit.
func (u *user) push(message string) string {
	u.Helper()
	return u.sh(u.dir+"/user", "git add -A && git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m '"+message+"' && git rev-parse HEAD")
}

func (u *user) sh(dir, script string) string {
	u.Helper()
	c := patience.Command(u, "bash", "-euc", script)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		u.Fatalf("%s: %v\n%s", script, err, out)
	}
	return strings.TrimSpace(string(out))
}

var pins = regexp.MustCompile(`uses: (actions/([\w-]+))[\w/-]*@([0-9a-f]{40})`)

// run runs the workflow on an event, and says whether it was green. GitHub's own variables
// come from act, but for the address of the API and the number of the run.
func (u *user) run(name, event string, flags ...string) (log string, green bool) {
	u.Helper()
	u.runs++
	payload := filepath.Join(u.dir, "event.json")
	if err := os.WriteFile(payload, []byte(event), 0o644); err != nil {
		u.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(u.dir, name) }
	args := []string{name, "-e", payload, "-P", "ubuntu-24.04=-self-hosted", "--no-cache-server", "--no-skip-checkout", "--action-offline-mode",
		"--local-repository", "cpsync/cpsync@" + u.commit + "=" + at("cpsync"), "--var", "CPSYNC_REPOSITORY=cpsync/cpsync", "--var", "CPSYNC_COMMIT=" + u.commit,
		"-s", "GITHUB_TOKEN=" + githubtest.Token}
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil {
		u.Fatal(err)
	}
	seen := map[string]bool{}
	for _, file := range append(files, "../../action.yml") {
		text, err := os.ReadFile(file)
		if err != nil {
			u.Fatal(err)
		}
		for _, m := range pins.FindAllStringSubmatch(string(text), -1) {
			if pin := m[1] + "@" + m[3] + "=" + at("standins/"+m[2]); !seen[pin] {
				seen[pin] = true
				args = append(args, "--local-repository", pin)
			}
		}
	}
	for variable, value := range map[string]string{
		"STANDIN_SOURCE": at("cpsync"), "STANDIN_USER": at(u.repo), "CACHES": at("caches"), "ARTIFACTS": at("artifacts"), "GITHUB_API_URL": u.url, "GITHUB_RUN_ID": fmt.Sprint(u.runs),
		"GOCACHE": u.sh(".", "go env GOCACHE"), "GOMODCACHE": u.sh(".", "go env GOMODCACHE"), "HOME": os.Getenv("HOME"),
	} {
		args = append(args, "--env", variable+"="+value)
	}
	c := patience.Command(u, os.Getenv("ACT"), append(args, flags...)...)
	c.Dir = at(u.repo)
	out, err := c.CombinedOutput()
	return string(out), err == nil
}

// wants runs the workflow, and checks its colour, and what its log and the comments hold.
func (u *user) wants(name, event string, green bool, log, comments string, flags ...string) {
	u.Helper()
	out, isGreen := u.run(name, event, flags...)
	var all []string
	for _, c := range u.hub.Comments(3) {
		all = append(all, c.Body)
	}
	said := strings.Join(all, "\n=====\n")
	if isGreen != green || !regexp.MustCompile(log).MatchString(out) || !regexp.MustCompile("(?s)^"+comments+"$").MatchString(said) {
		u.Errorf("%s: green %v, want the log to hold %s, and comments %s:\n%s\n\n%s", name, isGreen, log, comments, said, out)
	}
}

func pull(head, from, login string, comments int) string {
	return fmt.Sprintf(`{"action":"synchronize","number":3,"pull_request":{"number":3,"comments":%d,"merged":false,"user":{"login":%q},"head":{"sha":%q,"ref":"x","repo":{"full_name":%q}},
		"base":{"ref":"main","repo":{"full_name":"web/certs"}}},"repository":{"default_branch":"main","full_name":"web/certs"}}`, comments, login, head, from)
}

const push = `{"ref":"refs/heads/main","repository":{"default_branch":"main","full_name":"web/certs"}}`

// TestTheWorkflowOfThePage goes from the first push to the outcome and the day after.
func TestTheWorkflowOfThePage(t *testing.T) {
	t.Parallel()
	u := newUser(t, "name: certificates", "")
	u.hub.Open(3, "one")
	plan := ".*mode=plan head=one .*### cpsync: this change starts 1 edit.*"
	u.wants("pull_request", pull("one", "web/certs", "octocat", 0), true, "commented on #3", plan)
	u.hub.Open(3, "two")
	u.wants("pull_request", pull("one", "web/certs", "octocat", 1), true, "left #3 alone: its head is two now", plan)
	u.wants("pull_request", pull("two", "mallory/certs", "mallory", 1), true, "commented on #3|updated the comment", ".*head=two.*")
	base := u.sh(u.dir+"/user", "git rev-parse HEAD^")
	u.wants("merge_group", `{"merge_group":{"base_sha":"`+base+`"},"repository":{"default_branch":"main"}}`, true, "this run belongs to no pull request", ".*head=two.*")
	head := u.sh(u.dir+"/user", "git rev-parse HEAD")
	u.hub.Merge(3, head)
	u.wants("push", push, true, "done +change description", ".*mode=apply.*### cpsync applied: 1 done.*")
	u.wants("schedule", `{"schedule":"23 4 * * *"}`, true, "this run belongs to no pull request", ".*### cpsync applied: 1 done.*")
	u.wants("workflow_dispatch", `{"inputs":{"max-edits":"0"},"ref":"refs/heads/main","repository":{"default_branch":"main"}}`, true, "the limit is lifted", ".*### cpsync applied: 1 done.*")
}

// TestWhatTouchesNoManifest is done in the first step.
func TestWhatTouchesNoManifest(t *testing.T) {
	t.Parallel()
	u := newUser(t, "name: certificates", "")
	u.write("README.md", "hello")
	u.push("docs")
	u.hub.Open(3, "one")
	u.wants("pull_request", pull("one", "web/certs", "octocat", 0), true, "no manifest is touched", "")
	u.hub.ReadOnly = true
	u.write("certs/cdn.yaml", fmt.Sprintf(manifest, "newer"))
	u.push("change")
	u.wants("pull_request", pull("one", "web/certs", "octocat", 0), true, `pull-requests: write`, "")
}

const header = "name: certificates\non:\n  push:\n  schedule:\n    - cron: \"23 4 * * *\"\njobs:\n"

const onDefault = "    if: github.event_name == 'schedule' || github.ref == format('refs/heads/{0}', github.event.repository.default_branch)\n"

// TestApproval carries out what a job before it planned and saved.
func TestApproval(t *testing.T) {
	t.Parallel()
	u := newUser(t, "  apply:\n"+onDefault+"    permissions: {contents: read, pull-requests: write}\n    uses: cpsync/cpsync/.github/workflows/approve", header)
	u.hub.Open(3, "one")
	u.hub.Merge(3, u.sh(u.dir+"/user", "git rev-parse HEAD"))
	u.wants("push", push, true, "--plan|done +change description", ".*mode=apply.*### cpsync applied: 1 done.*")
	journal := u.sh(u.dir, "cat caches/*/journal.jsonl")
	for _, member := range []string{`"approved_plan":"sha256:`, `"event":"push"`, `"applied":true`} {
		if !strings.Contains(journal, member) {
			t.Errorf("the journal lacks %s:\n%s", member, journal)
		}
	}
}

// TestTheIssueOfThePage keeps an issue, and is green about it.
func TestTheIssueOfThePage(t *testing.T) {
	t.Parallel()
	u := newUser(t, "  issue:\n", header)
	u.write("state.json", strings.Replace(state, "2027-05-01", "2026-12-01", 1))
	u.push("it ends soon")
	u.wants("schedule", `{"schedule":"23 4 * * *"}`, true, "opened issue #|no issue had to change", "")
	u.wants("schedule", `{"schedule":"23 4 * * *"}`, true, "no issue had to change", "")
}

// TestTheExamples are what cpsync runs of itself.
func TestTheExamples(t *testing.T) {
	t.Parallel()
	u := newUser(t, "name: certificates", "")
	u.repo = "cpsync"
	u.sh(u.dir+"/cpsync", "git remote set-url origin https://github.com/web/certs.git && git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m head")
	u.hub.Open(3, "one")
	u.wants("pull_request", pull("one", "web/certs", "octocat", 1), true, "no manifest is touched", ".*", "-W", ".github/workflows/examples.yml")
	u.wants("push", push, true, "Job succeeded", ".*", "-W", ".github/workflows/examples.yml")
}
