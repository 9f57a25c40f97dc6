//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/patience"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// These tests run cpsync as a process of its own: signals, closed pipes, ports and
// locks. Whatever else a user sees is in testdata/script.

func TestServedSandboxAnswersOtherProcesses(t *testing.T) {
	dir := t.TempDir()
	now := time.Now().UTC()
	place(t, dir, "state.json", fmt.Sprintf(`{
  "clock": %q,
  "certificates": [
    {"id": 1, "certificate_label": "a.example.com", "domains": [{"name": "a.example.com"}], "expiration_date": %q}
  ]
}`, now.Format(time.RFC3339), now.AddDate(0, 0, 160).Format(time.RFC3339)))
	describe(t, dir, 1)

	served := launch(t, dir, nil, "sandbox", "--speed", "0", "state.json")
	env := served.exports(t, 4)

	plan := awaited(launch(t, dir, env, "certs"))
	plan.wants(t, 0, `description  "" -> "new"`, "127.0.0.1:")
	apply := awaited(launch(t, dir, env, "--apply", "certs"))
	apply.wants(t, 0, "1 done")
	again := awaited(launch(t, dir, env, "--detailed-exitcode", "certs"))
	again.wants(t, 0, "Nothing to apply")
	if state := textOf(t, dir, "state.json"); !strings.Contains(state, `"description": "new"`) {
		t.Errorf("the accepted write is not in the state file:\n%s", state)
	}

	second := awaited(launch(t, dir, nil, "--sandbox", "state.json", "certs"))
	second.wants(t, 1, "in use")
	other := awaited(launch(t, dir, nil, "sandbox", "state.json"))
	other.wants(t, 1, "in use")

	served.signal(t, syscall.SIGINT)
	awaited(served).wants(t, 0)
	awaited(launch(t, dir, nil, "--sandbox", "state.json", "certs")).wants(t, 0)
}

func TestServedSandboxTakesFaults(t *testing.T) {
	dir := t.TempDir()
	now := time.Now().UTC()
	place(t, dir, "state.json", fmt.Sprintf(`{"clock": %q, "certificates": [
  {"id": 1, "certificate_label": "a.example.com", "domains": [{"name": "a.example.com"}], "expiration_date": %q}]}`,
		now.Format(time.RFC3339), now.AddDate(0, 0, 160).Format(time.RFC3339)))
	describe(t, dir, 1)

	served := launch(t, dir, nil, "sandbox", "--fault", "status-400:patch:always", "state.json")
	apply := awaited(launch(t, dir, served.exports(t, 4), "--apply", "certs"))
	apply.wants(t, 3, "1 failed", "status-400")
	served.signal(t, syscall.SIGTERM)
	awaited(served).wants(t, 0)
}

func TestServedSandboxHasAnEdge(t *testing.T) {
	dir := t.TempDir()
	now := time.Now().UTC()
	place(t, dir, "state.json", fmt.Sprintf(`{"clock": %q, "certificates": [
  {"id": 1, "certificate_label": "a.example.com", "domains": [{"name": "a.example.com"}], "expiration_date": %q, "thumbprint": "made"}]}`,
		now.Format(time.RFC3339), now.AddDate(0, 0, 160).Format(time.RFC3339)))
	served := launch(t, dir, nil, "sandbox", "--edge-port", "0", "--fault", "edge-wrong-name:edge:1", "state.json")
	var address string
	for address == "" {
		line, err := served.lines.ReadString('\n')
		if err != nil {
			t.Fatalf("the sandbox said no more: %v", err)
		}
		_, after, _ := strings.Cut(line, "--edge ")
		address, _, _ = strings.Cut(after, " ")
	}
	go io.Copy(io.Discard, served.lines) //nolint:errcheck // nobody reads the rest
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(textOf(t, dir, "state.json.ca.pem"))) {
		t.Fatal("no CA is in the file that the sandbox names")
	}
	for _, want := range []bool{false, true} { // the fault comes once
		d := tls.Dialer{Config: &tls.Config{ServerName: "a.example.com", RootCAs: roots}}
		conn, err := d.DialContext(patience.Context(t), "tcp", address)
		if err == nil {
			conn.Close()
		}
		if (err == nil) != want {
			t.Errorf("a handshake that is trusted: %t, want %t: %v", err == nil, want, err)
		}
	}
	served.signal(t, syscall.SIGTERM)
	awaited(served).wants(t, 0)
}

