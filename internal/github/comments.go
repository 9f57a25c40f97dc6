package github

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/go-github/v89/github"
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
	var all []Comment
	options := &github.IssueListCommentsOptions{ListOptions: github.ListOptions{Page: 1, PerPage: perPage}}
	for options.Page != 0 {
		if options.Page > mostPages {
			return nil, fmt.Errorf("reading the comments of #%d: there are more than %d pages", number, mostPages)
		}
		page, next, err := c.page(ctx, number, options)
		if err != nil {
			return nil, err
		}
		all, options.Page = append(all, page...), next
	}
	slices.SortFunc(all, func(a, b Comment) int { return cmp.Compare(a.ID, b.ID) })
	// A comment that moves between pages while they are read is seen twice.
	return slices.CompactFunc(all, func(a, b Comment) bool { return a.ID == b.ID }), nil
}

func (c *Client) page(ctx context.Context, number int, o *github.IssueListCommentsOptions) (page []Comment, next int, err error) {
	err = c.do(ctx, read, fmt.Sprintf("reading the comments of #%d", number), func(ctx context.Context) error {
		got, response, err := c.api.Issues.ListComments(ctx, c.owner, c.name, number, o)
		if err != nil {
			return err
		}
		page, next = nil, response.NextPage
		for _, one := range got {
			page = append(page, commentOf(one))
		}
		return nil
	})
	return page, next, err
}

// Create adds a comment. When the error matches ErrUnanswered, it may be there.
func (c *Client) Create(ctx context.Context, number int, body string) (Comment, error) {
	var got *github.IssueComment
	err := c.do(ctx, write, fmt.Sprintf("commenting on #%d", number), func(ctx context.Context) (err error) {
		got, _, err = c.api.Issues.CreateComment(ctx, c.owner, c.name, number, &github.IssueComment{Body: &body})
		return err
	})
	return commentOf(got), err
}

// Edit replaces the body of a comment.
func (c *Client) Edit(ctx context.Context, id int64, body string) error {
	return c.do(ctx, write, fmt.Sprintf("updating comment %d", id), func(ctx context.Context) error {
		_, _, err := c.api.Issues.EditComment(ctx, c.owner, c.name, id, &github.IssueComment{Body: &body})
		return err
	})
}

// Delete takes a comment away.
func (c *Client) Delete(ctx context.Context, id int64) error {
	return c.do(ctx, write, fmt.Sprintf("deleting comment %d", id), func(ctx context.Context) error {
		_, err := c.api.Issues.DeleteComment(ctx, c.owner, c.name, id)
		return err
	})
}

// Login names the user whose token it is. The token of a workflow or an app is no
// user's: the error then matches ErrMayNot.
func (c *Client) Login(ctx context.Context) (string, error) {
	var login string
	err := c.do(ctx, read, "asking whose token it is", func(ctx context.Context) error {
		user, _, err := c.api.Users.Get(ctx, "")
		login = user.GetLogin()
		return err
	})
	return login, err
}

func commentOf(c *github.IssueComment) Comment {
	return Comment{ID: c.GetID(), Author: c.GetUser().GetLogin(), Body: c.GetBody(), URL: c.GetHTMLURL()}
}
