package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// noon is the clock of most worlds in these tests.
const noon = "2026-11-22T12:00:00Z"

// parsed returns the world of a state file's text.
func parsed(t *testing.T, text string) World {
	t.Helper()
	w, err := Parse("state.json", []byte(text))
	if err != nil {
		t.Fatalf("the world of the test is wrong:\n%v", err)
	}
	w.Fill()
	return w
}

// encoded returns the state file of a server.
func encoded(s *Server) []byte {
	w := s.World()
	return w.Encode()
}

const day = 24 * time.Hour

// worldOf returns a world at noon with these certificates, and more members.
func worldOf(t *testing.T, certificates string, members ...string) World {
	t.Helper()
	text := fmt.Sprintf(`{"clock": %q, "certificates": [%s]`, noon, certificates)
	for _, m := range members {
		text += ", " + m
	}
	return parsed(t, text+"}")
}

// An active certificate, in as few words as possible.
const shop = `{"id": 11604, "certificate_label": "shop", "description": "Web shop", "auto_renew": false,
	"expiration_date": "2027-03-01T00:00:00Z",
	"domains": [{"name": "shop.example.com"}, {"name": "www.shop.example.com"}]}`

// A caller is an API client without a socket.
type caller struct {
	t      *testing.T
	server *Server
	bearer string
}

func call(t *testing.T, s *Server) *caller {
	t.Helper()
	c := &caller{t: t, server: s}
	c.login("sec.cps.certificates")
	return c
}

// login asks for a new token.
func (c *caller) login(scope string) {
	c.t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {ClientID}, "client_secret": {ClientSecret}, "scope": {scope}}
	r, _ := http.NewRequest("POST", "https://id.example"+TokenPath, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, body := c.send(r)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if status != 200 || json.Unmarshal([]byte(body), &token) != nil || token.AccessToken == "" {
		c.t.Fatalf("no token: %d %s", status, body)
	}
	c.bearer = token.AccessToken
}

func (c *caller) request(method, path, body string) *http.Request {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, "https://api.example"+Prefix+path, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bearer "+c.bearer)
	return r
}

func (c *caller) send(r *http.Request) (int, string) {
	c.t.Helper()
	answer, err := c.server.RoundTrip(r)
	if err != nil {
		c.t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// do sends a request and expects a status.
func (c *caller) do(status int, method, path, body string) string {
	c.t.Helper()
	have, text := c.send(c.request(method, path, body))
	if have == http.StatusUnauthorized && status != have {
		c.login("sec.cps.certificates")
		have, text = c.send(c.request(method, path, body))
	}
	if have != status {
		c.t.Fatalf("%s %s %s: %d, want %d\n%s", method, path, body, have, status, text)
	}
	return text
}

// get reads a path of the API as any JSON.
func (c *caller) get(path string) map[string]any {
	c.t.Helper()
	return decoded(c.t, c.do(200, "GET", path, ""))
}

func decoded(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// look returns where certificate 11604 stands, in one line:
// "Active/Issued a.example.com:Active b.example.com:Active".
func (c *caller) look() string {
	c.t.Helper()
	status := c.get("/certificates/11604/status")
	line := fmt.Sprint(status["status"])
	if order, ok := status["order_validation"].(map[string]any); ok {
		line += fmt.Sprint("/", order["status"])
	}
	if status["requires_attention"] == true {
		line += "!"
	}
	for _, d := range c.get("/certificates/11604")["domains"].([]any) {
		line += fmt.Sprint(" ", d.(map[string]any)["name"], ":", d.(map[string]any)["status"])
	}
	return line
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
