package cps

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
)

// TestWhatIsSent: the bytes of every write.
func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Content-Type"); got != "application/json" {
			t.Errorf("%s with Content-Type %q", r.Method, got)
		}
		if r.Header.Get("Accept") != "application/json" || r.Header.Get("User-Agent") != "cpsync/test" {
			t.Errorf("headers %v", r.Header)
		}
		w.WriteHeader(204)
	})
	c := f.client(t)
	names := []string{"a.example.com", "www.example.com"}
	for _, p := range []cert.Patch{
		{AutoRenew: cert.Some(false)},
		{Description: cert.Some("")},
		{Description: cert.Some("a <b> & \"c\"\n"), Label: cert.Some("l")},
		{DCVMethod: cert.Some(cert.DNSTxtToken)},
		{Domains: cert.Some(cert.Domains{Common: "www.example.com", Names: names})},
		{Domains: cert.Some(cert.Domains{Common: "www.example.com", Names: names, Order: []string{"www.example.com", "a.example.com"}})},
	} {
		if n, err := c.Patch(t.Context(), 42, p); n != 1 || err != nil {
			t.Error(n, err)
		}
	}
	if n, err := c.Renew(t.Context(), 42); n != 1 || err != nil {
		t.Error(n, err)
	}
	if n, err := c.Retrigger(t.Context(), 42); n != 1 || err != nil {
		t.Error(n, err)
	}
	want := []seen{
		{"PATCH", "/v2.0/certificates/42", `{"auto_renew":false}`},
		{"PATCH", "/v2.0/certificates/42", `{"description":""}`},
		{"PATCH", "/v2.0/certificates/42", `{"certificate_label":"l","description":"a \u003cb\u003e \u0026 \"c\"\n"}`},
		{"PATCH", "/v2.0/certificates/42", `{"dcv_method":"DnsTxtToken"}`},
		{"PATCH", "/v2.0/certificates/42", `{"domains":[{"name":"a.example.com","is_common_name":false},{"name":"www.example.com","is_common_name":true}]}`},
		{"PATCH", "/v2.0/certificates/42", `{"domains":[{"name":"www.example.com","is_common_name":true},{"name":"a.example.com","is_common_name":false}]}`},
		{"PUT", "/v2.0/certificates/42/renew", ""},
		{"PUT", "/v2.0/certificates/42/retrigger", ""},
	}
	if diff := cmp.Diff(want, f.Calls()); diff != "" {
		t.Error(diff)
	}
	if got := c.Counts(); got != (Counts{Reads: 1, Writes: 8}) {
		t.Errorf("counted %+v", got)
	}
}

func TestWhatIsNotSent(t *testing.T) {
	t.Parallel()
	f := newFake(t, fine)
	c := f.client(t)
	for name, p := range map[string]cert.Patch{
		"nothing to change": {},
		"no names":          {Domains: cert.Some(cert.Domains{})},
		"no common name":    {Domains: cert.Some(cert.Domains{Names: []string{"a.example"}})},
		"another name":      {Domains: cert.Some(cert.Domains{Common: "b.example", Names: []string{"a.example"}})},
	} {
		if n, err := c.Patch(t.Context(), 42, p); n != 0 || !errors.Is(err, cert.ErrNotSent) {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
	if n, err := c.Renew(t.Context(), 0); n != 0 || !errors.Is(err, cert.ErrNotSent) {
		t.Error(n, err)
	}
	if len(f.Calls()) != 0 {
		t.Error("something was sent")
	}
}

// TestReadOnly: the transport itself refuses whatever writes.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	f := newFake(t, fine)
	c := f.client(t, func(cfg *Config) { cfg.AllowWrites = false })
	for _, kind := range append([]string{"plain"}, orders...) {
		n, err := kinds[kind](t.Context(), c)
		if n != 0 || !errors.Is(err, cert.ErrNotSent) || !errors.Is(err, errReadOnly) {
			t.Errorf("%s: %d attempts, %v", kind, n, err)
		}
	}
	if err := readOnce(t.Context(), c); err != nil {
		t.Error(err)
	}
	if got := c.Counts(); got.Writes != 0 || got.Retries != 0 || len(f.Calls()) != 1 {
		t.Errorf("counted %+v, server saw %v", got, f.Calls())
	}
	for _, target := range []string{"/connect/token/", "/connect/token?x=1", "/connect", "/sec/cps/v2.0/certificates"} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", ""} {
			req, err := http.NewRequestWithContext(t.Context(), method, f.URL+target, strings.NewReader("x"))
			if err != nil {
				t.Fatal(err)
			}
			if req.Method = method; method == "" {
				req.Method = "get"
			}
			if res, err := c.http.Transport.RoundTrip(req); !errors.Is(err, errReadOnly) {
				_ = res.Body.Close()
				t.Errorf("%s %s went through", req.Method, target)
			}
		}
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	f := newFake(t, fine)
	for text, change := range map[string]func(*Config){
		"":                                  func(*Config) {},
		"Config.Transport":                  func(c *Config) { c.Transport = nil },
		"Config.Now":                        func(c *Config) { c.Now = nil },
		"API URL is not a full URL":         func(c *Config) { c.APIURL = "api.vdms.io/sec/cps" },
		"API URL must begin with https":     func(c *Config) { c.APIURL = "http://api.vdms.io/sec/cps" },
		"token URL must begin with https":   func(c *Config) { c.TokenURL = "ftp://127.0.0.1/" },
		"token URL must not hold a user":    func(c *Config) { c.TokenURL = "https://a:b@id.vdms.io/" },
		"no credentials":                    func(c *Config) { c.ClientID = "" },
		"client secret holds white space":   func(c *Config) { c.ClientSecret = testSecret + "\n" },
		"access token holds white space":    func(c *Config) { c.AccessToken = "a b" },
		"API URL must not hold a user, a q": func(c *Config) { c.APIURL += "?page=1" },
	} {
		cfg := f.config()
		change(&cfg)
		_, err := New(cfg)
		if (err == nil) != (text == "") || err != nil && !strings.Contains(err.Error(), text) || err != nil && strings.Contains(err.Error(), testSecret) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, u := range []string{"http://localhost:1/x", "http://[::1]:1", "http://127.8.8.8", "https://api.vdms.io/sec/cps/"} {
		if err := checkURL("URL", u); err != nil {
			t.Error(err)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	a := &account{ids: numbers(1, 45)}
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", f2026.Add(90*s).Format(http.TimeFormat))
		a.ServeHTTP(w, r)
	})
	c := f.client(t)
	got, err := c.Check(t.Context())
	want := Access{Lifetime: 300 * s, Scope: "sec.cps.certificates", Total: 45, Skew: 90 * s}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if c.Skew() != 90*s {
		t.Error(c.Skew())
	}
	ready := f.client(t, func(cfg *Config) { cfg.AccessToken = "ready" })
	if got, err := ready.Check(t.Context()); err != nil || !got.Ready || got.Lifetime != 0 {
		t.Error(got, err)
	}
	f.token = func(w http.ResponseWriter, _ *http.Request) { answer(w, 400, `{"error":"invalid_client"}`) }
	if _, err := f.client(t).Check(t.Context()); !errors.Is(err, cert.ErrUnauthorized) {
		t.Error(err)
	}
}

var f2026 = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
