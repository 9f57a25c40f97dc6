// Package github speaks to the GitHub API about pull requests and their comments. It
// repeats what may be repeated, and knows nothing of plans.
package github

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// mostAnswer is how many bytes of an answer are read. A page of 100 comments of the
// longest kind takes less.
const mostAnswer = 64 << 20

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

// repositories is the form of a repository's name, which gets into paths.
var repositories = regexp.MustCompile(`^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$`)

// validate returns all that is wrong with a configuration. It refuses addresses to which a token must not be sent.
func (c Config) validate() error {
	var parts []error
	if p := "/" + c.Repository; !repositories.MatchString(c.Repository) || path.Clean(p) != p {
		parts = append(parts, fmt.Errorf("the repository %q is not of the form owner/name", c.Repository))
	}
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		parts = append(parts, errors.New("the address of GitHub's API is not one such as https://api.github.com"))
	case u.Scheme != "https":
		loopback, _ := netip.ParseAddr(u.Hostname()) // the zero address is no loopback
		if u.Scheme != "http" || u.Hostname() != "localhost" && !loopback.IsLoopback() {
			parts = append(parts, errors.New("the address of GitHub's API must begin with https:// (http:// is accepted for loopback only)"))
		}
	}
	if err := errors.Join(parts...); err != nil || c.Token != "" {
		return err
	}
	return ErrNoToken
}

// Token is text that must not be shown. It prints as a fixed word with every verb,
// in JSON and in logs; only a conversion to string gives the text.
type Token string

const hidden = "(secret)"

// Format writes the fixed word, whatever the verb.
func (Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText returns the fixed word. JSON uses it too.
func (Token) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Client speaks to the API about one repository.
type Client struct {
	cfg  Config // without the token
	http *http.Client
	// Functions, since package fmt shows with no verb what they hold.
	token func() Token
	hide  func(text string) string // replaces the token
}

// New returns a client. Its errors are about the configuration.
func New(c Config) (*Client, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	// No redirect is followed: the token is for no other host, and GITHUB_REPOSITORY is never the old name
	// of a repository.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	token := c.Token
	c.Token, c.URL, c.Repository = "", strings.TrimRight(c.URL, "/"), "/repos/"+c.Repository
	return &Client{c, &http.Client{Transport: c.Transport, CheckRedirect: stay},
		func() Token { return token }, strings.NewReplacer(string(token), hidden).Replace}, nil
}

// Wait pauses, as the configuration says.
func (c *Client) Wait(ctx context.Context, d time.Duration) error { return c.cfg.Wait(ctx, d) }

// How long things may take.
const (
	perRequest = 30 * time.Second
	mostPause  = 2 * time.Minute  // that GitHub may ask for
	usualPause = 60 * time.Second // where it does not say: its documents ask for a minute
	mostTries  = 4
)

// do makes a request, as often as its method allows. doing says what for, in errors. Nothing else
// repeats a request.
//
//	         over a limit     no answer, 5xx    anything else
//	GET      wait, repeat     repeat            -
//	others   wait, repeat     -                 -
//
// A limit is a refusal: nothing was done. A write without an answer may have been
// applied, and a second comment would stand beside the first.
func (c *Client) do(ctx context.Context, doing, method, path string, in, out any) (next int, err error) {
	for try := 1; ; try++ {
		next, err := c.send(ctx, method, path, in, out)
		if err == nil {
			return next, nil
		}
		r := new(refusal) // without a status where there was no answer
		errors.As(err, &r)
		pause, again := time.Second<<(try-1), method == http.MethodGet && (r.status == 0 || r.status >= 500)
		if r.isLimit() {
			pause = r.pause(c.cfg.Now())
			again = pause <= mostPause
		}
		if !again || try == mostTries {
			return 0, redacted{explain(doing, r, err), r.status, c.hide}
		}
		if err := c.Wait(ctx, pause); err != nil {
			return 0, err
		}
	}
}

// send makes one request. in is its body and out takes the answer, both as JSON; both may
// be nil. It returns the number of the next page, 0 when there is none. The error of an
// answer that is no success is a *refusal.
func (c *Client) send(ctx context.Context, method, path string, in, out any) (next int, err error) {
	ctx, cancel := context.WithTimeout(ctx, perRequest)
	defer cancel()
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			return 0, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.cfg.URL+path, &body)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Accept", "application/vnd.github+json")
	request.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	request.Header.Set("Authorization", "Bearer "+string(c.token()))
	request.Header.Set("User-Agent", c.cfg.UserAgent)
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	switch {
	case answer.StatusCode < 200 || answer.StatusCode > 299:
		r := &refusal{}
		if json.Unmarshal(data, r) != nil { // what is no JSON says nothing
			r = &refusal{}
		}
		r.status, r.header = answer.StatusCode, answer.Header
		return 0, r
	case err == nil && out != nil:
		err = json.Unmarshal(data, out)
	}
	if err != nil {
		return 0, fmt.Errorf("reading the answer: %w", err)
	}
	return nextPage(answer.Header), nil
}

// nextPage reads the number of the next page from the Link header.
func nextPage(h http.Header) int {
	for link := range strings.SplitSeq(h.Get("Link"), ",") {
		address, rel, _ := strings.Cut(link, ";")
		if strings.Contains(rel, `rel="next"`) {
			if u, err := url.Parse(strings.Trim(address, " <>")); err == nil {
				page, _ := strconv.Atoi(u.Query().Get("page"))
				return page
			}
		}
	}
	return 0
}

// redacted is an error whose text does not show the token, whatever the server sent back.
type redacted struct {
	error
	status int // of the answer; 0 when there was none
	hide   func(string) string
}

func (h redacted) Error() string { return h.hide(h.error.Error()) }

func (h redacted) Unwrap() error { return h.error }
