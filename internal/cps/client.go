// Package cps speaks to the Edgecast CPS REST API, version 2.0: an access token,
// the list, a handful of calls, typed errors. It never repeats an order unless the
// server cannot have carried it out. A read is answered by a JSON object, or has an
// error. It knows nothing of plans or manifests.
//
// From the call to the wire:
//
//	gate             when a call may be sent                          (gate.go, pace.go)
//	  do             retry classes, pauses, attempts                  (retry.go)
//	    auth         one token for all, one new one after a 401       (auth.go)
//	    attemptTrace a timeout for each attempt, what reached the wire (transport.go)
//	    meter        counts and logs                                  (meter.go)
//	      readOnly   refuses writes, unless writes are allowed        (transport.go)
//	        Config.Transport
//
// "Source: cps-api" names the project's sheet of API facts and the section a fact
// was taken from.
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
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
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
	c := &Client{cfg: cfg, base: strings.TrimRight(cfg.APIURL, "/"), gate: newGate(cfg), meter: &meter{log: cfg.Log}}
	transport := cfg.Transport
	if !cfg.AllowWrites {
		transport = readOnly{base: transport, tokenURL: cfg.TokenURL}
	}
	c.http = noRedirects(transport)
	c.auth = &auth{now: cfg.Now, store: &secretStore{}}
	if ready != "" {
		c.auth.replace(token{value: ready})
	} else {
		c.auth.store.add(secret)
		c.auth.fetch = c.fetcher(secret)
	}
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

// host returns the host of a URL, for errors.
func host(text string) string {
	if u, err := url.Parse(text); err == nil {
		return u.Host
	}
	return "?"
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
	var first page
	if err == nil {
		first, err = c.page(ctx, "", 1)
	}
	if err != nil {
		return Access{}, err
	}
	return Access{
		Ready: c.auth.fetch == nil, Lifetime: t.lifetime, Scope: c.auth.redact(t.scope),
		Total: first.total, Skew: c.Skew(),
	}, nil
}

// Bounds of an answer, in bytes.
const (
	maxBody  = 8 << 20  // of a 2xx that accept reads: 20 requests with 100 domains each take some 400 kB
	maxError = 64 << 10 // of an error, or of a 2xx that nobody reads; the rest stays unread
)

// call is one call of the API, or of the token service.
type call struct {
	class  retryClass
	kind   Kind
	method string
	path   string // below the API's URL, with the query; of a token call the whole URL
	body   []byte // JSON, nil for none
	// accept reads the body of a 2xx. Its error means that the body cannot be read. A PATCH
	// has none: its 2xx is success whatever the body is, and a later read shows the effect.
	accept func([]byte) error
	// fetch makes an attempt to fetch a token. It is nil for a call of the API.
	fetch func(context.Context) (token, outcome, error)
}

// call makes the call q and returns how many attempts were sent.
func (c *Client) call(ctx context.Context, q call) (sent int, err error) {
	e := exchange{Client: c, call: q}
	if e.slot, err = c.gate.enter(ctx); err != nil {
		return 0, q.stopped(err).err
	}
	defer e.slot.leave()
	return e.do(ctx)
}

// send makes one attempt. With an error there is no whole answer, and the outcome says nothing: attempt finds out what
// may have reached the server.
func (e *exchange) send(ctx context.Context) (outcome, error) {
	if e.fetch != nil {
		t, o, err := e.fetch(ctx)
		e.used = t
		return o, err
	}
	req, err := e.request(ctx)
	if err != nil {
		return outcome{}, err
	}
	if e.class != readCall {
		// The write gets a new connection. If the server closed a used one, the result of
		// the write would be unknown.
		e.http.CloseIdleConnections()
	}
	res, err := e.http.Do(req)
	if err != nil {
		return outcome{}, err
	}
	defer func() { _ = res.Body.Close() }()
	e.meter.noteTime(res.Header, e.cfg.Now())
	o := outcome{failure: failureOf(res.StatusCode), sent: true, status: res.StatusCode}
	switch {
	case o.failure != succeeded:
		o.retryAfter = retryAfter(res.Header, e.cfg.Now())
		o.err = e.responseError(res, o.retryAfter)
	case e.accept == nil:
		_, _ = io.CopyN(io.Discard, res.Body, maxError) // the connection can then be used again
	default:
		body, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
		if err != nil {
			return outcome{}, fmt.Errorf("the answer broke off: %w", err)
		}
		if len(body) > maxBody {
			err = fmt.Errorf("the answer is longer than %d bytes", maxBody)
		} else {
			err = e.accept(body)
		}
		if err != nil {
			details := []string{"the answer cannot be read: " + e.clean(err.Error())}
			o.failure, o.err = noAnswer, &Error{Method: e.method, Path: e.path, StatusCode: o.status, Details: details}
		}
	}
	return o, nil
}

