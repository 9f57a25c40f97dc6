package github

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
)

const (
	perPage   = 100
	mostPages = 200
)

// Comment is a comment on a pull request.
type Comment struct {
	ID        int64 // grows with the age of GitHub: a younger comment has a larger one
	Author    string
	Body, URL string
}

// Comments lists the comments of a pull request, all pages, the oldest first.
func (c *Client) Comments(ctx context.Context, number int) ([]Comment, error) {
	got, err := pages[wireComment](ctx, c, fmt.Sprintf("reading the comments of #%d", number), fmt.Sprintf("/issues/%d/comments?", number))
	var all []Comment
	for _, one := range got {
		all = append(all, one.public())
	}
	slices.SortFunc(all, func(a, b Comment) int { return cmp.Compare(a.ID, b.ID) })
	// A comment that moves between pages while they are read is seen twice.
	return slices.CompactFunc(all, func(a, b Comment) bool { return a.ID == b.ID }), err
}

// pages reads all pages of a list of the repository. path ends where the page is named.
func pages[T any](ctx context.Context, c *Client, doing, path string) (all []T, err error) {
	for page := 1; page != 0; {
		if page > mostPages {
			return nil, fmt.Errorf("%s: there are more than %d pages", doing, mostPages)
		}
		var got []T
		var next int
		err := c.do(ctx, read, doing, func(ctx context.Context) (err error) {
			got = nil
			next, err = c.send(ctx, http.MethodGet, fmt.Sprintf("%s%spage=%d&per_page=%d", c.repository, path, page, perPage), nil, &got)
			return err
		})
		if err != nil {
			return nil, err
		}
		all, page = append(all, got...), next
	}
	return all, nil
}

// Create adds a comment. When the error matches ErrUnanswered, it may be there.
func (c *Client) Create(ctx context.Context, number int, body string) (Comment, error) {
	var got wireComment
	err := c.do(ctx, write, fmt.Sprintf("commenting on #%d", number), func(ctx context.Context) error {
		_, err := c.send(ctx, http.MethodPost, fmt.Sprintf("%s/issues/%d/comments", c.repository, number), text{body}, &got)
		return err
	})
	return got.public(), err
}

// Edit replaces the body of a comment.
func (c *Client) Edit(ctx context.Context, id int64, body string) error {
	return c.do(ctx, write, fmt.Sprintf("updating comment %d", id), func(ctx context.Context) error {
		_, err := c.send(ctx, http.MethodPatch, fmt.Sprintf("%s/issues/comments/%d", c.repository, id), text{body}, &wireComment{})
		return err
	})
}

// Delete takes a comment away.
func (c *Client) Delete(ctx context.Context, id int64) error {
	return c.do(ctx, write, fmt.Sprintf("deleting comment %d", id), func(ctx context.Context) error {
		_, err := c.send(ctx, http.MethodDelete, fmt.Sprintf("%s/issues/comments/%d", c.repository, id), nil, nil)
		return err
	})
}

// Login names the user whose token it is. The token of a workflow or an app is no
// user's: the error then matches ErrMayNot.
func (c *Client) Login(ctx context.Context) (string, error) {
	var got user
	err := c.do(ctx, read, "asking whose token it is", func(ctx context.Context) error {
		_, err := c.send(ctx, http.MethodGet, "/user", nil, &got)
		return err
	})
	return got.Login, err
}

// text, user and comment are what the API takes and gives.
type text struct {
	Body string `json:"body"`
}

type user struct {
	Login string `json:"login"`
}

type wireComment struct {
	ID   int64  `json:"id"`
	User user   `json:"user"`
	Body string `json:"body"`
	URL  string `json:"html_url"`
}

func (c wireComment) public() Comment {
	return Comment{ID: c.ID, Author: c.User.Login, Body: c.Body, URL: c.URL}
}
