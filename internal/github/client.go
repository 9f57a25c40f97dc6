package github

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// mostAnswer is how many bytes of an answer are read. A page of 100 comments of the
// longest kind takes less.
const mostAnswer = 64 << 20

// Client speaks to the API about one repository.
type Client struct {
	api        string // address, without a slash at its end
	repository string // path of the repository below it
	token      Token
	userAgent  string
	http       *http.Client
	now        func() time.Time
	wait       func(context.Context, time.Duration) error
	hide       *strings.Replacer // the token; behind a pointer, so that printing a Client does not show it
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
	return &Client{api: strings.TrimRight(c.URL, "/"), repository: "/repos/" + owner + "/" + name, token: c.Token,
		userAgent: c.UserAgent, http: httpClient(c.Transport), now: c.Now, wait: c.Wait,
		hide: strings.NewReplacer(string(c.Token), hidden)}, nil
}

// send makes one request. in is its body and out takes the answer, both as JSON; both may
// be nil. It returns the number of the next page, 0 when there is none. The error of an
// answer that is no success is a *refusal.
func (c *Client) send(ctx context.Context, method, path string, in, out any) (next int, err error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return 0, err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.api+path, body)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Accept", "application/vnd.github+json")
	request.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	request.Header.Set("Authorization", "Bearer "+string(c.token))
	request.Header.Set("User-Agent", c.userAgent)
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode < 200 || answer.StatusCode > 299:
		return 0, refusalOf(answer)
	case out != nil:
		if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
			return 0, fmt.Errorf("reading the answer: %w", err)
		}
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
	hide *strings.Replacer
}

func (h redacted) Error() string { return h.hide.Replace(h.error.Error()) }

func (h redacted) Unwrap() error { return h.error }

// httpClient follows no redirect: the token is for no other host, and GITHUB_REPOSITORY is never the old name of a repository.
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
