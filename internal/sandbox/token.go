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

// A grant is what an access token stands for.
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
	g, code := s.grant(q)
	if code != "" {
		return s.jsonAnswer(http.StatusBadRequest, map[string]any{"error": code})
	}
	maps.DeleteFunc(s.grants, func(_ string, g grant) bool { return !s.world.Clock.Before(g.expires) })
	lifetime := s.world.Switches.TokenLifetime()
	g.expires = s.world.Clock.Add(time.Duration(float64(lifetime) * s.speed))
	token := fmt.Sprintf("SANDBOX.%x", sha256.Sum256(fmt.Appendf(nil, "token %d", len(s.requests))))
	s.grants[token] = g
	return s.jsonAnswer(http.StatusOK, map[string]any{
		"access_token": token, "expires_in": lifetime.Seconds(), "token_type": "Bearer", "scope": strings.Join(g.scopes, " "),
	})
}

// grant checks a request for a token; its error is one of the codes of RFC 6749.
func (s *Server) grant(q *request) (_ grant, code string) {
	kind, _, err := mime.ParseMediaType(q.header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" || q.rawQuery != "" || q.oversize {
		return grant{}, "invalid_request"
	}
	form, err := url.ParseQuery(string(q.body))
	if err != nil {
		return grant{}, "invalid_request"
	}
	for _, values := range form {
		if len(values) > 1 {
			return grant{}, "invalid_request"
		}
	}
	client := s.accepted()
	switch {
	case !form.Has("grant_type"):
		return grant{}, "invalid_request"
	case form.Get("grant_type") != "client_credentials":
		return grant{}, "unsupported_grant_type"
	case form.Get("client_id") != client.ClientID, form.Get("client_secret") != client.ClientSecret:
		return grant{}, "invalid_client"
	case !mayRequest(client, form.Get("scope")):
		return grant{}, "invalid_scope"
	}
	return grant{scopes: strings.Fields(form.Get("scope"))}, ""
}

// authorize returns the refusal of an API call without a good access token.
func (s *Server) authorize(q *request) (grant, error) {
	kind, token, _ := strings.Cut(q.header.Get("Authorization"), " ")
	g, ok := s.grants[token]
	if !strings.EqualFold(kind, "Bearer") || !ok || !s.world.Clock.Before(g.expires) {
		return grant{}, refused(http.StatusUnauthorized, "", "The access token is missing, invalid or expired.")
	}
	return g, nil
}

// An access is what a call does, as the modifiers of scopes name it.
type access string

const (
	reads   access = "read"
	creates access = "create"
	changes access = "modify"
	deletes access = "delete"
)

// scopeNames are the scopes of CPS (cps-api, section 1.1): the broad one, the
// root one, and the root one with each modifier.
var scopeNames = map[string][]access{
	"sec.cps":                     {reads, creates, changes, deletes},
	"sec.cps.certificates":        {reads, creates, changes, deletes},
	"sec.cps.certificates:read":   {reads},
	"sec.cps.certificates:create": {creates},
	"sec.cps.certificates:edit":   {reads, creates, changes},
	"sec.cps.certificates:delete": {deletes},
}

// allows reports whether any scope of g allows what a call does.
func (g grant) allows(a access) bool { return allow(g.scopes, a) }

func allow(scopes []string, a access) bool {
	return slices.ContainsFunc(scopes, func(scope string) bool { return slices.Contains(scopeNames[scope], a) })
}

// mayRequest reports whether a client may ask for these scopes, separated by spaces.
func mayRequest(c world.Credentials, text string) bool {
	wanted := strings.Fields(text)
	for _, scope := range wanted {
		accesses, known := scopeNames[scope]
		if !known {
			return false
		}
		for _, a := range accesses {
			if c.Scope != "" && !allow(strings.Fields(c.Scope), a) {
				return false
			}
		}
	}
	return len(wanted) > 0
}
