package cps

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
)

func fine(w http.ResponseWriter, _ *http.Request) { answer(w, 200, certificateJSON(7)) }

func readOnce(ctx context.Context, c *Client) error {
	_, err := c.Certificate(ctx, 7, false)
	return err
}

func TestTokenRequest(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Bearer access-1" {
			t.Errorf("Authorization %q", got)
		}
		fine(w, r)
	})
	f.token = func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || r.Header.Get("Authorization") != "" {
			t.Errorf("headers %v", r.Header)
		}
		grant(w, 1, "300")
	}
	var form string
	c := f.client(t, func(cfg *Config) {
		base := cfg.Transport
		cfg.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				body, _ := r.GetBody()
				text, _ := io.ReadAll(body)
				form = string(text)
			}
			return base.RoundTrip(r)
		})
	})
	if err := readOnce(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	got, err := url.ParseQuery(form)
	want := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"client-0001"},
		"client_secret": {testSecret}, "scope": {"sec.cps.certificates"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if got := c.Counts(); got != (Counts{Reads: 2}) {
		t.Errorf("counted %+v; the token is a read", got)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestOneTokenForAll(t *testing.T) {
	t.Parallel()
	f := newFake(t, fine)
	c := f.client(t, func(cfg *Config) { cfg.Concurrency = 100 })
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if err := readOnce(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := f.Tokens(); n != 1 {
		t.Errorf("%d tokens fetched", n)
	}
}

// TestTokenIsRenewedInTime: by our own clock, before its end.
func TestTokenIsRenewedInTime(t *testing.T) {
	t.Parallel()
	for expires, want := range map[string]time.Duration{
		`300`: 240 * time.Second, `"300"`: 240 * time.Second, `300.0`: 240 * time.Second, `300.9`: 240 * time.Second,
		`100`: 70 * time.Second, `60`: 30 * time.Second, `60.5`: 30 * time.Second, `2`: time.Second,
		`null`: 240 * time.Second, `0`: 240 * time.Second, `-5`: 240 * time.Second, `"soon"`: 240 * time.Second,
		`1e10`: 292 * 24 * time.Hour, `1e300`: 292 * 24 * time.Hour,
	} {
		t.Run(expires, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, fine)
			f.token = func(w http.ResponseWriter, _ *http.Request) { grant(w, f.Tokens(), expires) }
			c := f.client(t)
			for i, pause := range []time.Duration{0, want - time.Millisecond, time.Millisecond} {
				_ = f.clock.Wait(t.Context(), pause)
				if err := readOnce(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				if n := f.Tokens(); n != 1+i/2 {
					t.Errorf("%d tokens at read %d, after %s", n, i, pause)
				}
			}
		})
	}
}

// TestUnauthorized: one new token, however many reads got the 401.
func TestUnauthorized(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer access-1" {
			answer(w, 401, `{"code":"unauthorized"}`)
			return
		}
		fine(w, r)
	})
	c := f.client(t, func(cfg *Config) { cfg.Concurrency = 100 })
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if err := readOnce(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := f.Tokens(); n != 2 {
		t.Errorf("%d tokens fetched, want 2", n)
	}
}

func TestReadyTokenIsFinal(t *testing.T) {
	t.Parallel()
	f := newFake(t, failureHandlers["401"])
	c := f.client(t, func(cfg *Config) { cfg.AccessToken, cfg.ClientID = "ready-made", "" })
	err := readOnce(t.Context(), c)
	if !errors.Is(err, cert.ErrUnauthorized) || len(f.Calls()) != 1 || f.Tokens() != 0 {
		t.Errorf("%v after %d calls and %d tokens", err, len(f.Calls()), f.Tokens())
	}
}

func TestTokenServiceFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		tokens  int
		refused bool
		text    string
	}{
		"wrong secret": {
			func(w http.ResponseWriter, _ *http.Request) {
				answer(w, 400, `{"error":"invalid_client","error_description":"`+testSecret+` is wrong"}`)
			},
			1, true, "400 Bad Request: invalid_client (check the client id and the client secret)",
		},
		"wrong scope": {
			func(w http.ResponseWriter, _ *http.Request) { answer(w, 400, `{"error":"invalid_scope"}`) },
			1, true, "invalid_scope (this client may not have the scope",
		},
		"own code": {
			func(w http.ResponseWriter, _ *http.Request) { answer(w, 401, `{"error":"`+testSecret+`"}`) },
			1, true, "a code outside the standard",
		},
		"error with 200": {
			func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `{"error":"invalid_client"}`) },
			1, true, "invalid_client",
		},
		"html":      {func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `<html>`+testSecret) }, 6, false, "no token in the answer"},
		"empty":     {func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `{}`) }, 6, false, "no token in the answer"},
		"odd token": {func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `{"access_token":"a\nb"}`) }, 6, false, "no token"},
		"mac token": {func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 200, `{"access_token":"a","token_type":"mac"}`)
		}, 6, false, "no token"},
		"unavailable": {func(w http.ResponseWriter, _ *http.Request) { answer(w, 503, testSecret) }, 6, false, "503 Service Unavailable"},
		"throttled":   {func(w http.ResponseWriter, _ *http.Request) { answer(w, 429, "") }, 6, false, "429 Too Many Requests"},
		"redirect":    {failureHandlers["redirect"], 1, false, "302 Found"},
		"dropped":     {func(w http.ResponseWriter, _ *http.Request) { drop(w) }, 6, false, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, fine)
			f.token = test.handler
			attempts, err := f.client(t).Renew(t.Context(), 7)
			if attempts != 0 || !errors.Is(err, cert.ErrNotSent) || len(f.Calls()) != 0 {
				t.Errorf("%d attempts, %v", attempts, err)
			}
			exactlyOne(t, err)
			if errors.Is(err, cert.ErrUnauthorized) != test.refused {
				t.Errorf("unauthorized: %v, want %v", !test.refused, test.refused)
			}
			if n := f.Tokens(); n != test.tokens {
				t.Errorf("%d token requests, want %d", n, test.tokens)
			}
			if err == nil || !strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), testSecret) {
				t.Errorf("text: %v", err)
			}
		})
	}
}

// TestTokenServiceAsPlainText: some say text/plain and send JSON.
func TestTokenServiceAsPlainText(t *testing.T) {
	t.Parallel()
	f := newFake(t, fine)
	f.token = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, `{"access_token":"access-1","expires_in":300}`)
	}
	if err := readOnce(t.Context(), f.client(t)); err != nil {
		t.Error(err)
	}
}

// TestNothingSecretIsShown looks through whatever can be printed.
func TestNothingSecretIsShown(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		body := fmt.Sprintf(`{"code":"invalid_input","details":[{"description":"%s and %s"}]}`, r.Header.Get("Authorization"), testSecret)
		answer(w, 400, body)
	})
	var log bytes.Buffer
	cfg := f.config()
	cfg.Log = testLog(&log)
	cfg.Transport = roundTripper(cfg.Transport.RoundTrip) // printing a transport at work is a race
	c := mustNew(t, cfg)
	err := readOnce(t.Context(), c)
	text, jsonErr := json.Marshal(cfg.ClientSecret)
	if err == nil || jsonErr != nil || !strings.Contains(err.Error(), "Bearer (secret) and (secret)") {
		t.Fatalf("%v, %v", err, jsonErr)
	}
	shown := []any{cfg, &cfg, c, *c, c.auth, err, cfg.ClientSecret, []Secret{cfg.ClientSecret}}
	var all strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range shown[:4] {
			fmt.Fprintf(&all, verb, v)
		}
		for _, v := range shown[5:] {
			fmt.Fprintf(&all, verb, v)
		}
	}
	testLog(&all).Error("x", "secret", cfg.ClientSecret, "config", fmt.Sprint(cfg))
	all.Write(text)
	all.WriteString(log.String() + fmt.Sprint(cfg.ClientSecret))
	for _, secret := range []string{testSecret, "access-1", fmt.Sprintf("%x", testSecret)} {
		if strings.Contains(all.String(), secret) {
			i := strings.Index(all.String(), secret)
			t.Errorf("%q is shown: ...%s", secret, all.String()[max(0, i-200):i+20])
		}
	}
	if !strings.Contains(log.String(), "GET /v2.0/certificates/7: 400 after") {
		t.Errorf("the log has no line of the exchange: %s", log.String())
	}
}

// TestShortSecretsAreNotHidden: a secret of a few letters would hide a part of every word.
func TestShortSecretsAreNotHidden(t *testing.T) {
	t.Parallel()
	a := &auth{store: &secretStore{secrets: []string{"", "t", "seven77", "eight888"}}}
	const want = "the letter of seven77 and (secret)"
	if got := a.redact("the letter of seven77 and eight888"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestARefusedTokenIsNotUsedAgain, also where another call has just looked at it and not yet gone on.
func TestARefusedTokenIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		looks := make(chan struct{})
		a := &auth{store: &secretStore{}, now: func() time.Time { <-looks; return time.Now() },
			fetch: func(context.Context) (token, error) { return token{value: "second"}, nil }}
		first := token{value: "first", renewAt: time.Now().Add(time.Hour)}
		a.replace(first)
		go func() { _, _ = a.token(t.Context()) }()
		synctest.Wait() // it looks at the token
		var got token
		go func() {
			a.discard(first)
			got, _ = a.token(t.Context())
		}()
		synctest.Wait()
		close(looks)
		synctest.Wait()
		if got.value != "second" {
			t.Errorf("after a 401 to the first token it got %q", string(got.value))
		}
	})
}
