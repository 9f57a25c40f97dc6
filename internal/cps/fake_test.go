package cps

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const testSecret = "s3cr3t-of-the-client"

// clock is a time that moves only when somebody waits.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	waits []time.Duration
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Wait(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.waits = append(c.waits, d)
	return context.Cause(ctx)
}

func (c *clock) Waits() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration(nil), c.waits...)
}

// seen is one request as the server saw it.
type seen struct{ Method, Path, Body string }

// fake is a server of the API and of tokens, on a real socket. Tests set api and,
// when they care, token.
type fake struct {
	*httptest.Server
	clock *clock
	api   http.HandlerFunc
	token http.HandlerFunc

	mu     sync.Mutex
	calls  []seen // of the API
	tokens int    // requests for a token
}

func newFake(t *testing.T, api http.HandlerFunc) *fake {
	t.Helper()
	f := &fake{clock: newClock(), api: api}
	f.token = func(w http.ResponseWriter, _ *http.Request) { grant(w, f.Tokens(), "300") }
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func grant(w http.ResponseWriter, n int, expires string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"access_token":"access-%d","expires_in":%s,"token_type":"Bearer","scope":"sec.cps.certificates"}`, n, expires)
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	if r.URL.Path == "/connect/token" {
		f.tokens++
		f.mu.Unlock()
		f.token(w, r)
		return
	}
	f.calls = append(f.calls, seen{r.Method, strings.TrimPrefix(r.URL.RequestURI(), "/sec/cps"), string(body)})
	f.mu.Unlock()
	f.api(w, r)
}

func (f *fake) Calls() []seen {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]seen(nil), f.calls...)
}

func (f *fake) Tokens() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tokens
}

// config allows writes and never sleeps.
func (f *fake) config() Config {
	return Config{
		APIURL: f.URL + "/sec/cps", TokenURL: f.URL + "/connect/token", Scope: "sec.cps.certificates",
		ClientID: "client-0001", ClientSecret: testSecret,
		Transport: &http.Transport{}, AllowWrites: true, UserAgent: "cpsync/test",
		Now: f.clock.Now, Wait: f.clock.Wait, Jitter: func() float64 { return 0 },
	}
}

func (f *fake) client(t *testing.T, change ...func(*Config)) *Client {
	t.Helper()
	cfg := f.config()
	for _, edit := range change {
		edit(&cfg)
	}
	return mustNew(t, cfg)
}

func mustNew(t *testing.T, cfg Config) *Client {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.http.CloseIdleConnections)
	return c
}

// answer writes a JSON answer.
func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// drop ends the connection without an answer, after the request was read.
func drop(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_ = conn.Close()
}

// certificateJSON is a certificate object in service.
func certificateJSON(id int) string {
	object := map[string]any{
		"@id": fmt.Sprintf("/v2.0/certificates/%d", id), "@type": "Certificate", "id": id,
		"certificate_label": fmt.Sprintf("label-%d", id), "description": nil, "auto_renew": true,
		"certificate_authority": "DigiCert", "validation_type": "DV", "dcv_method": "DnsTxtToken",
		"domains": []any{map[string]any{
			"id": 1, "name": fmt.Sprintf("h%d.example.com", id), "is_common_name": true, "status": "Active", "active_date": nil,
		}},
		"expiration_date": "2027-02-10T00:00:00Z", "created": "2026-02-03T09:15:42.118204Z",
		"last_modified": "2026-02-04T01:02:03.400500Z", "modified_by": nil, "thumbprint": "0A1B", "workflow_error_message": nil,
	}
	text, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func testLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
