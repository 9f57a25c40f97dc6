//go:build unix

package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cli"
)

// What SECURITY.md says of a process and what is around it.

// TestTheServerHasToBeWhoItSays: without a certificate that the machine trusts, for the
// host that was named, nothing is sent: neither to the token service nor to the API.
func TestTheServerHasToBeWhoItSays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		host    string
		trusted bool
		reached bool
	}{
		"nobody vouches for it": {"127.0.0.1", false, false},
		"it is for another":     {"localhost", true, false},
		"it is as it should be": {"127.0.0.1", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				answer(w, http.StatusForbidden, `{}`)
			}))
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.StartTLS()
			defer server.Close()
			dir := t.TempDir()
			describe(t, dir, 1)
			base := strings.Replace(server.URL, "127.0.0.1", test.host, 1)
			env := []string{"CPSYNC_API_URL=" + base, "CPSYNC_TOKEN_URL=" + base + "/connect/token",
				"CPSYNC_CLIENT_ID=me", "CPSYNC_CLIENT_SECRET=hunter2hunter2"}
			if test.trusted {
				place(t, dir, "ca.pem", pemOf(server.Certificate()))
				env = append(env, "SSL_CERT_FILE="+filepath.Join(dir, "ca.pem"))
			}
			for _, ready := range [][]string{nil, {"CPSYNC_ACCESS_TOKEN=hunter2hunter2"}} {
				r := awaited(launch(t, dir, append(env, ready...), "--timeout", "1s", "certs"))
				r.wants(t, cli.Failed)
				r.lacks(t, "hunter2")
				if !test.reached && !strings.Contains(r.stderr, "A CA of your own goes into SSL_CERT_FILE") {
					t.Errorf("it does not say why:\n%s", r.stderr)
				}
			}
			if (requests.Load() > 0) != test.reached {
				t.Errorf("%d requests arrived", requests.Load())
			}
		})
	}
}

func pemOf(c *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
}

// TestProxiesSeeNoSecret: proxy variables are honoured, and a proxy is asked for a
// tunnel and for nothing else.
func TestProxiesSeeNoSecret(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 100)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head, body := r.Header.Clone(), make([]byte, 100)
		n, _ := r.Body.Read(body)
		select {
		case asked <- r.Method + " " + r.Host:
		case <-r.Context().Done():
		}
		if text := strings.Join(head.Values("Authorization"), "") + string(body[:n]); strings.Contains(text, "hunter2") {
			t.Errorf("the proxy was told %q", text)
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	dir := t.TempDir()
	describe(t, dir, 1)
	env := []string{"HTTPS_PROXY=" + proxy.URL, "CPSYNC_API_URL=https://api.invalid/sec/cps", "CPSYNC_TOKEN_URL=https://id.invalid/connect/token"}
	for host, credentials := range map[string][]string{
		"id.invalid:443":  {"CPSYNC_CLIENT_ID=me", "CPSYNC_CLIENT_SECRET=hunter2hunter2"},
		"api.invalid:443": {"CPSYNC_ACCESS_TOKEN=hunter2hunter2"},
	} {
		r := awaited(launch(t, dir, append(credentials, env...), "--timeout", "1s", "certs"))
		r.wants(t, cli.Failed, "the proxy "+strings.TrimPrefix(proxy.URL, "http://")+" answered 403 Forbidden")
		r.lacks(t, "hunter2")
		got := "nothing"
		select {
		case got = <-asked:
		default:
		}
		if got != "CONNECT "+host {
			t.Errorf("the proxy was asked for %s", got)
		}
	}
}

// TestLocalhostIsThisMachine: no DNS says where localhost is, since plain HTTP is good for
// it. What listens on IPv6 alone is found too.
func TestLocalhostIsThisMachine(t *testing.T) {
	t.Parallel()
	var dialed []string
	transport := cli.NewTransport(func(_ context.Context, _, address string) (net.Conn, error) {
		dialed = append(dialed, address)
		return nil, errors.New("nobody is there")
	})
	for _, address := range []string{"http://localhost:8080/x", "http://127.0.0.1:8080/x"} {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := transport.RoundTrip(q); err == nil {
			t.Errorf("%s: %d", address, answer.StatusCode)
			_ = answer.Body.Close()
		}
	}
	if want := []string{"127.0.0.1:8080", "[::1]:8080", "127.0.0.1:8080"}; !slices.Equal(dialed, want) {
		t.Errorf("dialed %q, want %q", dialed, want)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, `{}`) }))
	defer server.Close()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	reached, err := cli.NewTransport(new(net.Dialer).DialContext).RoundTrip(q)
	if err != nil {
		t.Fatal(err)
	}
	_ = reached.Body.Close()
}

