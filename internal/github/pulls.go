package github

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/go-github/v89/github"
)

// Pull is a pull request.
type Pull struct {
	Number int
	Head   string // the commit at its head, in hexadecimal
	Merged bool
	Commit string // the commit it was merged as; "" until then
}

// Pull reads a pull request.
func (c *Client) Pull(ctx context.Context, number int) (Pull, error) {
	var got *github.PullRequest
	err := c.do(ctx, read, fmt.Sprintf("reading pull request #%d", number), func(ctx context.Context) (err error) {
		got, _, err = c.api.PullRequests.Get(ctx, c.owner, c.name, number)
		return err
	})
	return pullOf(got), err
}

// PullsOf lists the pull requests that hold a commit, in GitHub's order. The error matches
// ErrNoCommit when GitHub does not know the commit.
func (c *Client) PullsOf(ctx context.Context, commit string) ([]Pull, error) {
	var got []*github.PullRequest
	doing, unknown := "looking for the pull request of commit "+commit, false
	err := c.do(ctx, read, doing, func(ctx context.Context) (err error) {
		got, _, err = c.api.PullRequests.ListPullRequestsWithCommit(ctx, c.owner, c.name, commit, &github.ListOptions{PerPage: perPage})
		code := statusOf(err)
		unknown = code == http.StatusNotFound || code == http.StatusUnprocessableEntity
		return err
	})
	if unknown {
		return nil, fmt.Errorf("%s: %w", doing, ErrNoCommit)
	}
	var all []Pull
	for _, p := range got {
		all = append(all, pullOf(p))
	}
	return all, err
}

// pullOf takes over what is asked for. In a list, that one was merged shows by the
// time alone.
func pullOf(p *github.PullRequest) Pull {
	merged := p.GetMerged() || !p.GetMergedAt().IsZero()
	pull := Pull{Number: p.GetNumber(), Head: p.GetHead().GetSHA(), Merged: merged}
	if merged {
		pull.Commit = p.GetMergeCommitSHA()
	}
	return pull
}
