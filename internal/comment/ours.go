package comment

import (
	"context"
	"errors"

	"github.com/cpsync/cpsync/internal/github"
)

// ourComment is a comment with our mark, by our author.
type ourComment struct {
	github.Comment
	mark mark
}

// ours lists our comments, the oldest first. Anybody can write our mark into a comment
// of theirs, so the author counts too.
func (k *pageUpdate) ours(ctx context.Context) ([]ourComment, error) {
	all, err := k.hub.Comments(ctx, k.number)
	if err != nil {
		return nil, err
	}
	var ours []ourComment
	for _, c := range all {
		m, ok := markOf(c.Body, markOpens)
		if !ok || !m.same(k.page.mark()) {
			continue
		}
		if err := k.askAuthor(ctx); err != nil {
			return nil, err
		}
		if c.Author == k.author {
			ours = append(ours, ourComment{c, m})
		}
	}
	return ours, nil
}

// askAuthor finds out who we are, once. The token of a workflow or of an app can't be
// asked; an app learns its name from the first comment it makes, and then finds the
// one it made before.
func (k *pageUpdate) askAuthor(ctx context.Context) error {
	if k.author != "" {
		return nil
	}
	var err error
	k.author, err = authorOf(ctx, k.hub)
	return err
}

// authorOf is who we are, as far as the token can be asked.
func authorOf(ctx context.Context, hub interface {
	Login(ctx context.Context) (string, error)
}) (string, error) {
	login, err := hub.Login(ctx)
	if errors.Is(err, github.ErrMayNot) {
		return workflow, nil
	}
	return login, err
}
