package sandbox

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTokensAreGivenForTheRightForm(t *testing.T) {
	t.Parallel()
	const form, client = "application/x-www-form-urlencoded", "&client_id=" + ClientID + "&client_secret=" + ClientSecret
	for _, test := range []struct{ name, kind, body, want string }{
		{"right", form, "grant_type=client_credentials" + client + "&scope=sec.cps.certificates", `"token_type":"Bearer"`},
		{"with charset", form + "; charset=utf-8", "grant_type=client_credentials" + client + "&scope=sec.cps.certificates", `"expires_in":300,"scope":"sec.cps.certificates"`},
		{"two scopes", form, "grant_type=client_credentials" + client + "&scope=sec.cps.certificates:read+sec.cps.certificates:delete", `"scope":"sec.cps.certificates:read sec.cps.certificates:delete"`},
		{"broad scope", form, "grant_type=client_credentials" + client + "&scope=sec.cps", `"access_token"`},
		{"comma", form, "grant_type=client_credentials" + client + "&scope=sec.cps,sec.cps.certificates", `{"error":"invalid_scope"}`},
		{"JSON", "application/json", `{"grant_type":"client_credentials"}`, `{"error":"invalid_request"}`},
		{"no type", "", "grant_type=client_credentials" + client + "&scope=sec.cps", `{"error":"invalid_request"}`},
		{"no grant", form, "scope=sec.cps" + client, `{"error":"invalid_request"}`},
		{"twice", form, "grant_type=client_credentials&scope=sec.cps&scope=sec.cps" + client, `{"error":"invalid_request"}`},
		{"other grant", form, "grant_type=password" + client + "&scope=sec.cps", `{"error":"unsupported_grant_type"}`},
		{"wrong secret", form, "grant_type=client_credentials&client_id=" + ClientID + "&client_secret=x&scope=sec.cps", `{"error":"invalid_client"}`},
		{"no client", form, "grant_type=client_credentials&scope=sec.cps", `{"error":"invalid_client"}`},
		{"no scope", form, "grant_type=client_credentials" + client, `{"error":"invalid_scope"}`},
		{"unknown scope", form, "grant_type=client_credentials" + client + "&scope=sec.waf", `{"error":"invalid_scope"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := &caller{t: t, server: New(worldOf(t, shop))}
			r, _ := http.NewRequest("POST", "https://anything.example"+TokenPath, strings.NewReader(test.body))
			r.Header.Set("Content-Type", test.kind)
			status, body := c.send(r)
			if want := 400; strings.HasPrefix(test.want, `{"error"`) != (status == want) {
				t.Errorf("status %d", status)
			}
			if !strings.Contains(body, test.want) {
				t.Errorf("got %s, want %s", body, test.want)
			}
			if got := strings.Join(c.server.Requests(), " "); got != "POST /connect/token" {
				t.Errorf("noted as %q", got)
			}
		})
	}
}

func TestTokensEnd(t *testing.T) {
	t.Parallel()
	for switches, lifetime := range map[string]time.Duration{"": 300 * time.Second, `"expires_in": "1.5s"`: 1500 * time.Millisecond} {
		s := New(worldOf(t, shop, `"switches": {`+switches+`}`))
		c := call(t, s)
		s.Advance(lifetime - time.Nanosecond)
		if status, _ := c.send(c.request("GET", "/certificates", "")); status != 200 {
			t.Errorf("%s: %d before the end", switches, status)
		}
		s.Advance(time.Nanosecond)
		if status, _ := c.send(c.request("GET", "/certificates", "")); status != 401 {
			t.Errorf("%s: %d after the end", switches, status)
		}
	}
}

func TestScopesLimitCalls(t *testing.T) {
	t.Parallel()
	calls := []string{"GET /certificates", "PATCH /certificates/11604", "POST /certificates/cdnprovided", "DELETE /certificates/11604"}
	for scope, allowed := range map[string]string{
		"sec.cps": "yyyy", "sec.cps.certificates": "yyyy", "sec.cps.certificates:read": "ynnn",
		"sec.cps.certificates:edit": "yyyn", "sec.cps.certificates:create": "nnyn", "sec.cps.certificates:delete": "nnny",
	} {
		c := &caller{t: t, server: New(worldOf(t, shop))}
		c.login(scope)
		for i, text := range calls {
			method, path, _ := strings.Cut(text, " ")
			body := ""
			if method == "PATCH" || method == "POST" {
				body = "{}"
			}
			status, _ := c.send(c.request(method, path, body))
			if (status != 403) != (allowed[i] == 'y') {
				t.Errorf("%s: %s: %d", scope, text, status)
			}
		}
	}
}

func TestClientsMayBeLimitedToAScope(t *testing.T) {
	t.Parallel()
	client := Credentials{Scope: "sec.cps.certificates:edit"}
	for scope, want := range map[string]bool{
		"sec.cps.certificates:edit": true, "sec.cps.certificates:read": true, "sec.cps.certificates": false,
		"sec.cps.certificates:read sec.cps.certificates:delete": false, "": false,
	} {
		if got := mayRequest(client, scope); got != want {
			t.Errorf("%q: %v", scope, got)
		}
	}
}
