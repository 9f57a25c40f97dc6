package github

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

const (
	perPage   = 100
	mostPages = 200
)

// User is somebody with a login.
type User struct {
	Login string `json:"login"`
}

// Login names the user whose token it is. The token of a workflow or an app is no
// user's: the error then matches ErrMayNot.
func (c *Client) Login(ctx context.Context) (string, error) {
	var got User
	_, err := c.do(ctx, "asking whose token it is", http.MethodGet, "/user", nil, &got)
	return got.Login, err
}

// Pull is a pull request.
type Pull struct {
	Number int
	Head   string // the commit at its head, in hexadecimal
	Merged bool
	Commit string // the commit it was merged as; "" until then
}

// UnmarshalJSON reads what the API gives of a pull request.
func (p *Pull) UnmarshalJSON(data []byte) error {
	var w struct {
		Number int `json:"number"`
		Head   struct {
			SHA string `json:"sha"`
		} `json:"head"`
		Merged   bool    `json:"merged"`
		MergedAt *string `json:"merged_at"` // in a list, that one was merged shows by this alone
		Commit   string  `json:"merge_commit_sha"`
	}
	err := json.Unmarshal(data, &w)
	*p = Pull{Number: w.Number, Head: w.Head.SHA, Merged: w.Merged || w.MergedAt != nil}
	if p.Merged {
		p.Commit = w.Commit
	}
	return err
}

// Pull reads a pull request.
func (c *Client) Pull(ctx context.Context, number int) (got Pull, err error) {
	_, err = c.do(ctx, fmt.Sprintf("reading pull request #%d", number), http.MethodGet, fmt.Sprintf("%s/pulls/%d", c.cfg.Repository, number), nil, &got)
	return got, err
}

// PullsOf lists the pull requests that hold a commit, in GitHub's order. The error matches
// ErrNoCommit when GitHub does not know the commit.
func (c *Client) PullsOf(ctx context.Context, commit string) (all []Pull, err error) {
	doing := "looking for the pull request of commit " + commit
	_, err = c.do(ctx, doing, http.MethodGet, fmt.Sprintf("%s/commits/%s/pulls?per_page=%d", c.cfg.Repository, url.PathEscape(commit), perPage), nil, &all)
	if f, ok := errors.AsType[redacted](err); ok && (f.status == http.StatusNotFound || f.status == http.StatusUnprocessableEntity) {
		return nil, fmt.Errorf("%s: %w", doing, ErrNoCommit)
	}
	return all, err
}

// Comment is a comment on a pull request.
type Comment struct {
	ID   int64  `json:"id"` // grows with the age of GitHub: a younger comment has a larger one
	User User   `json:"user"`
	Body string `json:"body"`
	URL  string `json:"html_url"`
}

// text is what is sent of a comment or an issue.
type text struct {
	Title string `json:"title,omitempty"`
	Body  string `json:"body"`
	State string `json:"state,omitempty"`
}

// Comments lists the comments of a pull request, all pages, the oldest first.
func (c *Client) Comments(ctx context.Context, number int) ([]Comment, error) {
	all, err := pages[Comment](ctx, c, fmt.Sprintf("reading the comments of #%d", number), fmt.Sprintf("/issues/%d/comments?", number))
	slices.SortFunc(all, func(a, b Comment) int { return cmp.Compare(a.ID, b.ID) })
	// A comment that moves between pages while they are read is seen twice.
	return slices.CompactFunc(all, func(a, b Comment) bool { return a.ID == b.ID }), err
}

// Create adds a comment. When the error matches ErrUnanswered, it may be there.
func (c *Client) Create(ctx context.Context, number int, body string) (got Comment, err error) {
	_, err = c.do(ctx, fmt.Sprintf("commenting on #%d", number), http.MethodPost, fmt.Sprintf("%s/issues/%d/comments", c.cfg.Repository, number), text{Body: body}, &got)
	return got, err
}

// Edit replaces the body of a comment.
func (c *Client) Edit(ctx context.Context, id int64, body string) error {
	_, err := c.do(ctx, fmt.Sprintf("updating comment %d", id), http.MethodPatch, fmt.Sprintf("%s/issues/comments/%d", c.cfg.Repository, id), text{Body: body}, &Comment{})
	return err
}

// Delete takes a comment away.
func (c *Client) Delete(ctx context.Context, id int64) error {
	_, err := c.do(ctx, fmt.Sprintf("deleting comment %d", id), http.MethodDelete, fmt.Sprintf("%s/issues/comments/%d", c.cfg.Repository, id), nil, nil)
	return err
}

// Issue is an issue.
type Issue struct {
	Number int       `json:"number"`
	Title  string    `json:"title"`
	Body   string    `json:"body"`
	URL    string    `json:"html_url"`
	State  string    `json:"state"` // Open or closed
	User   User      `json:"user"`
	Pull   *struct{} `json:"pull_request"` // GitHub lists pull requests among issues
}

// Open is the state of an issue that is not closed.
const Open = "open"

// Issues lists the issues that somebody opened, without pull requests, all pages, the oldest first.
func (c *Client) Issues(ctx context.Context, author string) (all []Issue, err error) {
	all, err = pages[Issue](ctx, c, "reading the issues", "/issues?state=all&creator="+url.QueryEscape(author)+"&sort=created&direction=asc&")
	return slices.DeleteFunc(all, func(i Issue) bool { return i.Pull != nil }), err
}

// CreateIssue opens an issue. When the error matches ErrUnanswered, it may be there.
func (c *Client) CreateIssue(ctx context.Context, title, body string) (got Issue, err error) {
	_, err = c.do(ctx, "opening an issue", http.MethodPost, c.cfg.Repository+"/issues", text{Title: title, Body: body}, &got)
	return got, err
}

// EditIssue replaces the title and the body of an issue, and opens or closes it.
func (c *Client) EditIssue(ctx context.Context, number int, title, body string, open bool) error {
	state := map[bool]string{true: Open, false: "closed"}[open]
	_, err := c.do(ctx, fmt.Sprintf("updating issue #%d", number), http.MethodPatch, fmt.Sprintf("%s/issues/%d", c.cfg.Repository, number), text{title, body, state}, &Issue{})
	return err
}

// pages reads all pages of a list of the repository. path ends where the page is named.
func pages[T any](ctx context.Context, c *Client, doing, path string) (all []T, err error) {
	for page := 1; page != 0; {
		if page > mostPages {
			return nil, fmt.Errorf("%s: there are more than %d pages", doing, mostPages)
		}
		var got []T
		page, err = c.do(ctx, doing, http.MethodGet, fmt.Sprintf("%s%spage=%d&per_page=%d", c.cfg.Repository, path, page, perPage), nil, &got)
		if err != nil {
			return nil, err
		}
		all = append(all, got...)
	}
	return all, nil
}
