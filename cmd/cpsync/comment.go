package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/comment"
	"github.com/cpsync/cpsync/internal/github"
	"github.com/cpsync/cpsync/internal/journal"
	"github.com/cpsync/cpsync/internal/render/words"
)

// mostCommenting is how long it may take to comment, limits of GitHub included.
const mostCommenting = 10 * time.Minute

// mostWaiting is how long an apply that has the journal is waited for.
const mostWaiting = time.Minute

// commenting is one run of cpsync comment.
type commenting struct {
	w     world
	o     commentOptions
	talk  *slog.Logger
	page  comment.Page
	shown bool // the page is in the job's summary, or that is somebody else's to do
}

// elsewhere says why there is no pull request to comment on, which is no error.
type elsewhere string

func (e elsewhere) Error() string { return string(e) }

// runComment puts a saved plan on the pull request that it is about.
func runComment(ctx context.Context, w world, o options) int {
	if err := o.comment.check(); err != nil {
		return usage(w, "comment", err)
	}
	soft, cancel := softly(ctx, w.stop, mostCommenting, func() {})
	defer cancel()
	talk := newTalk(w.stderr, o.logFormat, o.quiet, o.verbose)
	if err := journal.AwaitFree(soft, o.comment.journal, mostWaiting, w.pause); err != nil {
		talk.Warn(err.Error())
	}
	saved, data, text, err := o.comment.read(soft)
	if err != nil {
		return endOf(w, err)
	}
	if !saved.Finished && strings.HasPrefix(text, "#") { // the page does not say it
		text = words.Unfinished(saved.Mode) + "\n\n" + text
	}
	c := &commenting{
		w: w, o: o.comment, talk: talk, shown: o.comment.summary == summaryNever,
		page: comment.Page{Key: o.comment.key, Mode: saved.Mode, Run: runOf(w.getenv), Job: w.getenv(githubJob), Text: text,
			Open: o.comment.always || saved.Changes || !saved.Finished},
	}
	if c.o.summary == summaryAlways {
		c.summarize("")
	}
	if c.o.issue {
		if !saved.Finished {
			return c.instead(exitError, slog.LevelError, errors.New("the run has not finished, so that it does not tell what needs action"), "")
		}
		if err := c.issues(soft, data); err != nil && !c.w.stop.done() {
			return c.instead(exitError, slog.LevelError, err, failureOf(err).Hint)
		}
		return c.w.stop.code
	}
	return c.end(c.post(soft))
}

// post finds the pull request and keeps the comment on it.
func (c *commenting) post(ctx context.Context) error {
	event, err := eventOf(ctx, c.w.getenv)
	if err != nil {
		return err
	}
	if c.o.pull != 0 {
		event = comment.Event{Pull: c.o.pull, Head: cmp.Or(c.o.head, event.Head), Merged: true}
	}
	if event.Pull == 0 && (c.page.Mode == comment.Plan || event.Timed) {
		return elsewhere("this run belongs to no pull request")
	}
	hub, err := hubOf(c.w)
	if err != nil {
		return err
	}
	number, err := c.about(ctx, hub, event)
	if err != nil {
		return err
	}
	result, err := comment.Keep(ctx, hub, c.w.pause, number, c.page)
	if err == nil {
		fmt.Fprintln(c.w.stdout, words.Clean(result.String()))
	}
	return err
}

// about is the pull request: of the event, or the one that the applied commit came
// with. A schedule applies what time has made due, which is nobody's pull request.
func (c *commenting) about(ctx context.Context, hub *github.Client, event comment.Event) (int, error) {
	if c.page.Mode == comment.Plan || event.Merged {
		return event.Pull, c.at(ctx, hub, event)
	}
	c.page.Head = c.w.getenv(githubCommit)
	if c.page.Head == "" {
		return 0, fmt.Errorf("%w: %s is not set", errNoJob, githubCommit)
	}
	number, err := comment.MergedAs(ctx, hub, c.w.pause, c.page.Head)
	if err == nil && number == 0 {
		err = elsewhere("no pull request was merged as commit " + c.page.Head)
	}
	return number, err
}

// at sets which commit the page is about: where neither the event nor a flag says it, what is
// the head now.
func (c *commenting) at(ctx context.Context, hub *github.Client, event comment.Event) error {
	c.page.Head = event.Head
	if c.page.Head != "" {
		return nil
	}
	pull, err := hub.Pull(ctx, event.Pull)
	c.page.Head = pull.Head
	return err
}

// end says what stood in the way, and sees that the page is in the summary then.
func (c *commenting) end(err error) int {
	var no elsewhere
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &no):
		return c.instead(exitOK, slog.LevelInfo, err, "")
	case errors.Is(err, github.ErrMayNot), errors.Is(err, github.ErrNoCommit):
		return c.instead(exitOK, slog.LevelWarn, err, failureOf(err).Hint)
	case c.w.stop.done():
		return c.instead(c.w.stop.code, slog.LevelError, err, "")
	default:
		return c.instead(exitError, slog.LevelError, err, failureOf(err).Hint)
	}
}

// instead says why the page is not on a pull request, and where it is. A page that is
// in no summary either is an error, whatever the code.
func (c *commenting) instead(code int, level slog.Level, err error, hint string) int {
	c.talk.Log(context.Background(), level, err.Error())
	fmt.Fprint(c.w.stderr, lines(hint))
	if !c.shown {
		c.summarize("*This is not on a pull request: see the log of the step.*\n\n")
	}
	if !c.shown {
		c.talk.Error("the page is in no summary and on no pull request; it stays in " + c.o.page())
		return max(code, exitError)
	}
	c.talk.Info("the page is in the job's summary")
	return code
}

// summarize writes the page to the job's summary. That it can't be is no reason not to
// comment.
func (c *commenting) summarize(note string) {
	if err := addToSummary(c.w.getenv, note+c.page.Text); err != nil {
		c.talk.Warn(err.Error())
		return
	}
	c.shown = true
}