func (e *exchange) request(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, e.method, e.base+e.path, bytes.NewReader(e.body))
	if err != nil {
		return nil, err
	}
	req.GetBody = nil // so that net/http cannot send a PATCH again by itself; attemptTrace.begin ends any other repeat
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+string(e.used.value))
	req.Header.Set("User-Agent", e.cfg.UserAgent)
	if e.method != http.MethodGet { // the vendor's samples print it on a PUT without a body too
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// Patch replaces the fields of p and no others. It returns how many attempts were sent, and
// an error that matches exactly one of cert.ErrNotSent, cert.ErrRefused and cert.ErrNoAnswer.
// Success is a 2xx; only a read shows whether the fields changed.
func (c *Client) Patch(ctx context.Context, id cert.ID, p cert.Patch) (attempts int, err error) {
	body, err := json.Marshal(p)
	d, withDomains := p.Domains.Get()
	switch {
	case err != nil:
	case string(body) == "{}":
		err = errors.New("there is nothing to change")
	case withDomains && !slices.Contains(d.Names, d.Common): // its effect is undocumented
		err = errors.New("the common name is not in the list of domains")
	case withDomains && d.Order != nil && !slices.Equal(slices.Sorted(slices.Values(d.Order)), slices.Sorted(slices.Values(d.Names))):
		err = errors.New("the list to send does not hold the same domains as the set")
	}
	if err != nil {
		return 0, fmt.Errorf("changing request %d: %w: %w", id, cert.ErrNotSent, err)
	}
	q := call{class: metadataWrite, body: body}
	if p.AtMostOnce() { // it may start an order, and is repeated no more often than one
		q.class = order
	}
	q.method, q.path = cert.PatchCall(id)
	return c.write(ctx, "changing", id, q)
}

// Renew orders a renewal. It returns as Patch does, but a 2xx whose body is not this API's is an
// error too: cert.ErrNoAnswer.
//
// Source: cps-api, section 3.1, number 9: a PUT without a body, answered 204.
func (c *Client) Renew(ctx context.Context, id cert.ID) (attempts int, err error) {
	return c.order(ctx, "renewing", id, cert.EditRenew)
}

// Retrigger submits the order of a request again. It returns as Renew does.
//
// Source: cps-api, section 3.1, number 10: a PUT without a body, answered 204.
func (c *Client) Retrigger(ctx context.Context, id cert.ID) (attempts int, err error) {
	return c.order(ctx, "retriggering", id, cert.EditRetrigger)
}

// order sends a renewal or retrigger, which have no body. It accepts as an answer no body, or the
// request itself. Any other body, such as a proxy's page or half an answer, does not prove that
// the API placed the order.
func (c *Client) order(ctx context.Context, doing string, id cert.ID, e cert.Edit) (attempts int, err error) {
	q := call{class: order, accept: func(body []byte) error {
		if len(bytes.TrimSpace(body)) == 0 {
			return nil
		}
		if err := isObject(body); err != nil {
			return err
		}
		return sameID(id, decodeID(body))
	}}
	q.method, q.path = cert.OrderCall(id, e)
	return c.write(ctx, doing, id, q)
}

// write makes the call q about one request.
func (c *Client) write(ctx context.Context, doing string, id cert.ID, q call) (int, error) {
	if err := checkID(id); err != nil {
		return 0, fmt.Errorf("%s: %w: %w", doing, cert.ErrNotSent, err)
	}
	q.kind = KindWrite
	attempts, err := c.call(ctx, q)
	if err != nil {
		return attempts, fmt.Errorf("%s request %d: %w", doing, id, err)
	}
	return attempts, nil
}
