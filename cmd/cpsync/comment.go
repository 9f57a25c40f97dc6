package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/comment"
	"github.com/cpsync/cpsync/internal/github"
	"github.com/cpsync/cpsync/internal/journal"
	"github.com/cpsync/cpsync/internal/render/words"
)

// maxCommenting is how long it may take to comment, limits of GitHub included.
const maxCommenting = 10 * time.Minute

// maxWaiting is how long an apply that has the journal is waited for.
const maxWaiting = time.Minute

// commenting is one run of cpsync comment.
type commenting struct {
	ctx   context.Context // until the first signal
	w     cli.World
	a     *cli.Comment
	log   *slog.Logger
	page  comment.Page
	shown bool // the page is in the job's summary, or that is somebody else's to do
}

// elsewhere says why there is no pull request to comment on, which is no error.
type elsewhere string

func (e elsewhere) Error() string { return string(e) }

// runComment puts a saved plan on the pull request that it is about.
func runComment(ctx context.Context, w cli.World, a *cli.Comment) int {
	limited, _, end := cli.Limited(ctx, maxCommenting)
	defer end()
	log := a.NewLog(w.Stderr)
	if err := journal.AwaitFree(limited, a.Journal, maxWaiting, w.Wait); err != nil {
		log.Warn(err.Error())
	}
	saved, data, text, err := readPage(limited, a)
	if err != nil {
		return w.EndOf(ctx, err)
	}
	if !saved.Finished && strings.HasPrefix(text, "#") { // the page does not say it
		text = words.Unfinished(saved.Mode) + "\n\n" + text
	}
	c := &commenting{
		ctx: ctx, w: w, a: a, log: log, shown: a.Summary == cli.SummaryNever,
		page: comment.Page{Key: a.Key, Mode: saved.Mode, Run: runOf(w.Getenv), Job: w.Getenv(githubJob), Text: text,
			Open: a.Always || saved.Changes || !saved.Finished},
	}
	if a.Summary == cli.SummaryAlways {
		c.summarize("")
	}
	if a.Issue {
		if !saved.Finished {
			return c.instead(cli.Failed, slog.LevelError, errors.New("the run has not finished, so that it does not tell what needs action"), "")
		}
		stopped := func() int { return cli.Stopped(ctx) }
		if err := c.issues(limited, data); err != nil && stopped() == 0 {
			return c.instead(cli.Failed, slog.LevelError, err, cli.FailureOf(err).Hint)
		}
		return stopped()
	}
	return c.end(c.post(limited))
}

// post finds the pull request and keeps the comment on it.
func (c *commenting) post(ctx context.Context) error {
	event, err := eventOf(ctx, c.w.Getenv)
	if err != nil {
		return err
	}
	if c.a.Pull != 0 {
		event = comment.Event{Pull: c.a.Pull, Head: cmp.Or(c.a.Head, event.Head), Merged: true}
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
	result, err := comment.Keep(ctx, hub, c.w.Wait, number, c.page)
	if err == nil {
		fmt.Fprintln(c.w.Stdout, words.Clean(result.String()))
	}
	return err
}

// about is the pull request: of the event, or the one that the applied commit came
// with. A schedule applies what time has made due, which is nobody's pull request.
func (c *commenting) about(ctx context.Context, hub *github.Client, event comment.Event) (int, error) {
	if c.page.Mode == comment.Plan || event.Merged {
		return event.Pull, c.at(ctx, hub, event)
	}
	c.page.Head = c.w.Getenv(githubCommit)
	if c.page.Head == "" {
		return 0, fmt.Errorf("%w: %s is not set", cli.ErrNoJob, githubCommit)
	}
	number, err := comment.MergedAs(ctx, hub, c.w.Wait, c.page.Head)
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
		return cli.OK
	case errors.As(err, &no):
		return c.instead(cli.OK, slog.LevelInfo, err, "")
	case errors.Is(err, github.ErrMayNot), errors.Is(err, github.ErrNoCommit):
		return c.instead(cli.OK, slog.LevelWarn, err, cli.FailureOf(err).Hint)
	case cli.Stopped(c.ctx) != 0:
		return c.instead(cli.Stopped(c.ctx), slog.LevelError, err, "")
	default:
		return c.instead(cli.Failed, slog.LevelError, err, cli.FailureOf(err).Hint)
	}
}

// instead says why the page is not on a pull request, and where it is. A page that is
// in no summary either is an error, whatever the code.
func (c *commenting) instead(code int, level slog.Level, err error, hint string) int {
	c.log.Log(context.Background(), level, err.Error())
	fmt.Fprint(c.w.Stderr, cli.Hint(hint))
	if !c.shown {
		c.summarize("*This is not on a pull request: see the log of the step.*\n\n")
	}
	if !c.shown {
		c.log.Error("the page is in no summary and on no pull request; it stays in " + c.a.Page())
		return max(code, cli.Failed)
	}
	c.log.Info("the page is in the job's summary")
	return code
}

// summarize writes the page to the job's summary. That it can't be is no reason not to
// comment.
func (c *commenting) summarize(note string) {
	if err := addToSummary(c.w.Getenv, note+c.page.Text); err != nil {
		c.log.Warn(err.Error())
		return
	}
	c.shown = true
}

// readPage reads the saved plan and its page, and makes sure that they belong together.
func readPage(ctx context.Context, a *cli.Comment) (saved comment.Saved, plan []byte, page string, err error) {
	plan, err = cli.ReadFile(ctx, a.Plan, cli.MaxPlan)
	if err != nil {
		return saved, nil, "", fmt.Errorf("--plan: %w", err)
	}
	if saved, err = comment.Read(plan); err != nil {
		return saved, nil, "", fmt.Errorf("--plan %s: %w", a.Plan, err)
	}
	data, err := cli.ReadFile(ctx, a.Page(), cli.MaxPage)
	if err != nil {
		return saved, nil, "", noPage{err, a}
	}
	if err := saved.Belongs(string(data)); err != nil {
		return saved, nil, "", noPage{fmt.Errorf("%s: %w", a.Page(), err), a}
	}
	return saved, plan, string(data), nil
}

// noPage is a page that is missing, or of another run.
type noPage struct {
	error
	of *cli.Comment
}

func (e noPage) Unwrap() error { return e.error }

// Code is what the report calls it.
func (noPage) Code() string { return "no-page" }

// Hint says how both are saved.
func (e noPage) Hint() string {
	return fmt.Sprintf("Save both in one run: cpsync --out json=%s --out markdown=%s PATH...", e.of.Plan, e.of.Page())
}
