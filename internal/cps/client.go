// Package cps speaks to the Edgecast CPS REST API, version 2.0: an access token,
// the list, a handful of calls, typed errors. It never repeats an order unless the
// server cannot have carried it out, and refuses answers that the documentation does
// not describe. It knows nothing of plans or manifests.
//
// From the call to the wire:
//
//	do               retry classes, pauses, attempts                  (retry.go, pause.go)
//	  auth           one token for all, one new one after a 401       (auth.go, token.go)
//	    attemptTrace a timeout for each attempt, what reached the wire (transport.go)
//	      meter      counts and logs                                  (meter.go)
//	        readOnly refuses writes, unless writes are allowed        (transport.go)
//	          Config.Transport
//
// "Source: cps-api" names the project's sheet of API facts and the section a fact
// was taken from.
package cps

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Client makes calls to one API with one set of credentials. Its methods can be
// called from several goroutines.
type Client struct {
	cfg   Config // without the secrets, so that printing a Client shows none
	base  string // APIURL without a slash at the end
	http  *http.Client
	auth  *auth
	gate  *gate
	meter *meter
}

// New returns a client. It sends nothing; its errors say what of cfg is missing
// or not acceptable.
func New(cfg Config) (*Client, error) {
	cfg.fillIn()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	secret, ready := cfg.ClientSecret, cfg.AccessToken
	cfg.ClientSecret, cfg.AccessToken = "", ""
	c := &Client{
		cfg:   cfg,
		base:  strings.TrimRight(cfg.APIURL, "/"),
		gate:  newGate(cfg),
		meter: &meter{log: cfg.Log},
	}
	transport := cfg.Transport
	if !cfg.AllowWrites {
		transport = readOnly{base: transport, tokenURL: cfg.TokenURL}
	}
	c.http = noRedirects(transport)
	c.auth = c.newAuth(secret, ready)
	return c, nil
}

// noRedirects returns an HTTP client that returns a redirect as it is. If it followed one,
// a redirected PATCH would become a GET whose 200 looks like success. The client has no
// timeout, because each attempt has one.
func noRedirects(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// host returns the host of a URL, for errors and logs.
func host(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "?"
	}
	return u.Host
}

// Access is what the credentials give access to. It holds nothing secret.
type Access struct {
	Ready    bool          // the token was given, not fetched: its lifetime and scope are unknown
	Lifetime time.Duration // of a token; zero when the token service did not say
	Scope    string        // as granted; "" when the token service did not say
	Total    int           // requests in the account; -1 if unknown
	Skew     time.Duration // how far the server's clock is ahead of ours, to the second
}

// Check fetches a token, unless one was given, and reads the first page of the list.
// Its errors match cert.ErrUnauthorized when the credentials are not accepted.
func (c *Client) Check(ctx context.Context) (Access, error) {
	t, err := c.auth.token(ctx)
	if err != nil {
		return Access{}, err
	}
	first, err := c.page(ctx, "", 1)
	if err != nil {
		return Access{}, err
	}
	return Access{
		Ready: c.auth.fetch == nil, Lifetime: t.lifetime, Scope: c.auth.redact(t.scope),
		Total: first.total, Skew: c.Skew(),
	}, nil
}