// TestTheSandboxIsForThisMachine: it listens on loopback and nowhere else.
func TestTheSandboxIsForThisMachine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	place(t, dir, "state.json", `{"clock": "2026-11-22T09:00:00Z", "certificates": []}`)
	served := launch(t, dir, nil, "sandbox", "--speed", "0", "state.json")
	for _, variable := range served.exports(t, 4)[:2] {
		_, address, _ := strings.Cut(variable, "=")
		u, err := url.Parse(address)
		if err != nil || !net.ParseIP(u.Hostname()).IsLoopback() { // the address it listens on
			t.Errorf("it listens on %s (%v)", address, err)
		}
	}
	if err := served.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	awaited(served)
}

// TestNothingButWhatWasNamedIsWritten: an apply touches its outputs, its journal and the
// lock beside it, and no other file of the tree that it lives in.
func TestNothingButWhatWasNamedIsWritten(t *testing.T) {
	t.Parallel()
	api := newGate(t, 2)
	api.open()
	dir := t.TempDir()
	describe(t, dir, 2)
	place(t, dir, "home/.netrc", "machine 127.0.0.1 login me password hunter2hunter2")
	place(t, dir, "tmp/x", "")
	before := files(t, dir)
	env := append(api.env(), "HOME="+filepath.Join(dir, "home"), "TMPDIR="+filepath.Join(dir, "tmp"), "XDG_CACHE_HOME="+filepath.Join(dir, "home"))
	r := awaited(launch(t, dir, env, "--apply", "-v", "--out", "json=plan.json", "--out", "markdown=plan.md", "--journal", "trail", "certs"))
	r.wants(t, cli.OK)
	after := files(t, dir)
	for name, text := range before {
		if after[name] != text {
			t.Errorf("%s was changed", name)
		}
		delete(after, name)
	}
	want := map[string]bool{"plan.json": true, "plan.md": true, "trail": true, "trail.lock": true}
	for name := range after {
		if !want[name] {
			t.Errorf("%s was made", name)
		}
		delete(want, name)
	}
	if diff := cmp.Diff(map[string]bool{}, want); diff != "" {
		t.Error("not written: ", diff)
	}
}

// files are the contents of all files below dir, by name.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		all[name] = textOf(t, dir, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestGitIsToldNoSecret: the one program that is run gets none of our variables.
func TestGitIsToldNoSecret(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	place(t, dir, ".git/HEAD", "ref: refs/heads/main\n") // without a repository git is not asked
	place(t, dir, "bin/git", "#!/bin/sh\nenv >> "+filepath.Join(dir, "told")+"\nexit 1\n")
	if err := os.Chmod(filepath.Join(dir, "bin/git"), 0o755); err != nil {
		t.Fatal(err)
	}
	api := newGate(t, 1)
	api.open()
	describe(t, dir, 1)
	path := "PATH=" + filepath.Join(dir, "bin") + string(os.PathListSeparator) + os.Getenv("PATH")
	awaited(launch(t, dir, append(api.env(), "CPSYNC_ACCESS_TOKEN=hunter2hunter2", "PASSED=on", path), "--base", "main", "--timeout", "1m", "certs"))
	told := textOf(t, dir, "told")
	if !strings.Contains(told, "PASSED=on") || strings.Contains(told, "CPSYNC_") || strings.Contains(told, "hunter2") {
		t.Errorf("git was told:\n%s", told)
	}
}

// otherTexts are files that hold a secret and are none of ours.
var otherTexts = map[string]string{
	"text":    "hunter2hunter2\n",
	"env":     "TOKEN=hunter2hunter2\nOTHER=1\n",
	"pem":     "-----BEGIN PRIVATE KEY-----\nhunter2hunter2\n-----END PRIVATE KEY-----\n",
	"netrc":   "machine api.vdms.io login me password hunter2hunter2\n",
	"json":    `{"type": "account", "private_key": "hunter2hunter2"}`,
	"ini":     "[default]\naws_secret_access_key = hunter2hunter2\n",
	"broken":  `{"private_key": "hunter2hunter2"`,
	"quoted":  `"hunter2hunter2"`,
	"mapping": "password: hunter2hunter2\nuser: [hunter2hunter2]\n",
	"list":    "- hunter2hunter2\n",
	"shadow":  "root:$6$hunter2: 1\nhunter2: 2\n",
	"git":     "https://me:hunter2hunter2@example.com\n",
}

