package github

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Config is what a Client needs. Nothing is read from the environment.
type Config struct {
	URL        string // "https://api.github.com"; http only for loopback
	Repository string // "owner/name"
	Token      Token
	UserAgent  string

	Transport http.RoundTripper
	Now       func() time.Time
	Wait      func(context.Context, time.Duration) error
}

// Token is text that must not be shown. It prints as a fixed word with every verb,
// in JSON and in logs; only a conversion to string gives the text.
type Token string

const hidden = "(secret)"

// Format writes the fixed word, whatever the verb.
func (Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// String returns the fixed word.
func (Token) String() string { return hidden }

// MarshalText returns the fixed word. JSON uses it too.
func (Token) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue returns the fixed word.
func (Token) LogValue() slog.Value { return slog.StringValue(hidden) }

// owned splits the name of a repository.
func owned(repository string) (owner, name string, err error) {
	owner, name, ok := strings.Cut(repository, "/")
	if !ok || !plain(owner) || !plain(name) {
		return "", "", fmt.Errorf("the repository %q is not of the form owner/name", repository)
	}
	return owner, name, nil
}

// plain reports whether s can be a part of a repository's name. Since it gets into
// paths, "." and ".." can't.
func plain(s string) bool {
	odd := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r))
	}
	return s != "" && s != "." && s != ".." && !strings.ContainsFunc(s, odd)
}

// checkURL refuses addresses to which a token must not be sent.
func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("the address of GitHub's API is not one such as https://api.github.com")
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	default:
		return fmt.Errorf("the address of GitHub's API must begin with https:// (http:// is accepted for loopback only)")
	}
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
