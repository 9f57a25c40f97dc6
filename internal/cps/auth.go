package cps

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/sync/singleflight"

	"github.com/cpsync/cpsync/internal/cert"
)

type token struct {
	value    Secret
	lifetime time.Duration // as granted; 0 when not known
	scope    string        // as granted; "" when not known
	renewAt  time.Time     // zero: never
}

// auth gives the same token to all calls and renews it before it expires.
type auth struct {
	fetch func(context.Context) (token, error) // nil: the token cannot be renewed
	now   func() time.Time

	flight singleflight.Group

	mu    sync.Mutex
	store *secretStore // a pointer, so that printing a Client does not show it
}

// secretStore holds text that must not be shown.
type secretStore struct {
	current token
	secrets []string // the client secret and every token so far, in the forms of add
}

// add keeps a secret in the forms in which a server may send it back: as it is, escaped in
// a URL, and quoted by Go, whose errors quote servers, or by JSON.
func (v *secretStore) add(s Secret) {
	text := string(s)
	quoted, inJSON := strconv.Quote(text), new(strings.Builder)
	_ = json.NewEncoder(inJSON).Encode(text) // encoding a string has no error
	for _, form := range []string{text, url.QueryEscape(text), url.PathEscape(text), strings.Trim(quoted, `"`), strings.Trim(inJSON.String(), "\"\n")} {
		if !slices.Contains(v.secrets, form) {
			v.secrets = append(v.secrets, form)
		}
	}
}

// token returns a valid token. Calls that need one at the same time share one fetch. When
// the call that fetched was cancelled and this one was not, this one fetches again.
func (a *auth) token(ctx context.Context) (token, error) {
	for again := false; ; again = true {
		v, err, _ := a.flight.Do("token", func() (any, error) {
			a.mu.Lock()
			t := a.store.current
			a.mu.Unlock()
			if t.value != "" && (t.renewAt.IsZero() || a.now().Before(t.renewAt)) {
				return t, nil
			}
			t, err := a.fetch(ctx)
			if err == nil {
				a.replace(t)
			}
			return t, err
		})
		if again || ctx.Err() != nil || !errors.Is(err, context.Canceled) {
			return v.(token), err
		}
	}
}

func (a *auth) replace(t token) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.store.current = t
	a.store.add(t.value)
}

// discard drops a token that got a 401, and returns whether another one can be fetched. It
// keeps a token that has replaced used since, so that a hundred 401s cost one fetch.
func (a *auth) discard(used token) bool {
	if a.fetch == nil {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.store.current.value == used.value {
		a.store.current = token{}
		a.flight.Forget("token") // a call that is looking at used must not pass it on
	}
	return true
}

// ShortSecret is the length below which a secret is not redacted: replacing the letter "t"
// would make every message unreadable.
const ShortSecret = 8

// redact replaces every secret in text, except short ones.
func (a *auth) redact(text string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.store.secrets {
		if len(s) >= ShortSecret {
			text = strings.ReplaceAll(text, s, hidden)
		}
	}
	return text
}

// redactedError is an error whose text holds no secret: errors of net/http quote servers
// whose answer is no HTTP.
type redactedError struct {
	error
	auth *auth
}

func (e redactedError) Error() string { return e.auth.redact(e.error.Error()) }
func (e redactedError) Unwrap() error { return e.error }

const (
	// defaultLifetime is the lifetime of a token whose answer has none.
	//
	// Source: cps-api, section 1.
	defaultLifetime = 300 * time.Second
	// maxLifetime bounds a lifetime, which might not fit into a Duration.
	maxLifetime = 365 * 24 * time.Hour
	// maxToken bounds the answer of the token service, in bytes.
	maxToken = 256 << 10
)

// fetcher returns the function that fetches tokens. It retries as a read of the API does.
func (c *Client) fetcher(secret Secret) func(context.Context) (token, error) {
	conf := &clientcredentials.Config{
		ClientID: c.cfg.ClientID, ClientSecret: string(secret), TokenURL: c.cfg.TokenURL, Scopes: strings.Fields(c.cfg.Scope),
		AuthStyle: oauth2.AuthStyleInParams, // else oauth2 sends a rejected secret twice
	}
	q := call{class: readCall, kind: KindToken, method: http.MethodPost, path: c.cfg.TokenURL}
	q.fetch = func(ctx context.Context) (token, outcome, error) { return c.fetchToken(ctx, conf) }
	return func(ctx context.Context) (token, error) {
		e := exchange{Client: c, call: q}
		if _, err := e.do(ctx); err != nil {
			return token{}, noTokenError{err}
		}
		return e.used, nil
	}
}

// fetchToken makes one attempt, with package oauth2, which takes its HTTP client
// from the context. Its error means that no answer came.
func (c *Client) fetchToken(ctx context.Context, conf *clientcredentials.Config) (token, outcome, error) {
	start := c.cfg.Now()
	transport := &tokenTransport{base: c.http.Transport, agent: c.cfg.UserAgent}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, noRedirects(transport))
	granted, err := conf.Token(ctx)
	var t token
	if err == nil {
		t, err = newToken(granted, start)
	}
	if err == nil {
		return t, outcome{failure: succeeded, sent: true, status: http.StatusOK}, nil
	}
	if errors.As(err, new(*url.Error)) || transport.answer == nil {
		return token{}, outcome{}, err
	}
	return token{}, c.tokenFailure(err, transport.answer), nil
}

