package cps

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// token is an access token and how long it is used.
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

func (c *Client) newAuth(secret, ready Secret) *auth {
	a := &auth{now: c.cfg.Now, store: &secretStore{}}
	if ready != "" {
		a.replace(token{value: ready})
		return a
	}
	a.store.add(secret)
	a.fetch = c.fetcher(secret)
	return a
}

// token returns a valid token. Calls that need one at the same time share one fetch. When
// the call that fetched was cancelled and this one was not, this one fetches again.
func (a *auth) token(ctx context.Context) (token, error) {
	t, err := a.sharedToken(ctx)
	if errors.Is(err, context.Canceled) && ctx.Err() == nil {
		return a.sharedToken(ctx)
	}
	return t, err
}

func (a *auth) sharedToken(ctx context.Context) (token, error) {
	if t, ok := a.valid(); ok {
		return t, nil
	}
	v, err, _ := a.flight.Do("token", func() (any, error) {
		if t, ok := a.valid(); ok {
			return t, nil
		}
		t, err := a.fetch(ctx)
		if err == nil {
			a.replace(t)
		}
		return t, err
	})
	return v.(token), err
}

// valid returns the current token and whether it can still be used.
func (a *auth) valid() (token, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.store.current
	return t, t.value != "" && (t.renewAt.IsZero() || a.now().Before(t.renewAt))
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
		if len(s) < ShortSecret {
			continue
		}
		text = strings.ReplaceAll(text, s, hidden)
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

// renewAfter returns how long a token is used: 80 % of its lifetime, but at most until 30 s
// before it expires. A token of a minute or less is used for half of its lifetime.
//
// Source: cps-api, section 1.2.
func renewAfter(lifetime time.Duration) time.Duration {
	if lifetime <= time.Minute {
		return lifetime / 2
	}
	return min(lifetime*8/10, lifetime-30*time.Second)
}