func TestClosedPipeDoesNotEndAnApply(t *testing.T) {
	api := newGate(t, 3)
	dir := t.TempDir()
	describe(t, dir, 3)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := child(t, dir, api.env(), "--apply", "certs")
	p.cmd.Stdout = writer
	p.run(t)
	writer.Close()
	line, err := bufio.NewReaderSize(reader, 16).ReadString('\n') // as head -1
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(line, "cpsync apply") {
		t.Errorf("first line %q", line)
	}
	reader.Close()
	api.open()

	awaited(p).wants(t, 3)
	api.wantWrites(t, 1, 2, 3)
}

func TestClosedPipeIsAnErrorOfAPlan(t *testing.T) {
	api := newGate(t, 1)
	api.open()
	dir := t.TempDir()
	describe(t, dir, 1)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	reader.Close()
	p := child(t, dir, api.env(), "certs")
	p.cmd.Stdout = writer
	p.run(t)
	writer.Close()
	awaited(p).wants(t, 1)
}

func TestSignalBeforeAnyWriteEndsTheRun(t *testing.T) {
	for _, c := range []struct {
		signal syscall.Signal
		code   int
	}{{syscall.SIGHUP, 129}, {syscall.SIGINT, 130}, {syscall.SIGTERM, 143}} {
		t.Run(c.signal.String(), func(t *testing.T) {
			api := newGate(t, 2)
			api.closeFor("GET") // the reading before the first write waits
			dir := t.TempDir()
			describe(t, dir, 2)
			p := launch(t, dir, api.env(), "--apply", "certs")
			api.arrived(t, "GET 1")
			p.hears(t, c.signal)
			api.open()
			awaited(p).wants(t, c.code, "cpsync apply", "2 not started")
			api.wantWrites(t)
		})
	}
}

// A signal while the reading before the first write hangs ends the run as one in
// which no write was begun; the reading ends by its own timeout.
func TestSignalDuringAHangingReadIsNoFailure(t *testing.T) {
	api := newGate(t, 2)
	api.closeFor("GET")
	dir := t.TempDir()
	describe(t, dir, 2)
	p := launch(t, dir, api.env(), "--apply", "--request-timeout", "1s", "certs")
	api.arrived(t, "GET 1")
	p.signal(t, syscall.SIGINT)
	awaited(p).wants(t, 130, "cpsync apply", "2 not started")
	api.wantWrites(t)
}

func TestSignalWhilePlanningWritesAReport(t *testing.T) {
	api := newGate(t, 1)
	api.closeFor("LIST")
	dir := t.TempDir()
	describe(t, dir, 1)
	p := launch(t, dir, api.env(), "--format", "json", "certs")
	api.arrived(t, "LIST")
	p.signal(t, syscall.SIGINT)
	r := awaited(p)
	r.wants(t, 130, `"format_version": "2.0"`)
	r.lacks(t, "the request in progress has") // a read is cut off; the run may end before it says anything of that
	if n := strings.Count(r.stdout, "\n}\n"); n != 1 {
		t.Errorf("%d documents on stdout, want 1", n)
	}
}

func TestSignalDuringAWriteLetsItEnd(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM} {
		t.Run(s.String(), func(t *testing.T) {
			api := newGate(t, 3)
			dir := t.TempDir()
			describe(t, dir, 3)
			p := launch(t, dir, api.env(), "--apply", "certs")
			api.arrived(t, "PATCH 1")
			p.hears(t, s)
			api.open()
			awaited(p).wants(t, 3, "1 done", "2 not started", "the request in progress has 8s to finish")
			api.wantWrites(t, 1)
		})
	}
}

