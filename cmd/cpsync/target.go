package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// target is the API a run talks to: the real one, or a sandbox with a clock of its
// own.
type target struct {
	name    string // what the first line of a run shows
	api     string // address; part of every digest
	client  *cps.Client
	self    string // what modified_by says of its writes; "" when not known
	now     func() time.Time
	instant time.Time // what decisions use
	until   time.Time // when the time of the run is over, by now; no pause goes beyond it
	wait    func(context.Context, time.Duration) error
	close   func() error // with --apply also stores the clock of a sandbox; never nil
}

// connect prepares the target. Nothing is sent yet. Waits end when soft does.
func connect(soft context.Context, w world, o options, talk *slog.Logger) (*target, error) {
	if o.sandbox != "" {
		return embed(soft, w, o, talk)
	}
	creds, err := credentialsOf(soft, w.getenv, talk)
	if o.asksNothing && errors.As(err, new(missingCredentials)) {
		creds, err = credentials{accessToken: "nothing-is-asked-for"}, nil
	}
	if err != nil {
		return nil, err
	}
	api := cps.Address(o.apiURL)
	t := &target{name: host(api), api: api, now: w.now, close: func() error { return nil }}
	clock := w.now().UTC()
	if t.instant, err = instant(o, clock); err != nil {
		return nil, err
	}
	if ahead := t.instant.Sub(clock); cps.OnLoopback(api) { // --now is the clock here
		t.now = func() time.Time { return w.now().Add(ahead) }
	}
	t.wait = func(ctx context.Context, d time.Duration) error { return w.wait(ctx, soft.Done(), d) }
	config := clientConfig(o, t, w.transport, talk)
	config.Progress = w.progress
	config.APIURL, config.TokenURL = api, o.tokenURL
	config.ClientID, config.ClientSecret, config.AccessToken = creds.clientID, creds.clientSecret, creds.accessToken
	config.Jitter = rand.Float64
	if creds.accessToken == "" {
		t.self = cert.ClientName(creds.clientID)
	}
	t.until = t.now().Add(o.wholeTimeout())
	config.Budget = func() time.Duration { return t.until.Sub(t.now()) }
	if t.client, err = cps.New(config); err != nil {
		return nil, err
	}
	return t, nil
}

// clientConfig is what the client of any target has in common.
func clientConfig(o options, t *target, transport http.RoundTripper, talk *slog.Logger) cps.Config {
	return cps.Config{
		Scope: o.scope, Transport: transport, AllowWrites: o.apply,
		Concurrency: o.concurrency, RequestTimeout: o.requestTimeout,
		Now: t.now, Wait: t.wait, Log: talk, UserAgent: userAgent(),
	}
}

// embed prepares a sandbox inside this process. Its clock moves only by --now and
// by waits, none of which sleeps.
func embed(soft context.Context, w world, o options, talk *slog.Logger) (*target, error) {
	s, err := until(soft, func() (*sandbox.Server, error) { return sandbox.Open(o.sandbox) })
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	at, err := instant(o, s.Now())
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.SetClock(at)
	t := &target{
		name:    "SANDBOX " + o.sandbox + ", clock " + at.UTC().Format(plan.Minute),
		api:     "sandbox",
		now:     s.Now,
		instant: at,
		close:   s.Close,
		self:    cert.ClientName(sandbox.ClientID),
	}
	if o.apply {
		t.close = func() error { return errors.Join(s.Save(), s.Close()) }
	}
	t.wait = func(ctx context.Context, d time.Duration) error {
		s.Advance(d)
		return errors.Join(ctx.Err(), soft.Err())
	}
	config := clientConfig(o, t, w.embedded(s), talk)
	config.Progress = w.progress
	config.APIURL, config.TokenURL = sandboxAPI, sandboxToken
	config.ClientID, config.ClientSecret = sandbox.ClientID, sandbox.ClientSecret
	config.Jitter = func() float64 { return 0 }
	if t.client, err = cps.New(config); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return t, nil
}

// Where an embedded sandbox is addressed. Nothing listens there: requests are
// handed over inside the process.
const (
	sandboxAPI   = "http://127.0.0.1/sec/cps"
	sandboxToken = "http://127.0.0.1/connect/token"
)

// instant is the now of every decision: --now, or the clock.
func instant(o options, clock time.Time) (time.Time, error) {
	if o.now == "" {
		return clock, nil
	}
	if o.apply && o.sandbox == "" && !cps.OnLoopback(o.apiURL) {
		return clock, usageError{fmt.Errorf("--now with --apply works on a sandbox, or an API on loopback, only"), exitUsage}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.Parse(layout, o.now); err == nil && at.Year() >= 1970 && at.Year() < 8000 {
			return at.UTC(), nil
		}
	}
	return clock, usageError{fmt.Errorf("--now %q: write a day as 2027-01-05 or an instant as 2027-01-05T09:00:00Z, from 1970 to 7999", o.now), exitUsage}
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return u.Host
}
