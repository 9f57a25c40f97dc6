//go:build unix

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

	workflow string // as on the page, but for COMMIT
}

const manifest = "apiVersion: cpsync/v1\nkind: Certificate\nmetadata: {id: 11604}\nspec: {description: %s}\n"

const state = `{"clock": "2026-11-22T09:00:00Z", "certificates": [
  {"id": 11604, "certificate_label": "cdn.example.com", "description": "old", "expiration_date": "2027-05-01T00:00:00Z",
   "auto_renew": true, "domains": [{"name": "cdn.example.com", "is_common_name": true}]}]}`

// sandboxed gives a job the simulated API.
func sandboxed(workflow string) string {
	workflow = strings.ReplaceAll(workflow, "with: {paths: certs", "with: {sandbox: state.json, paths: certs")
	return strings.ReplaceAll(workflow, "with:\n      paths: certs\n", "with:\n      paths: certs\n      sandbox: state.json\n")
}

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
	u.workflow = text
	u.write(".github/workflows/certificates.yml", sandboxed(text))
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
