package github_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/github"
	"github.com/cpsync/cpsync/internal/github/githubtest"
)

// client returns one for a simulated GitHub. It is used in a bubble of synctest, whose
// clock moves when everything waits.
func client(t *testing.T, s *githubtest.Server) *github.Client {
	t.Helper()
	c, err := github.New(github.Config{
		URL: "https://api.github.com", Repository: s.Repository, Token: githubtest.Token, UserAgent: "cpsync/test",
		Transport: s, Now: time.Now, Wait: wait,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestCommentsOfAllPagesComeOldestFirst(t *testing.T) {
	t.Parallel()
	s := githubtest.New("web/certs")
	s.PageSize = 7
	s.Open(3, "head")
	for i := range 30 {
		s.AddComment(3, "somebody", fmt.Sprint(i))
		s.AddComment(4, "somebody", "of another pull request")
	}
	got, err := client(t, s).Comments(t.Context(), 3)
	if err != nil || len(got) != 30 || got[0].Body != "0" || got[29].Body != "29" {
		t.Errorf("%d comments, %v", len(got), err)
	}
	if n := len(s.Requests()); n != 5 {
		t.Errorf("%d requests for 30 comments by 7", n)
	}
}

// Each row is a fault, and what it does to a read and to a write: the error that it
// ends in, how many requests are made, and how long that takes.
func TestRepeats(t *testing.T) {
	t.Parallel()
	type want struct {
		err   error
		tries int
		took  time.Duration
	}
	limit := map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": ""}
	for name, c := range map[string]struct {
		fault       githubtest.Fault
		read, write want
	}{
		"one 502":                   {githubtest.Fault{Status: 502}, want{nil, 2, time.Second}, want{github.ErrUnanswered, 1, 0}},
		"always 503":                {githubtest.Fault{Status: 503, Times: -1}, want{github.ErrUnanswered, 4, 7 * time.Second}, want{github.ErrUnanswered, 1, 0}},
		"a lost connection":         {githubtest.Fault{NoAnswer: true}, want{nil, 2, time.Second}, want{github.ErrUnanswered, 1, 0}},
		"no answer for a minute":    {githubtest.Fault{Delay: time.Minute}, want{nil, 2, 31 * time.Second}, want{github.ErrUnanswered, 1, 30 * time.Second}},
		"slow, but in time":         {githubtest.Fault{Delay: 20 * time.Second}, want{nil, 1, 20 * time.Second}, want{nil, 1, 20 * time.Second}},
		"429 with a pause":          {githubtest.Fault{Status: 429, Header: map[string]string{"Retry-After": "20"}}, want{nil, 2, 20 * time.Second}, want{nil, 2, 20 * time.Second}},
		"429 without":               {githubtest.Fault{Status: 429}, want{nil, 2, time.Minute}, want{nil, 2, time.Minute}},
		"429 with too long a one":   {githubtest.Fault{Status: 429, Header: map[string]string{"Retry-After": "3600"}}, want{github.ErrLimited, 1, 0}, want{github.ErrLimited, 1, 0}},
		"the limit of the hour":     {githubtest.Fault{Status: 403, Header: limit}, want{nil, 2, 41 * time.Second}, want{nil, 2, 41 * time.Second}},
		"a secondary limit":         {githubtest.Fault{Status: 403, Body: `{"documentation_url":"https://docs.github.com/rest#secondary-rate-limits"}`}, want{nil, 2, time.Minute}, want{nil, 2, time.Minute}},
		"403":                       {githubtest.Fault{Status: 403}, want{github.ErrMayNot, 1, 0}, want{github.ErrMayNot, 1, 0}},
		"404":                       {githubtest.Fault{Status: 404}, want{github.ErrMayNot, 1, 0}, want{github.ErrMayNot, 1, 0}},
		"401":                       {githubtest.Fault{Status: 401}, want{github.ErrUnauthorized, 1, 0}, want{github.ErrUnauthorized, 1, 0}},
		"always over a limit":       {githubtest.Fault{Status: 429, Times: -1, Header: map[string]string{"Retry-After": "1"}}, want{github.ErrLimited, 4, 3 * time.Second}, want{github.ErrLimited, 4, 3 * time.Second}},
		"an answer that is no JSON": {githubtest.Fault{Status: 200, Body: "<html>"}, want{nil, 2, time.Second}, want{github.ErrUnanswered, 1, 0}},
	} {
		for _, k := range []struct {
			kind string
			want want
			call func(context.Context, *github.Client) error
		}{
			{"read", c.read, func(ctx context.Context, g *github.Client) error { _, err := g.Pull(ctx, 3); return err }},
			{"write", c.write, func(ctx context.Context, g *github.Client) error { _, err := g.Create(ctx, 3, "text"); return err }},
		} {
			t.Run(name+", "+k.kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s, start := githubtest.New("web/certs"), time.Now()
					s.Open(3, "head")
					fault := c.fault
					if _, ok := fault.Header["X-RateLimit-Reset"]; ok {
						fault.Header = map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": fmt.Sprint(start.Add(40 * time.Second).Unix())}
					}
					s.Strike(fault)
					err := k.call(t.Context(), client(t, s))
					got := want{k.want.err, len(s.Requests()), time.Since(start)}
					if !errors.Is(err, k.want.err) || got != k.want {
						t.Errorf("%v after %d requests and %s; want %v, %d, %s", err, got.tries, got.took, k.want.err, k.want.tries, k.want.took)
					}
					time.Sleep(time.Hour) // what is still on its way arrives
				})
			})
		}
	}
}