func TestSecondSignalEndsWhatIsInFlight(t *testing.T) {
	api := newGate(t, 2)
	dir := t.TempDir()
	describe(t, dir, 2)
	p := launch(t, dir, api.env(), "--apply", "certs")
	api.arrived(t, "PATCH 1")
	p.hears(t, syscall.SIGTERM)
	p.signal(t, syscall.SIGINT)
	awaited(p).wants(t, 3, "cpsync apply", "interrupted")
	api.wantWrites(t)
}

func TestSecondSignalDuringARenewalIsUnknown(t *testing.T) {
	api := newGate(t, 1)
	dir := t.TempDir()
	place(t, dir, "certs/1.yaml", "apiVersion: cpsync/v1\nkind: Certificate\nmetadata: {id: 1}\npolicy: {renew_before: 60d}\n")
	p := launch(t, dir, api.env(), "--apply", "certs")
	api.arrived(t, "PUT 1")
	p.hears(t, syscall.SIGTERM)
	p.signal(t, syscall.SIGINT)
	awaited(p).wants(t, 6, "UNKNOWN        renew      a.example.com (1)")
}

func TestReadyTokenIsNotRenewed(t *testing.T) {
	api := newGate(t, 1)
	api.open()
	dir := t.TempDir()
	describe(t, dir, 1)
	env := []string{"CPSYNC_API_URL=" + api.server.URL + "/sec/cps", "CPSYNC_ACCESS_TOKEN=hunter2hunter2"}
	r := awaited(launch(t, dir, env, "-v", "certs"))
	r.wants(t, 1, "401")
	r.lacks(t, "hunter2")
	if n := len(api.api.Requests()); n != 1 {
		t.Errorf("%d requests, want the one that was answered with 401", n)
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	api := newGate(t, 1)
	api.open()
	dir := t.TempDir()
	describe(t, dir, 1)
	place(t, dir, "secret", "hunter2hunter2\n")
	env := append(api.env()[:3], "CPSYNC_CLIENT_SECRET_FILE=secret")
	wrong := awaited(launch(t, dir, env, "-v", "certs")) // the sandbox expects another one
	wrong.wants(t, 1, "invalid_client")
	wrong.lacks(t, "hunter2")
	right := awaited(launch(t, dir, api.env(), "-v", "--apply", "--log-format", "json", "certs"))
	right.wants(t, 0, "1 done")
	right.lacks(t, sandbox.ClientSecret, "SANDBOX.") // how its tokens begin
	auth := awaited(launch(t, dir, api.env(), "auth", "-v"))
	auth.wants(t, 0, "127.0.0.1:", "granted")
	auth.lacks(t, sandbox.ClientSecret, "SANDBOX.")
}

func TestClockThatIsOffIsAWarning(t *testing.T) {
	api := newGate(t, 1)
	api.open()
	api.api.SetClock(time.Now().Add(time.Hour))
	dir := t.TempDir()
	describe(t, dir, 1)
	awaited(launch(t, dir, api.env(), "certs")).wants(t, 0, "warning", "clock")
}

// TestTwoClocks: a renewal goes out only when it is due by the clock here, which --now is
// on loopback, and by that of the API; edits go on.
func TestTwoClocks(t *testing.T) {
	dir := t.TempDir()
	place(t, dir, "state.json", `{"clock": "2026-11-22T09:00:00Z", "certificates": [
  {"id": 1, "certificate_label": "a.example.com", "domains": [{"name": "a.example.com", "is_common_name": true}], "auto_renew": false,
   "expiration_date": "2027-01-20T00:00:00Z", "last_modified": "2026-09-01T00:00:00Z"}]}`)
	manifest := `{apiVersion: cpsync/v1, kind: Certificate, metadata: {id: 1, name: a}, spec: {description: %s}, policy: {renew_before: 30d}}`
	place(t, dir, "certs/a.yaml", fmt.Sprintf(manifest, "one"))
	served := launch(t, dir, nil, "sandbox", "--speed", "0", "state.json")
	env := served.exports(t, 4)

	ahead := awaited(launch(t, dir, env, "--apply", "--now", "2027-01-01T09:00:00Z", "certs"))
	ahead.wants(t, 5, "1 done", "due by the clock here,", "and not by that of the API, 2026-11-22", "are 40 days apart")
	place(t, dir, "certs/a.yaml", fmt.Sprintf(manifest, "two"))
	awaited(launch(t, dir, env, "--now", "2027-01-01T09:00:00Z", "certs")).wants(t, 0, "1 renewal", "--now 2027-01-01T09:00:00Z")
	behind := awaited(launch(t, dir, env, "--apply", "--now", "2026-10-01", "--order-cooldown", "0s", "certs"))
	behind.lacks(t, "1 renewal", "--timeout leaves")
	ahead.lacks(t, "--timeout leaves")
	if state := textOf(t, dir, "state.json"); strings.Contains(state, "Renewal") {
		t.Errorf("a renewal was ordered:\n%s", state)
	}
	served.signal(t, syscall.SIGTERM)
	awaited(served).wants(t, 0)

	served = launch(t, dir, nil, "sandbox", "--speed", "0", "--advance", "960h", "state.json")
	env = served.exports(t, 4)
	awaited(launch(t, dir, env, "--apply", "--now", "2026-11-22", "certs")).wants(t, 5, "due by the clock of the API, 2027-01-01")
	awaited(launch(t, dir, env, "--apply", "--now", "2027-01-01T09:00:30Z", "certs")).wants(t, 0, "1 renewal", "1 done")
	served.signal(t, syscall.SIGTERM)
	awaited(served).wants(t, 0)
}

func TestServedClockMovesForward(t *testing.T) {
	dir := t.TempDir()
	place(t, dir, "state.json", `{"clock": "2026-11-22T09:00:00Z", "certificates": []}`)
	served := launch(t, dir, nil, "sandbox", "--speed", "0", "--advance", "4h", "state.json")
	served.exports(t, 4)
	served.signal(t, syscall.SIGTERM)
	awaited(served).wants(t, 0, "SANDBOX state.json, clock 2026-11-22 13:00 UTC")
}

// A process is a run of cpsync.
type process struct {
	cmd    *exec.Cmd
	stdout bytes.Buffer
	stderr voice
	lines  *bufio.Reader // of stdout, when it is followed
}

// A voice keeps what a process says, and tells when there is more.
type voice struct {
	lockedBuffer
	more chan struct{}
}

func (v *voice) Write(p []byte) (int, error) {
	defer func() {
		select {
		case v.more <- struct{}{}:
		default:
		}
	}()
	return v.lockedBuffer.Write(p)
}

// says waits until stderr has a text.
func (p *process) says(t *testing.T, text string) {
	t.Helper()
	for !strings.Contains(p.stderr.String(), text) {
		if _, ok := patience.For(t, "the words "+text, p.stderr.more); !ok {
			t.Fatal(p.stderr.String())
		}
	}
}

// hears sends the first signal, and waits until the process says that it heard it.
func (p *process) hears(t *testing.T, s syscall.Signal) {
	t.Helper()
	if signal.Ignored(s) { // as SIGHUP below nohup, and so by the process too
		t.Skipf("%s is ignored here", s)
	}
	p.signal(t, s)
	p.says(t, "nothing more is sent")
}

// child prepares a run of cpsync in dir. The environment of the tests is not passed on.
func child(t *testing.T, dir string, env []string, args ...string) *process {
	t.Helper()
	p := &process{cmd: patience.Command(t, "cpsync", args...), stderr: voice{more: make(chan struct{}, 1)}}
	p.cmd.Dir, p.cmd.Env = dir, append([]string{"PATH=" + os.Getenv("PATH"), noLinger, said + "=" + os.Getenv(said)}, env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	return p
}

func (p *process) run(t *testing.T) {
	t.Helper()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// launch starts cpsync; a served sandbox is followed line by line.
func launch(t *testing.T, dir string, env []string, args ...string) *process {
	t.Helper()
	p := child(t, dir, env, args...)
	if args[0] == "sandbox" {
		reader, writer := io.Pipe()
		p.cmd.Stdout = io.MultiWriter(&p.stdout, writer)
		p.lines = bufio.NewReader(reader)
		context.AfterFunc(patience.Context(t), func() { reader.CloseWithError(errors.New("it said nothing more in time")) })
		t.Cleanup(func() { reader.Close() })
	}
	p.run(t)
	return p
}

// exports reads n lines "export NAME=VALUE" and returns the variables.
func (p *process) exports(t *testing.T, n int) []string {
	t.Helper()
	var env []string
	for len(env) < n {
		line, err := p.lines.ReadString('\n')
		if err != nil {
			t.Fatalf("the sandbox said no more: %v", err)
		}
		if variable, ok := strings.CutPrefix(strings.TrimSpace(line), "export "); ok {
			env = append(env, variable)
		}
	}
	go io.Copy(io.Discard, p.lines) //nolint:errcheck // nobody reads the rest
	return env
}

func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// awaited waits for the end of a run.
func awaited(p *process) result {
	code := 0
	var exit *exec.ExitError
	if err := p.cmd.Wait(); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		code = -1
	}
	return result{code, p.stdout.String(), p.stderr.String()}
}

// wants checks the exit code, and what stands on stdout or stderr.
func (r result) wants(t *testing.T, code int, texts ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d", r.code, code)
	}
	for _, text := range texts {
		if !strings.Contains(r.stdout+r.stderr, text) {
			t.Errorf("nowhere %q", text)
		}
	}
	if t.Failed() {
		t.Logf("stdout:\n%s\nstderr:\n%s", r.stdout, r.stderr)
	}
}

// lacks checks that something stands nowhere.
func (r result) lacks(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(r.stdout+r.stderr, text) {
			t.Errorf("%q was printed:\n%s%s", text, r.stdout, r.stderr)
		}
	}
}

