package cps

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
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
			row: read, kind: KindToken, method: http.MethodPost, path: c.cfg.TokenURL,
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
		return token{}, c.noToken(err, note.answer)
	}
	t, err := newToken(granted, start)
	if err != nil {
		return token{}, c.noToken(err, note.answer)
	}
	return t, outcome{trouble: nothing, sent: true, status: http.StatusOK}
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

// noToken sorts a failure of the token service. Of the answer only a code out of
// the standard is shown.
func (c *Client) noToken(err error, answer *http.Response) outcome {
	var transport *url.Error
	if errors.As(err, &transport) || answer == nil {
		return outcome{cause: err}
	}
	var failure *oauth2.RetrieveError
	code := ""
	if errors.As(err, &failure) {
		code = failure.ErrorCode
	}
	o := outcome{trouble: troubleOf(answer.StatusCode), sent: true, status: answer.StatusCode}
	switch {
	case o.trouble == denied, o.trouble == nothing && code != "":
		o.trouble = refused
	case o.trouble == nothing:
		o.trouble = lost
	}
	o.after = retryAfter(answer.Header, c.cfg.Now())
	o.err = &tokenError{
		host: host(c.cfg.TokenURL), status: answer.StatusCode, code: standardCode(code), final: o.trouble == refused,
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
