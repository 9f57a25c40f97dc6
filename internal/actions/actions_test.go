//go:build unix

// Package actions has the tests that run the workflows in a workflow engine, nektos/act, in the
// host, with stand-ins of our own for the actions of others and a GitHub in memory. `make actions`
// builds the engine and names it in ACT; without it there is nothing to run.
package actions

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/sandbox"
	"github.com/cpsync/cpsync/internal/sandbox/world"
)

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

// TestTheFirstPullRequest brings manifests and workflow into a repository without either, as the
// page says. It changes nothing, so there is no comment.
func TestTheFirstPullRequest(t *testing.T) {
	t.Parallel()
	u := newUser(t, "name: certificates", "")
	u.write("certs/cdn.yaml", fmt.Sprintf(manifest, "old"))
	u.write("README.md", "hello")
	u.sh(u.dir+"/user", `rm -rf .git && git init -q -b main && git remote add origin https://github.com/web/certs.git &&
		git add README.md && git -c user.name=a -c user.email=a@example.com commit -qm first`)
	u.push("import")
	u.hub.Open(3, "one")
	u.wants("pull_request", pull("one", "web/certs", "octocat", 0), true, "left #3 without a comment: there is nothing to tell of this change", "")
	u.hub.Merge(3, u.push("merge"))
	u.wants("push", push, true, `Nothing to apply`, "")
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

// TestApproval applies what a job before it planned and saved.
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
	u.wants("schedule", `{"schedule":"23 4 * * *"}`, true, "no issue had to change; 0 certificates", "")
	u.write("state.json", strings.Replace(strings.Replace(state, "2027-05-01", "2026-12-01", 1), "true,", "false,", 1))
	u.push("nothing renews it")
	u.wants("schedule", `{"schedule":"23 4 * * *"}`, true, "opened issue #", "")
	u.wants("schedule", `{"schedule":"23 4 * * *"}`, true, "no issue had to change", "")
}

// TestDrift is red about a change that nobody made in Git, and says what made it red.
func TestDrift(t *testing.T) {
	t.Parallel()
	u := newUser(t, "  drift:\n", header)
	u.wants("schedule", `{"schedule":"23 4 * * *"}`, false, `exit 2: 1 certificate changes \(--detailed-exitcode\)`, "")
	u.write("certs/cdn.yaml", fmt.Sprintf(manifest, "old"))
	u.push("as it is")
	u.wants("schedule", `{"schedule":"23 4 * * *"}`, true, "Job succeeded", "")
}

// TestStrangers get no secrets: a fork, and Dependabot in the repository itself.
func TestStrangers(t *testing.T) {
	t.Parallel()
	u := newUser(t, "name: certificates", "")
	u.write(".github/workflows/certificates.yml", u.workflow)
	u.push("no simulated API")
	u.write("certs/cdn.yaml", fmt.Sprintf(manifest, "newer"))
	u.push("change")
	u.hub.Open(3, "one")
	u.hub.ReadOnly = true
	for who, from := range map[string]string{"mallory": "mallory/certs", "dependabot[bot]": "web/certs"} {
		u.wants("pull_request", pull("one", from, who, 0), true, "Job succeeded", "")
	}
	u.wants("pull_request", pull("one", "web/certs", "octocat", 0), false, "CPSYNC_CLIENT_ID", "")
	u.write("certs/cdn.yaml", "kind: Certificate\n")
	u.push("mistake")
	u.wants("pull_request", pull("one", "web/certs", "dependabot[bot]", 0), false, "certs/cdn.yaml:1", "")
}

// TestACancelledApply gets the signal of the runner while its first write is in flight. What
// it did is in the comment and in the journal, and the second certificate is left alone.
func TestACancelledApply(t *testing.T) {
	t.Parallel()
	u := newUser(t, "name: certificates", "")
	api := sandbox.New(world.World{Clock: time.Now().UTC(), Certificates: []world.Certificate{certificate(11604), certificate(11605)}})
	var once sync.Once
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			once.Do(func() { u.interrupt(r.Context()) })
		}
		api.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	u.write(".github/workflows/certificates.yml", strings.ReplaceAll(u.workflow, "with:\n      paths: certs\n",
		"with:\n      paths: certs\n      api-url: "+server.URL+"/sec/cps\n      token-url: "+server.URL+sandbox.TokenPath+"\n"))
	u.write("certs/two.yaml", strings.Replace(fmt.Sprintf(manifest, "new"), "11604", "11605", 1))
	u.hub.Open(3, "one")
	u.hub.Merge(3, u.push("two"))
	u.wants("push", push, false, "interrupted", ".*### cpsync applied: 1 done, 1 not started.*", "-s", "CPSYNC_CLIENT_ID="+sandbox.ClientID, "-s", "CPSYNC_CLIENT_SECRET="+sandbox.ClientSecret)
	if journal := u.sh(u.dir, "cat caches/*/journal.jsonl"); !strings.Contains(journal, `"outcome":"done"`) {
		t.Errorf("the journal that was saved:\n%s", journal)
	}
}

func certificate(id int64) world.Certificate {
	name, old := fmt.Sprintf("n%d.example.com", id), "old"
	return world.Certificate{ID: id, Label: name, Description: &old, AutoRenew: true, Expires: time.Now().AddDate(0, 6, 0),
		Domains: []world.Domain{{Name: name, IsCommonName: true}}}
}

// interrupt signals the cpsync of this user alone, as the runner signals the process of a
// step, and returns when that has noticed: it writes the outputs of the step at once.
func (u *user) interrupt(ctx context.Context) {
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, link := range links {
		env, _ := os.ReadFile(filepath.Join(filepath.Dir(link), "environ"))
		program, _ := os.Readlink(link)
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link)))
		if err != nil || filepath.Base(program) != "cpsync" || !strings.Contains(string(env), "STANDIN_USER="+u.dir) {
			continue
		}
		_ = syscall.Kill(pid, syscall.SIGINT)
		output := outputFile.FindSubmatch(env)
		for said := []byte(nil); output != nil && ctx.Err() == nil && !bytes.Contains(said, []byte("exit-code=")); {
			said, _ = os.ReadFile(string(output[1]))
		}
	}
}

var outputFile = regexp.MustCompile(`\x00GITHUB_OUTPUT=([^\x00]+)`)

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
