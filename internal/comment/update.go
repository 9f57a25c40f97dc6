// Package comment keeps the page of a saved plan on a pull request: one comment, updated in
// place, and never replaced by an older page. It also keeps one issue with the certificates that
// need action. It reads what a run saved, and decides nothing about certificates.
package comment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/github"
)

// workflow is who comments with the token of a workflow.
const workflow = "github-actions[bot]"

// Result is what became of a page.
type Result struct {
	How  How
	Pull int
	Head string // of the pull request, when Behind
	URL  string // of the comment; "" when there is none
}

// How says what became of a page.
type How uint8

// What can become of a page.
const (
	InPlace   How = iota // it stood there already
	Opened               // as a new comment
	Updated              // in the comment of before
	Behind               // left: the pull request has another head
	Newer                // left: a later run has commented
	NotOpened            // left: there is no comment, and the page is not worth one
	Unchanged            // left: an outcome stands there, and this run has nothing to add
)

// sentences say a result: of a pull request, the URL of its comment, and its head.
var sentences = [...]string{
	InPlace:   "the comment on #%[1]d is in place: %[2]s",
	Opened:    "commented on #%[1]d: %[2]s",
	Updated:   "updated the comment on #%[1]d: %[2]s",
	Behind:    "left #%[1]d alone: its head is %[3]s now, and this plan is of an older one",
	Newer:     "left #%[1]d alone: a later run has commented: %[2]s",
	NotOpened: "left #%[1]d without a comment: there is nothing to tell of this change (--always comments all the same)",
	Unchanged: "left #%[1]d alone: this run wrote nothing, and the outcome of an earlier one is there: %[2]s",
}

// String says it in a line.
func (r Result) String() string { return fmt.Sprintf(sentences[r.How], r.Pull, r.URL, r.Head) }

// Update puts a page on a pull request and keeps it in place. It goes in rounds, each of
// which looks, and does one thing:
//
//	the page is not of the head          leave it          Behind
//	one of ours is of a later run        leave it          Newer
//	none of ours is there                create one, once  Opened
//	an outcome is there, and no news     leave it          Unchanged
//	the oldest of ours says otherwise    update it         Updated
//	there are younger ones               delete one
//	else                                 done
//
// So whatever another job does meanwhile shows in the next round, and two jobs that
// both create a comment agree on the older one. The comments are read before the head:
// a comment of a newer head can't be seen without that head being seen too.
func Update(ctx context.Context, hub *github.Client, number int, page Page) (Result, error) {
	k := &pageUpdate{hub: hub, number: number, page: page, result: Result{Pull: number}}
	if n := len(page.body()); n > mostBody {
		return k.result, tooLong(n)
	}
	err := settle(ctx, hub, mostRounds, func() (done bool, err error) {
		if done, err = k.round(ctx); errors.Is(err, github.ErrUnanswered) {
			k.unanswered = err
		}
		return done, err
	})
	return k.result, err
}

// settle goes in rounds until one is done. What a write without an answer did, the next one
// sees.
func settle(ctx context.Context, hub *github.Client, most int, round func() (done bool, err error)) error {
	for ; most > 0; most-- {
		done, err := round()
		if done || err != nil && (most == 1 || !errors.Is(err, github.ErrUnanswered)) {
			return err
		}
		if err != nil {
			if err := hub.Wait(ctx, pollEvery); err != nil {
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

var errUnsettled = errors.New("another job changes it faster than it can be kept in place; run the job again")

// pageUpdate is one page on its way.
type pageUpdate struct {
	hub        *github.Client
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
	case left: // and the comment that was created beside an older one goes
		i := slices.IndexFunc(ours[min(1, len(ours)):], func(c ourComment) bool { return c.mark == k.page.mark() })
		if i < 0 {
			return true, nil
		}
		return true, deleted(k.hub.Delete(ctx, ours[i+1].ID))
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
	if k.page.Mode == Apply {
		return false, nil
	}
	pull, err := k.hub.Pull(ctx, k.number)
	if err != nil {
		return false, err
	}
	// That one head is behind another is not told from marks: only GitHub knows which is the head.
	if pull.Head != k.page.Head {
		k.result.How, k.result.Head = Behind, pull.Head
		return true, nil
	}
	if slices.ContainsFunc(ours, func(c ourComment) bool { return c.mark.head == pull.Head && c.mark.run.after(k.page.Run) }) {
		k.result.How = Newer
		return true, nil
	}
	return false, nil
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
	k.author, k.result.How = c.User.Login, Opened
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
		if !ok || m.key != k.page.Key || m.mode != k.page.Mode {
			continue
		}
		// The token of a workflow or of an app can't be asked who it is; an app learns its name from the
		// first comment it makes, and then finds the one it made before.
		if k.author == "" {
			if k.author, err = authorOf(ctx, k.hub); err != nil {
				return nil, err
			}
		}
		if c.User.Login == k.author {
			ours = append(ours, ourComment{c, m})
		}
	}
	return ours, nil
}

// authorOf is who we are, as far as the token can be asked.
func authorOf(ctx context.Context, hub *github.Client) (string, error) {
	login, err := hub.Login(ctx)
	if errors.Is(err, github.ErrMayNot) {
		return workflow, nil
	}
	return login, err
}
