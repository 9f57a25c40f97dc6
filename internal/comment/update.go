// Package comment keeps the page of a saved plan on a pull request: one comment, updated in
// place, and never replaced by an older page. It also keeps one issue with the certificates that
// need action. It reads what a run saved, and decides nothing about certificates.
package comment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cpsync/cpsync/internal/github"
)

// Hub is what is asked of GitHub.
type Hub interface {
	Pull(ctx context.Context, number int) (github.Pull, error)
	PullsOf(ctx context.Context, commit string) ([]github.Pull, error)
	Comments(ctx context.Context, number int) ([]github.Comment, error)
	Create(ctx context.Context, number int, body string) (github.Comment, error)
	Edit(ctx context.Context, id int64, body string) error
	Delete(ctx context.Context, id int64) error
	Login(ctx context.Context) (string, error)
}

// workflow is who comments with the token of a workflow.
const workflow = "github-actions[bot]"

// Update puts a page on a pull request and keeps it in place. It goes in rounds, each of
// which looks, and does one thing:
//
//	the page is not of the head          leave it          Behind
//	one of ours is of a later run        leave it          Newer
//	none of ours is there                create one, once  Opened
//	an outcome is there, and no news     leave it          Kept
//	the oldest of ours says otherwise    update it         Updated
//	there are younger ones               delete one
//	else                                 done
//
// So whatever another job does meanwhile shows in the next round, and two jobs that
// both create a comment agree on the older one. The comments are read before the head:
// a comment of a newer head can't be seen without that head being seen too.
func Update(ctx context.Context, hub Hub, wait func(context.Context, time.Duration) error, number int, page Page) (Result, error) {
	k := &pageUpdate{hub: hub, number: number, page: page, result: Result{Pull: number}}
	if err := page.check(); err != nil {
		return k.result, err
	}
	err := settle(ctx, wait, mostRounds, func() (done bool, err error) {
		if done, err = k.round(ctx); errors.Is(err, github.ErrUnanswered) {
			k.unanswered = err
		}
		return done, err
	})
	return k.result, err
}

// settle goes in rounds until one is done. What a write without an answer did, the next one
// sees.
func settle(ctx context.Context, wait func(context.Context, time.Duration) error, most int, round func() (done bool, err error)) error {
	for ; most > 0; most-- {
		done, err := round()
		switch {
		case done || err != nil && !errors.Is(err, github.ErrUnanswered):
			return err
		case err != nil && most == 1:
			return err
		case err != nil:
			if err := wait(ctx, pollEvery); err != nil {
				return err
			}
		}
	}
	return errUnsettled
}

const (
	mostRounds = 8               // two jobs settle in four
	pollEvery  = 3 * time.Second // after a write without an answer
)

var errUnsettled = errors.New("the comment changes faster than it can be kept in place; run the job again")

// pageUpdate is one page on its way.
type pageUpdate struct {
	hub        Hub
	number     int
	page       Page
	author     string // whose comments are ours; "" until it is asked for
	created    bool   // a comment was sent, and is not sent again
	unanswered error
	result     Result
}

// round looks at the pull request and does one thing about it.
func (k *pageUpdate) round(ctx context.Context) (done bool, err error) {
	ours, err := k.ours(ctx)
	if err != nil {
		return false, err
	}
	if len(ours) > 0 {
		k.result.URL = ours[0].URL
	}
	left, err := k.leave(ctx, ours)
	switch {
	case err != nil:
		return false, err
	case left:
		return true, k.withdraw(ctx, ours)
	case len(ours) == 0:
		return k.create(ctx)
	case k.page.Mode == Apply && !k.page.Open && !k.created:
		k.result.How = Unchanged
		return true, nil
	case !k.page.upToDate(ours):
		return false, k.edit(ctx, ours)
	case len(ours) > 1:
		return false, deleted(k.hub.Delete(ctx, ours[1].ID))
	default:
		return true, nil
	}
}

// leave reports whether the pull request has moved on, or a later run has commented.
// What was applied is about a commit that does not move, and is added to what stands there.
func (k *pageUpdate) leave(ctx context.Context, ours []ourComment) (bool, error) {
	if k.page.Mode == Plan {
		pull, err := k.hub.Pull(ctx, k.number)
		if err != nil {
			return false, err
		}
		if pull.Head != k.page.Head {
			k.result.How, k.result.Head = Behind, pull.Head
			return true, nil
		}
	}
	if k.superseded(ours) {
		k.result.How = Newer
		return true, nil
	}
	return false, nil
}

// withdraw deletes the comment that was created beside an older one.
func (k *pageUpdate) withdraw(ctx context.Context, ours []ourComment) error {
	for _, c := range ours[min(1, len(ours)):] {
		if c.mark == k.page.mark() {
			return deleted(k.hub.Delete(ctx, c.ID))
		}
	}
	return nil
}

// create adds the comment. One that was sent without an answer may still appear, and
// is not sent again.
func (k *pageUpdate) create(ctx context.Context) (done bool, err error) {
	switch {
	case !k.page.Open:
		k.result.How = NotOpened
		return true, nil
	case k.created && k.unanswered != nil:
		return false, fmt.Errorf("%w; it was looked for and not sent again", k.unanswered)
	case k.created:
		return false, errUnsettled
	}
	k.created = true
	c, err := k.hub.Create(ctx, k.number, k.page.bodyOver(nil))
	if err != nil {
		return false, err
	}
	k.author, k.result.How = c.Author, Opened
	return false, nil
}

// edit updates a comment. GitHub has no update on a condition: one that is on its way
// while a later run writes wins. That takes a whole run within one request.
func (k *pageUpdate) edit(ctx context.Context, ours []ourComment) error {
	body := k.page.bodyOver(ours)
	if len(body) > mostBody {
		return tooLong(len(body))
	}
	err := k.hub.Edit(ctx, ours[0].ID, body)
	if err == nil && k.result.How != Opened {
		k.result.How = Updated
	}
	return err
}

// deleted returns no error when another job was faster to delete a comment.
func deleted(err error) error {
	if errors.Is(err, github.ErrMayNot) {
		return nil
	}
	return err
}

// superseded reports whether a comment of ours is of a later run.
func (k *pageUpdate) superseded(ours []ourComment) bool {
	for _, c := range ours {
		if k.page.olderThan(c.mark) {
			return true
		}
	}
	return false
}
