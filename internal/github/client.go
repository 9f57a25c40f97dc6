package github

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-github/v89/github"
)

// mostAnswer is how many bytes of an answer are read. A page of 100 comments of the
// longest kind takes less.
const mostAnswer = 64 << 20

// Client speaks to the API about one repository.
type Client struct {
	owner, name string
	api         *github.Client
	now         func() time.Time
	wait        func(context.Context, time.Duration) error
	hide        *strings.Replacer // the token; behind a pointer, so that printing a Client does not show it
}

// New returns a client. Its errors are about the configuration.
func New(c Config) (*Client, error) {
	owner, name, err := owned(c.Repository)
	if err := errors.Join(err, checkURL(c.URL)); err != nil {
		return nil, err
	}
	if c.Token == "" {
		return nil, ErrNoToken
	}
	// Limits are waited for in repeat.go, where the clock is injected.
	api, err := github.NewClient(github.WithHTTPClient(httpClient(c.Transport)), github.WithAuthToken(string(c.Token)),
		github.WithURLs(&c.URL, nil), github.WithUserAgent(c.UserAgent), github.WithDisableRateLimitCheck())
	if err != nil {
		return nil, err
	}
	return &Client{owner: owner, name: name, api: api, now: c.Now, wait: c.Wait,
		hide: strings.NewReplacer(string(c.Token), hidden)}, nil
}

// hushed is an error whose text does not show the token, whatever the server sent back.
type hushed struct {
	error
	hide *strings.Replacer
}

func (h hushed) Error() string { return h.hide.Replace(h.error.Error()) }

func (h hushed) Unwrap() error { return h.error }

// httpClient follows no redirect: go-github would send the token along, to whatever
// host is named, and GITHUB_REPOSITORY is never the old name of a repository.
func httpClient(t http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     bounded{t},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bounded is a transport whose answers end after mostAnswer bytes.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(q *http.Request) (*http.Response, error) {
	r, err := b.RoundTripper.RoundTrip(q)
	if err == nil {
		r.Body = limited{io.LimitReader(r.Body, mostAnswer), r.Body}
	}
	return r, err
}

type limited struct {
	io.Reader
	io.Closer
}