func TestTheTokenNeverShows(t *testing.T) {
	t.Parallel()
	token := github.Token(githubtest.Token)
	asJSON, err := json.Marshal(map[string]any{"a": token})
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprintf("%v %s %q %x %#v %+v", token, token, token, token, token, token), string(asJSON), slog.AnyValue(token).String()} {
		if strings.Contains(shown, "0123456789") || strings.Contains(shown, "676873") {
			t.Error(shown)
		}
	}
	s := githubtest.New("web/certs")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, shown := range []string{fmt.Sprintf(verb, client(t, s)), fmt.Sprintf(verb, *client(t, s))} {
			if strings.Contains(shown, githubtest.Token) || strings.Contains(shown, "6768735f") {
				t.Error(shown)
			}
		}
	}
	for _, status := range []int{403, 404, 409, 422} {
		s.Strike(githubtest.Fault{Status: status, Body: `{"message":"no ` + githubtest.Token + `","errors":[{"message":"` + githubtest.Token + `"}]}`})
		if _, err := client(t, s).Create(t.Context(), 3, "text"); err == nil || !strings.Contains(err.Error(), "no (secret)") || strings.Contains(err.Error(), "ghs_") {
			t.Error(err)
		}
	}
}

// A redirect would carry the token to whatever host it names.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	s := githubtest.New("web/certs")
	s.Open(3, "head")
	s.Strike(githubtest.Fault{Status: 301, Times: -1, Header: map[string]string{"Location": "https://evil.example/"}})
	if _, err := client(t, s).Pull(t.Context(), 3); err == nil || !strings.Contains(err.Error(), "(301") {
		t.Error(err)
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestConfigurationsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ url, repository, token, want string }{
		{"http://api.github.com", "a/b", "t", "https://"},
		{"https://user@api.github.com", "a/b", "t", "not one such as"},
		{"api.github.com", "a/b", "t", "not one such as"},
		{"https://api.github.com", "a", "t", "owner/name"},
		{"https://api.github.com", "a/..", "t", "owner/name"},
		{"https://api.github.com", "a/b/c", "t", "owner/name"},
		{"https://api.github.com", "a/b", "", "no token"},
		{"http://127.0.0.1:8080", "a/b", "t", ""},
		{"https://github.example/api/v3", "a/b.c-d_e", "t", ""},
	} {
		_, err := github.New(github.Config{URL: c.url, Repository: c.repository, Token: github.Token(c.token)})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s %s: %v, want %q", c.url, c.repository, err, c.want)
		}
	}
}

func TestPullsOfACommit(t *testing.T) {
	t.Parallel()
	s := githubtest.New("web/certs")
	s.Open(3, "head")
	s.Merge(3, "merged")
	got, err := client(t, s).PullsOf(t.Context(), "merged")
	want := []github.Pull{{Number: 3, Head: "head", Merged: true, Commit: "merged"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
