package sandbox

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

type grant struct {
	scopes  []string
	expires time.Time
}

// token answers a request for an access token (cps-api, section 1): form-encoded
// client credentials in the body, and nothing else.
func (s *Server) token(q *request) answer {
	if q.method != http.MethodPost {
		return s.errorAnswer(refused(http.StatusMethodNotAllowed, "", "Tokens are asked for with POST."))
	}
	scopes, code := s.scopes(q)
	if code != "" {
		return s.jsonAnswer(http.StatusBadRequest, object{"error": code})
	}
	maps.DeleteFunc(s.grants, func(_ string, g grant) bool { return !s.world.Clock.Before(g.expires) })
	lifetime := s.world.Switches.TokenLifetime()
	token := fmt.Sprintf("SANDBOX.%x", sha256.Sum256(fmt.Appendf(nil, "token %d", len(s.requests))))
	s.grants[token] = grant{scopes, s.world.Clock.Add(time.Duration(float64(lifetime) * s.speed))}
	return s.jsonAnswer(http.StatusOK, object{
		"access_token": token, "expires_in": lifetime.Seconds(), "token_type": "Bearer", "scope": strings.Join(scopes, " "),
	})
}

// scopes checks a request for a token, and returns those that it asks for, or one of the codes
// of RFC 6749.
func (s *Server) scopes(q *request) (scopes []string, code string) {
	kind, _, noKind := mime.ParseMediaType(q.header.Get("Content-Type"))
	form, noForm := url.ParseQuery(string(q.body))
	twice := slices.ContainsFunc(slices.Collect(maps.Values(form)), func(values []string) bool { return len(values) > 1 })
	client, scopes := s.accepted(), strings.Fields(form.Get("scope"))
	switch {
	case noKind != nil, kind != "application/x-www-form-urlencoded", q.rawQuery != "", q.oversize:
		return nil, "invalid_request"
	case noForm != nil, twice, !form.Has("grant_type"):
		return nil, "invalid_request"
	case form.Get("grant_type") != "client_credentials":
		return nil, "unsupported_grant_type"
	case form.Get("client_id") != client.ClientID, form.Get("client_secret") != client.ClientSecret:
		return nil, "invalid_client"
	case len(scopes) == 0, slices.ContainsFunc(scopes, func(scope string) bool { return !mayRequest(client, scope) }):
		return nil, "invalid_scope"
	}
	return scopes, ""
}

// accepted returns the credentials of the client that may ask for tokens.
func (s *Server) accepted() world.Credentials {
	if s.world.Credentials == nil {
		return world.Credentials{ClientID: ClientID, ClientSecret: ClientSecret}
	}
	return *s.world.Credentials
}

// What a call does, as the modifiers of scopes name it.
const reads, creates, changes, deletes = "read", "create", "modify", "delete"

// scopeNames are the scopes of CPS (cps-api, section 1.1): the broad one, the
// root one, and the root one with each modifier.
var scopeNames = map[string][]string{
	"sec.cps":                     {reads, creates, changes, deletes},
	"sec.cps.certificates":        {reads, creates, changes, deletes},
	"sec.cps.certificates:read":   {reads},
	"sec.cps.certificates:create": {creates},
	"sec.cps.certificates:edit":   {reads, creates, changes},
	"sec.cps.certificates:delete": {deletes},
}

// allow reports whether any scope allows what a call does.
func allow(scopes []string, a string) bool {
	return slices.ContainsFunc(scopes, func(scope string) bool { return slices.Contains(scopeNames[scope], a) })
}

func mayRequest(c world.Credentials, scope string) bool {
	accesses, known := scopeNames[scope]
	beyond := func(a string) bool { return c.Scope != "" && !allow(strings.Fields(c.Scope), a) }
	return known && !slices.ContainsFunc(accesses, beyond)
}
