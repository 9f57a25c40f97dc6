package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
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
	var got wirePull
	err := c.do(ctx, read, fmt.Sprintf("reading pull request #%d", number), func(ctx context.Context) error {
		_, err := c.send(ctx, http.MethodGet, fmt.Sprintf("%s/pulls/%d", c.repository, number), nil, &got)
		return err
	})
	return got.public(), err
}

// PullsOf lists the pull requests that hold a commit, in GitHub's order. The error matches
// ErrNoCommit when GitHub does not know the commit.
func (c *Client) PullsOf(ctx context.Context, commit string) ([]Pull, error) {
	var got []wirePull
	doing, unknown := "looking for the pull request of commit "+commit, false
	err := c.do(ctx, read, doing, func(ctx context.Context) error {
		got = nil
		_, err := c.send(ctx, http.MethodGet, fmt.Sprintf("%s/commits/%s/pulls?per_page=%d", c.repository, url.PathEscape(commit), perPage), nil, &got)
		code := statusOf(err)
		unknown = code == http.StatusNotFound || code == http.StatusUnprocessableEntity
		return err
	})
	if unknown {
		return nil, fmt.Errorf("%s: %w", doing, ErrNoCommit)
	}
	var all []Pull
	for _, p := range got {
		all = append(all, p.public())
	}
	return all, err
}

// wirePull is what the API gives, as far as it is asked for.
type wirePull struct {
	Number int `json:"number"`
	Head   struct {
		SHA string `json:"sha"`
	} `json:"head"`
	Merged   bool    `json:"merged"`
	MergedAt *string `json:"merged_at"` // in a list, that one was merged shows by this alone
	Commit   string  `json:"merge_commit_sha"`
}

func (p wirePull) public() Pull {
	all := Pull{Number: p.Number, Head: p.Head.SHA, Merged: p.Merged || p.MergedAt != nil}
	if all.Merged {
		all.Commit = p.Commit
	}
	return all
}