// TestLinksShowNothing: a link in a pull request leads to a file of the machine that is
// no manifest. None of its text is printed.
func TestLinksShowNothing(t *testing.T) {
	for name, text := range otherTexts {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			place(t, dir, "secret", text)
			describe(t, dir, 1)
			if err := beginRepository(filepath.Join(dir, "repo")); err != nil {
				t.Fatal(err)
			}
			place(t, dir, "repo/.git/token", text)
			describe(t, filepath.Join(dir, "repo"), 1)
			for name, target := range map[string]string{"repo/certs/link.yaml": "../../secret", "repo/certs/token.yaml": "../.git/token", "certs/link.yaml": "../secret"} {
				if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
			for _, c := range []struct{ path, names string }{
				{"certs", "link.yaml"}, {"certs/link.yaml", "link.yaml"},
				{"repo/certs", "link.yaml"}, {"repo/certs", "token.yaml"}, {"repo/certs/link.yaml", "link.yaml"},
			} {
				for _, args := range [][]string{{"validate"}, {"--sandbox", "none.json", "--format", "json", "--annotations", "github"}} {
					r := inThisProcess(nil, append(args, c.path)...)
					r.wants(t, cli.Failed, c.names)
					r.lacks(t, "hunter2", "machine", "TOKEN", "private_key", "password")
				}
			}
		})
	}
}

// TestNoTextIsShown: a plan, a journal, an event or a state may lie anywhere, so that a link
// may lead to any file. What is wrong with it is said without its text.
func TestNoTextIsShown(t *testing.T) {
	for name, text := range otherTexts {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			place(t, dir, "secret", text)
			place(t, dir, "state.json", `{"clock": "2026-11-22T09:00:00Z", "certificates": []}`)
			describe(t, dir, 1)
			event := []string{"GITHUB_ACTIONS=true", "GITHUB_EVENT_PATH=secret", "GITHUB_REPOSITORY=a/b", "GITHUB_TOKEN=x", "GITHUB_API_URL=http://127.0.0.1:1"}
			for _, args := range [][]string{
				{"--sandbox", "secret", "certs"}, {"sandbox", "secret"},
				{"--sandbox", "state.json", "--apply", "--plan", "secret", "certs"},
				{"--sandbox", "state.json", "--journal", "secret", "certs"}, {"--sandbox", "state.json", "--apply", "--journal", "secret", "certs"},
				{"comment", "--plan", "secret"},
			} {
				for _, talk := range [][]string{nil, {"-v", "--log-format", "json"}} {
					if args[0] == "sandbox" {
						talk = nil
					}
					r := inThisProcess(event, append(args[:len(args):len(args)], talk...)...)
					r.wants(t, cli.Failed, "secret")
					r.lacks(t, "hunter2", "machine", "TOKEN=", "private_key", "password")
				}
			}
			if textOf(t, dir, "secret") != text {
				t.Error("it was changed")
			}
		})
	}
}

// TestSecurityNamesWhatHoldsIt: every test, story and file that SECURITY.md points at is
// there.
func TestSecurityNamesWhatHoldsIt(t *testing.T) {
	t.Parallel()
	const root = "../.."
	tests := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)`).FindAllSubmatch(data, -1) {
			tests[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	exists := func(path string) bool { _, err := os.Stat(path); return err == nil }
	named := regexp.MustCompile("`([^`\n]+)`[,\\] \n]")
	found := 0
	for _, brackets := range regexp.MustCompile(`\[[^\]]*\]`).FindAllString(textOf(t, root, "SECURITY.md"), -1) {
		for _, m := range named.FindAllStringSubmatch(brackets, -1) {
			found++
			if !tests[m[1]] && !exists(filepath.Join(root, m[1])) && !exists("testdata/script/"+m[1]+".txtar") {
				t.Errorf("%s is no test, no story and no file", m[1])
			}
		}
	}
	if found < 40 {
		t.Errorf("only %d are named", found)
	}
}
