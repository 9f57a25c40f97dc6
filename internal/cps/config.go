package cps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"time"
	"unicode"
)

// Config is everything a Client gets from outside. APIURL, Transport, Now and either an
// AccessToken or TokenURL, ClientID and ClientSecret are required. The rest has defaults.
type Config struct {
	APIURL   string // "https://api.vdms.io/sec/cps"; http only for loopback
	TokenURL string // "https://id.vdms.io/connect/token"; http only for loopback
	Scope    string // "sec.cps.certificates"; several are separated by spaces; "" asks for none

	ClientID     string
	ClientSecret Secret
	// AccessToken is a given token. It replaces TokenURL, ClientID and ClientSecret. It
	// cannot be renewed, so that a 401 is final.
	AccessToken Secret

	Transport   http.RoundTripper // sends all requests
	AllowWrites bool              // false: only GET, and POST to exactly TokenURL, are sent
	UserAgent   string

	Concurrency    int           // most calls in flight, 8 by default; see type concurrency
	RequestTimeout time.Duration // of one attempt, headers and body; 30 s by default

	// Now is the clock for the age of tokens, Retry-After dates and Skew.
	Now func() time.Time
	// Wait makes every pause. An error ends the call. The default sleeps, and returns
	// early when the context ends.
	Wait func(context.Context, time.Duration) error
	// Budget returns how much time the run has left. A longer wait does not begin. nil
	// means no limit. It is not the context's deadline, because Now may be simulated
	// while deadlines are real.
	Budget func() time.Duration
	// Jitter returns a number in [0,1).
	Jitter func() float64

	// Progress gets how many reads of a list are done, and their total, which is 0 when
	// the list has no total. Calls do not overlap. It may be nil.
	Progress func(done, total int)

	// Log gets a debug line for each exchange, never with headers or bodies, and a
	// line at info or warn level for each wait. It may be nil.
	Log *slog.Logger
}

// fillIn sets the defaults of what is not given.
func (c *Config) fillIn() {
	c.Concurrency = cmp.Or(max(c.Concurrency, 0), 8)
	c.RequestTimeout = cmp.Or(max(c.RequestTimeout, 0), 30*time.Second)
	c.Log = cmp.Or(c.Log, slog.New(slog.DiscardHandler))
	if c.Wait == nil {
		c.Wait = Sleep
	}
	if c.Budget == nil {
		c.Budget = func() time.Duration { return math.MaxInt64 }
	}
	if c.Jitter == nil {
		c.Jitter = rand.Float64
	}
}

// validate returns all that is wrong with c in one error.
func (c *Config) validate() error {
	parts := []error{checkURL("API URL", c.APIURL)}
	if c.Transport == nil || c.Now == nil {
		parts = append(parts, errors.New("cps: Config.Transport and Config.Now are needed"))
	}
	switch {
	case c.AccessToken != "":
		parts = append(parts, checkSecret("access token", c.AccessToken))
	case c.ClientID == "" || c.ClientSecret == "":
		parts = append(parts, errors.New("no credentials: a client id and a client secret, or an access token, are needed"))
	default:
		parts = append(parts, checkURL("token URL", c.TokenURL), checkSecret("client secret", c.ClientSecret))
	}
	return errors.Join(parts...)
}

// checkSecret refuses white space, such as the line break at the end of a file. The
// error does not show the secret.
func checkSecret(what string, s Secret) error {
	isInvisible := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
	if strings.ContainsFunc(string(s), isInvisible) {
		return fmt.Errorf("the %s holds white space or a control character", what)
	}
	return nil
}

// checkURL accepts https, and http for loopback only: others could read a token that is
// sent in the clear.
func checkURL(what, text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return fmt.Errorf("the %s is not a full URL with https:// and a host", what)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return fmt.Errorf("the %s must not hold a user, a query or a fragment", what)
	case u.Scheme == "https", u.Scheme == "http" && OnLoopback(text):
		return nil
	default:
		return fmt.Errorf("the %s must begin with https:// (http:// is accepted for loopback only)", what)
	}
}

// OnLoopback reports whether the host of a URL is localhost or a loopback address.
func OnLoopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && addr.IsLoopback()
}

// Address returns one spelling for all spellings of an API's URL: scheme and host in lower
// case, without the scheme's own port, nor a dot or slash at the end. Journals and approvals
// of one API must not depend on how its URL was typed. Text that is no URL stays as it is.
func Address(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return text
	}
	host, port := strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), u.Port()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" && port != map[string]string{"https": "443", "http": "80"}[u.Scheme] {
		host += ":" + port
	}
	u.Host = host
	u.Path, u.RawPath = strings.TrimSuffix(path.Clean("/"+u.Path), "/"), ""
	return u.String()
}

// hidden is printed in place of a secret.
const hidden = "(secret)"

// Secret is text that must not be shown. It prints as a fixed word with every verb, in
// JSON and in logs. Only a conversion to string gives the text.
type Secret string

// Format writes the fixed word, whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText returns the fixed word. JSON and logs use it.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
