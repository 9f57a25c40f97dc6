package cps

import (
	"bytes"
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
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/cpsync/cpsync/internal/cert"
)

// defaultLifetime is that of a token whose answer does not tell.
//
// Source: cps-api, section 1.
const defaultLifetime = 300 * time.Second

// maxLifetime keeps a lifetime that nobody means from being more than a Duration holds.
const maxLifetime = 365 * 24 * time.Hour

// fetcher returns the function that fetches tokens. The token service is asked, and
// asked again, as the API is for a read.
func (c *Client) fetcher(secret Secret) func(context.Context) (token, error) {
	conf := &clientcredentials.Config{
		ClientID:     c.cfg.ClientID,
		ClientSecret: string(secret),
		TokenURL:     c.cfg.TokenURL,
		Scopes:       strings.Fields(c.cfg.Scope),
		AuthStyle:    oauth2.AuthStyleInParams, // otherwise a rejected secret is sent twice
	}
	return func(ctx context.Context) (token, error) {
		var t token
		_, err := c.do(ctx, exchange{
			class: readCall, kind: KindToken, method: http.MethodPost, path: c.cfg.TokenURL,
			send: func(ctx context.Context) (o outcome) {
				t, o = c.fetch(ctx, conf)
				return o
			},
		})
		if err != nil {
			return token{}, noTokenError{err}
		}
		return t, nil
	}
}

// fetch asks for a token once. It is the home of the oauth2 package, which takes
// its HTTP client from the context.
func (c *Client) fetch(ctx context.Context, conf *clientcredentials.Config) (token, outcome) {
	start := c.cfg.Now()
	note := &tokenTransport{base: c.http.Transport, agent: c.cfg.UserAgent}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, noRedirects(note))
	granted, err := conf.Token(ctx)
	if err != nil {
		return token{}, c.tokenFailure(err, note.answer)
	}
	t, err := newToken(granted, start)
	if err != nil {
		return token{}, c.tokenFailure(err, note.answer)
	}
	return t, outcome{failure: succeeded, sent: true, status: http.StatusOK}
}

// newToken takes what is needed from the answer. The lifetime counts from the
// request, by our own clock.
func newToken(granted *oauth2.Token, start time.Time) (token, error) {
	t := token{value: Secret(granted.AccessToken)}
	if checkSecret("", t.value) != nil || !strings.EqualFold(granted.Type(), "Bearer") {
		return token{}, errors.New("not a bearer token")
	}
	if seconds, ok := granted.Extra("expires_in").(float64); ok {
		t.lifetime = time.Duration(min(seconds, maxLifetime.Seconds())) * time.Second
	}
	t.scope, _ = granted.Extra("scope").(string)
	used := t.lifetime
	if used == 0 {
		used = defaultLifetime
	}
	t.renewAt = start.Add(renewAfter(used))
	return t, nil
}

// tokenFailure sorts a failure of the token service. Of the answer only a code out of
// the standard is shown.
func (c *Client) tokenFailure(err error, answer *http.Response) outcome {
	var transport *url.Error
	if errors.As(err, &transport) || answer == nil {
		return outcome{cause: err}
	}
	var failure *oauth2.RetrieveError
	code := ""
	if errors.As(err, &failure) {
		code = failure.ErrorCode
	}
	o := outcome{failure: failureOf(answer.StatusCode), sent: true, status: answer.StatusCode}
	switch {
	case o.failure == unauthorized, o.failure == succeeded && code != "":
		o.failure = rejected
	case o.failure == succeeded:
		o.failure = noAnswer
	}
	o.retryAfter = retryAfter(answer.Header, c.cfg.Now())
	o.err = &tokenError{
		host: host(c.cfg.TokenURL), status: answer.StatusCode, code: standardCode(code), final: o.failure == rejected,
	}
	return o
}

// noTokenError says why there is no token. A lost answer of the token service is
// not a lost answer of the API, so it does not match cert.ErrLost.
type noTokenError struct{ err error }

func (e noTokenError) Error() string { return "no access token: " + e.err.Error() }

func (e noTokenError) Is(target error) bool {
	return target != cert.ErrLost && errors.Is(e.err, target)
}

func (e noTokenError) As(target any) bool { return errors.As(e.err, target) }

// tokenError is what the token service answered instead of a token. It matches
// cert.ErrUnauthorized when the service refused, and nothing else: the API was not
// asked.
type tokenError struct {
	host   string
	status int
	code   string
	final  bool
}

func (e *tokenError) Error() string {
	text := fmt.Sprintf("token service %s: %d %s", e.host, e.status, http.StatusText(e.status))
	if e.code == "" {
		return text + ": no token in the answer"
	}
	return text + ": " + e.code + hints[e.code]
}

func (e *tokenError) Is(target error) bool { return e.final && target == cert.ErrUnauthorized }

var hints = map[string]string{
	"invalid_client":      " (check the client id and the client secret)",
	"invalid_scope":       " (this client may not have the scope that was asked for)",
	"unauthorized_client": " (this client may not use the client credentials grant)",
}

// standardCode returns code when it is one of OAuth's. Anything else may be a
// secret that was sent back.
//
// Source: RFC 6749, sections 4.1.2.1 and 5.2.
func standardCode(code string) string {
	known := []string{
		"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
		"invalid_scope", "access_denied", "server_error", "temporarily_unavailable",
	}
	if code == "" || slices.Contains(known, code) {
		return code
	}
	return "a code outside the standard"
}

// maxToken bounds the answer of the token service, in bytes.
const maxToken = 256 << 10

// tokenTransport carries a token request. It mends answers that the oauth2 package
// does not read, and keeps the last one for its status and headers.
type tokenTransport struct {
	base   http.RoundTripper
	agent  string
	answer *http.Response // nil until there is one; its body is not to be read
}

// RoundTrip implements http.RoundTripper.
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
	if mended, ok := wholeSeconds(body); ok {
		body = mended
		res.Header.Set("Content-Type", "application/json") // as text/plain it would be read as a form
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	t.answer = res
	return res, nil
}

// wholeSeconds rewrites expires_in, which may be decimal or a string, as a whole
// number, and leaves it out when it is none of these or not positive. It reports
// whether body is a JSON object at all.
//
// Source: cps-api, section 1: the vendor's own client reads it as a float.
func wholeSeconds(body []byte) ([]byte, bool) {
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil || object == nil {
		return nil, false
	}
	text := strings.Trim(string(object["expires_in"]), `"`)
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds >= 1) {
		delete(object, "expires_in")
	} else {
		whole := int64(min(seconds, math.MaxInt32))
		object["expires_in"] = json.RawMessage(strconv.FormatInt(whole, 10))
	}
	mended, err := json.Marshal(object)
	return mended, err == nil
}
