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

// token is an access token, and until when it is used.
type token struct {
	value    Secret
	lifetime time.Duration // as granted; 0 when not known
	scope    string        // as granted; "" when not known
	renewAt  time.Time     // zero: never
}

// auth hands out one token to everybody and renews it before it ends.
type auth struct {
	fetch func(context.Context) (token, error) // nil: the token cannot be renewed
	now   func() time.Time

	flight singleflight.Group

	mu    sync.Mutex
	store *secretStore // behind a pointer of its own, so that printing a Client does not show it
}

// secretStore holds what must not be shown.
type secretStore struct {
	current token
	secrets []string // the client secret and every token so far, as somebody may write them
}

// add keeps a secret in the forms in which it comes back: as it is, in an address, and in
// quotes of Go, whose errors quote what a server said, or of JSON.
func (v *secretStore) add(s Secret) {
	text := string(s)
	quoted, inJSON := strconv.Quote(text), new(strings.Builder)
	_ = json.NewEncoder(inJSON).Encode(text) // of a string it has no error
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

// token returns a token that is good for now. However many ask at once, one is
// fetched, and they share the answer. When whoever fetched was stopped and we were
// not, we fetch ourselves.
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

// valid returns the current token, and whether it can still be used.
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

// discard says that used got a 401, and returns whether another token can be had. A
// token that has been replaced since is not thrown away: a hundred 401s cost one.
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

// ShortSecret is how many characters a secret has that can't be told from the words of a
// text: hiding the letter "t" would hide every message.
const ShortSecret = 8

// redact replaces every secret in text, but for short ones.
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

// redactedError is an error whose text holds no secret: the network's errors quote what a server
// sent that is no HTTP.
type redactedError struct {
	error
	auth *auth
}

func (h redactedError) Error() string { return h.auth.redact(h.error.Error()) }

func (h redactedError) Unwrap() error { return h.error }

// renewAfter is how long a token is used: 80 % of its lifetime or until 30 s before
// its end, whichever comes first; one of a minute or less for half of it.
//
// Source: cps-api, section 1.2.
func renewAfter(lifetime time.Duration) time.Duration {
	if lifetime <= time.Minute {
		return lifetime / 2
	}
	return min(lifetime*8/10, lifetime-30*time.Second)
}