// A gate is a simulated API on a loopback port that tells of requests as they
// arrive, and lets some of them wait until it is opened.
type gate struct {
	api      *sandbox.Server
	server   *httptest.Server
	closed   map[string]bool // methods that wait; LIST is a GET of the list
	arrivals chan string
	opened   chan struct{}
}

// newGate serves the certificates 1 to n, the first one ending first, all within 60
// days. Writes wait.
func newGate(t *testing.T, n int) *gate {
	t.Helper()
	now := time.Now().UTC()
	w := sandbox.World{Clock: now}
	for id := int64(1); id <= int64(n); id++ {
		name := string(rune('a'+id-1)) + ".example.com"
		w.Certificates = append(w.Certificates, sandbox.Certificate{ID: id, Label: name,
			Domains: []sandbox.Domain{{Name: name, IsCommonName: true}}, Expires: now.AddDate(0, 0, 50+int(id))})
	}
	g := &gate{api: sandbox.New(w), closed: map[string]bool{"PATCH": true, "PUT": true},
		arrivals: make(chan string, 100), opened: make(chan struct{})}
	g.server = httptest.NewServer(g)
	t.Cleanup(func() {
		g.server.CloseClientConnections()
		g.server.Close()
	})
	return g
}

// closeFor lets requests of this method wait, and no others. It is called before any arrives.
func (g *gate) closeFor(method string) { g.closed = map[string]bool{method: true} }

