package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// Issue is an issue, which is no pull request.
type Issue struct {
	Number              int
	Title, Body, Author string
	URL                 string
	Open                bool
}

// Issues lists the issues that somebody opened, all pages, the oldest first.
func (c *Client) Issues(ctx context.Context, author string) (all []Issue, err error) {
	got, err := pages[wireIssue](ctx, c, "reading the issues", "/issues?state=all&creator="+url.QueryEscape(author)+"&sort=created&direction=asc&")
	for _, one := range got {
		if one.Pull == nil {
			all = append(all, one.public())
		}
	}
	return all, err
}

// CreateIssue opens an issue. When the error matches ErrUnanswered, it may be there.
func (c *Client) CreateIssue(ctx context.Context, title, body string) (Issue, error) {
	var got wireIssue
	err := c.do(ctx, write, "opening an issue", func(ctx context.Context) error {
		_, err := c.send(ctx, http.MethodPost, c.repository+"/issues", issueText{title, body, ""}, &got)
		return err
	})
	return got.public(), err
}

// EditIssue replaces the title and the body of an issue, and opens or closes it.
func (c *Client) EditIssue(ctx context.Context, number int, title, body string, open bool) error {
	state := map[bool]string{true: "open", false: "closed"}[open]
	return c.do(ctx, write, fmt.Sprintf("updating issue #%d", number), func(ctx context.Context) error {
		_, err := c.send(ctx, http.MethodPatch, fmt.Sprintf("%s/issues/%d", c.repository, number), issueText{title, body, state}, &wireIssue{})
		return err
	})
}

// issueText and issue are what the API takes and gives.
type issueText struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	State string `json:"state,omitempty"`
}

type wireIssue struct {
	Number int       `json:"number"`
	Title  string    `json:"title"`
	Body   string    `json:"body"`
	URL    string    `json:"html_url"`
	State  string    `json:"state"`
	User   user      `json:"user"`
	Pull   *struct{} `json:"pull_request"`
}

func (i wireIssue) public() Issue {
	return Issue{Number: i.Number, Title: i.Title, Body: i.Body, Author: i.User.Login, URL: i.URL, Open: i.State == "open"}
}