// newToken returns the token of an answer. Its lifetime counts from the request, by our own
// clock. It is used for 80 % of its lifetime, but at most until 30 s before it expires, and one
// of a minute or less for half of its lifetime.
//
// Source: cps-api, section 1.2.
func newToken(granted *oauth2.Token, start time.Time) (token, error) {
	t := token{value: Secret(granted.AccessToken)}
	if checkSecret("", t.value) != nil || !strings.EqualFold(granted.Type(), "Bearer") {
		return token{}, errors.New("not a bearer token")
	}
	if seconds, ok := granted.Extra("expires_in").(float64); ok {
		t.lifetime = time.Duration(min(seconds, maxLifetime.Seconds())) * time.Second
	}
	t.scope, _ = granted.Extra("scope").(string)
	used := cmp.Or(t.lifetime, defaultLifetime)
	if used <= time.Minute {
		used /= 2
	} else {
		used = min(used*8/10, used-30*time.Second)
	}
	t.renewAt = start.Add(used)
	return t, nil
}

// tokenFailure returns the outcome of an answer without a token. Of the answer it shows only an
// error code of the standard.
func (c *Client) tokenFailure(err error, answer *http.Response) outcome {
	code := ""
	if answered := new(oauth2.RetrieveError); errors.As(err, &answered) {
		code = answered.ErrorCode
	}
	o := outcome{failure: failureOf(answer.StatusCode), sent: true, status: answer.StatusCode}
	switch {
	case o.failure == unauthorized, o.failure == succeeded && code != "":
		o.failure = rejected
	case o.failure == succeeded:
		o.failure = noAnswer
	}
	text := "no token in the answer"
	if code != "" {
		hint, standard := standardCodes[code]
		if text = code + hint; !standard {
			text = "a code outside the standard" // it may be a secret that the service sent back
		}
	}
	o.retryAfter = retryAfter(answer.Header, c.cfg.Now())
	o.err = &tokenError{final: o.failure == rejected, text: fmt.Sprintf("token service %s: %d %s: %s",
		host(c.cfg.TokenURL), answer.StatusCode, http.StatusText(answer.StatusCode), text)}
	return o
}

// standardCodes are those of OAuth, each with a hint where there is one.
//
// Source: RFC 6749, sections 4.1.2.1 and 5.2.
var standardCodes = map[string]string{
	"invalid_client":      " (check the client id and the client secret)",
	"invalid_scope":       " (this client may not have the scope that was asked for)",
	"unauthorized_client": " (this client may not use the client credentials grant)",
	"invalid_request":     "", "invalid_grant": "", "unsupported_grant_type": "",
	"access_denied": "", "server_error": "", "temporarily_unavailable": "",
}

// noTokenError is the error of a call that got no token. It does not match cert.ErrNoAnswer,
// because nothing was sent to the API.
type noTokenError struct{ err error }

func (e noTokenError) Error() string      { return "no access token: " + e.err.Error() }
func (e noTokenError) As(target any) bool { return errors.As(e.err, target) }
func (e noTokenError) Is(target error) bool {
	return target != cert.ErrNoAnswer && errors.Is(e.err, target)
}

// tokenError is an answer of the token service without a token. It matches
// cert.ErrUnauthorized if the service rejected the request, and nothing else.
type tokenError struct {
	text  string
	final bool
}

func (e *tokenError) Error() string        { return e.text }
func (e *tokenError) Cause() string        { return e.text }
func (e *tokenError) Is(target error) bool { return e.final && target == cert.ErrUnauthorized }

// tokenTransport sends a token request. It rewrites answers that package oauth2 cannot read,
// and keeps the last answer for its status and headers.
type tokenTransport struct {
	base   http.RoundTripper
	agent  string
	answer *http.Response // nil without one; its body belongs to oauth2
}

func (t *tokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", t.agent)
	t.answer = nil
	res, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxToken))
	_ = res.Body.Close()
	if err != nil {
		return nil, err
	}
	if rewritten, ok := wholeSeconds(body); ok {
		body = rewritten
		res.Header.Set("Content-Type", "application/json") // oauth2 reads text/plain as a form
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	t.answer = res
	return res, nil
}

// wholeSeconds rewrites expires_in, a decimal number or a string, as a whole number. It
// removes one that is no number or below 1. ok is false if body is no JSON object.
//
// Source: cps-api, section 1: the vendor's own client reads it as a float.
func wholeSeconds(body []byte) (rewritten []byte, ok bool) {
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil || object == nil {
		return nil, false
	}
	seconds, err := strconv.ParseFloat(strings.Trim(string(object["expires_in"]), `"`), 64)
	object["expires_in"] = strconv.AppendInt(nil, int64(min(seconds, math.MaxInt32)), 10)
	if err != nil || !(seconds >= 1) {
		delete(object, "expires_in")
	}
	rewritten, err = json.Marshal(object)
	return rewritten, err == nil
}