func (g *gate) open() { close(g.opened) }

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method, id := r.Method, ""
	path, ok := strings.CutPrefix(r.URL.Path, sandbox.Prefix+"/certificates")
	switch parts := strings.Split(path, "/"); {
	case !ok:
	case len(parts) == 1:
		method = "LIST"
	default:
		id = " " + parts[1]
	}
	body, _ := io.ReadAll(r.Body) // so that the end of the connection is noticed
	r.Body = io.NopCloser(bytes.NewReader(body))
	select {
	case g.arrivals <- method + id:
	case <-r.Context().Done():
		return
	}
	if g.closed[method] {
		select {
		case <-g.opened:
		case <-r.Context().Done():
			return
		}
	}
	g.api.ServeHTTP(w, r)
}

// arrived waits for a request such as "PATCH 1".
func (g *gate) arrived(t *testing.T, request string) {
	t.Helper()
	for {
		have, ok := patience.For(t, "a request "+request, g.arrivals)
		if !ok {
			t.FailNow()
		}
		if have == request {
			return
		}
	}
}

func (g *gate) env() []string {
	return []string{
		"CPSYNC_API_URL=" + g.server.URL + "/sec/cps", "CPSYNC_TOKEN_URL=" + g.server.URL + sandbox.TokenPath,
		"CPSYNC_CLIENT_ID=" + sandbox.ClientID, "CPSYNC_CLIENT_SECRET=" + sandbox.ClientSecret,
	}
}

// wantWrites checks that the descriptions of these certificates were changed, in
// this order, and nothing else.
func (g *gate) wantWrites(t *testing.T, ids ...int) {
	t.Helper()
	want := ""
	for _, id := range ids {
		want += fmt.Sprintf("PATCH %d {\"description\":\"new\"} -> 200\n", id)
	}
	have := ""
	for _, line := range g.api.Log() {
		have += line + "\n"
	}
	if have != want {
		t.Errorf("writes:\n%swant:\n%s", have, want)
	}
}

// describe writes certs/1.yaml to certs/n.yaml, each with a new description.
func describe(t *testing.T, dir string, n int) {
	t.Helper()
	for id := 1; id <= n; id++ {
		place(t, dir, fmt.Sprintf("certs/%d.yaml", id), fmt.Sprintf(
			"apiVersion: cpsync/v1\nkind: Certificate\nmetadata: {id: %d}\nspec: {description: new}\n", id))
	}
}

// TestTimeoutIsNamed: a run that ends by --timeout says so: the report names it and
// not "told to stop", and a run that did everything it planned has no exit code 3
// without a word.
func TestTimeoutIsNamed(t *testing.T) {
	api := newGate(t, 2)
	api.closeFor("GET") // the reading before the first write hangs
	dir := t.TempDir()
	describe(t, dir, 2)
	p := launch(t, dir, api.env(), "--apply", "--timeout", "1s", "--request-timeout", "2s", "certs")
	r := awaited(p)
	r.wants(t, 1, "2 not started", "--timeout")
	r.lacks(t, "told to stop", "1 failed")
	api.wantWrites(t)
}

// A signal while a run waits for what it sent ends the pause, and the report is written.
func TestSignalEndsAWait(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(s.String(), func(t *testing.T) {
			api := newGate(t, 1)
			api.open()
			dir := t.TempDir()
			place(t, dir, "certs/1.yaml", "apiVersion: cpsync/v1\nkind: Certificate\nmetadata:\n  id: 1\npolicy:\n  renew_before: 60d\n")
			p := child(t, dir, api.env(), "--apply", "--wait", "2h", "--format", "json", "certs")
			p.run(t)
			p.says(t, "\nwaiting ")
			p.signal(t, s)
			r := awaited(p)
			r.wants(t, 3, `"result": "interrupted"`, `"outcome": "done"`)
			if n := strings.Count(r.stdout, "\n}\n"); n != 1 {
				t.Errorf("%d documents on stdout, want 1", n)
			}
		})
	}
}
