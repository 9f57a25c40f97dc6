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
	stages "github.com/cpsync/cpsync/internal/run"
)

const (
	maxCommenting = 10 * time.Minute // limits of GitHub included
	maxWaiting    = time.Minute      // for an apply that has the journal
)

type commenting struct {
	ctx   context.Context // until the first signal
	w     cli.World
	a     *cli.Comment
	job   comment.Job
	log   *slog.Logger
	page  comment.Page
	shown bool // the page is in the job's summary
}

// runComment puts a saved plan on the pull request that it is about.
func runComment(ctx context.Context, w cli.World, a *cli.Comment) int {
	limited, _, end := cli.Limited(ctx, maxCommenting)
	defer end()
	log := a.NewLog(w.Stderr)
	if err := journal.AwaitFree(limited, a.Journal, maxWaiting, w.Wait); err != nil {
		log.Warn(err.Error())
	}
	saved, text, err := readPage(limited, a)
	if err != nil {
		return w.EndOf(ctx, err)
	}
	if !saved.Finished && strings.HasPrefix(text, "#") { // the page does not say it
		text = words.Unfinished(saved.Mode) + "\n\n" + text
	}
	job := comment.Job(w.Getenv)
	c := &commenting{
		ctx: ctx, w: w, a: a, job: job, log: log,
		page: comment.Page{Key: a.Key, Mode: saved.Mode, Run: job.Run(), Job: job.Name(), Text: text,
			Open: a.Always || saved.Changes || !saved.Finished},
	}
	if a.Summary == "always" {
		c.summarize("")
	}
	if a.Issue {
		if !saved.Finished {
			return c.instead(cli.Failed, slog.LevelError, errors.New("the run has not finished, so that it does not tell what needs action"))
		}
		stopped := func() int { return cli.Stopped(ctx) }
		if err := c.issues(limited, saved.ActionRequired); err != nil && stopped() == 0 {
			return c.instead(cli.Failed, slog.LevelError, err)
		}
		return stopped()
	}
	return c.end(c.post(limited))
}

func (c *commenting) issues(ctx context.Context, all []comment.ActionRequired) error {
	hub, err := c.hub()
	if err != nil {
		return err
	}
	did, err := comment.UpdateIssues(ctx, hub, c.a.Key, c.a.IssueBy, c.page.Run, all)
	for _, line := range did {
		fmt.Fprintln(c.w.Stdout, words.Clean(line))
	}
	return err
}

// post finds the pull request and keeps the comment on it.
func (c *commenting) post(ctx context.Context) error {
	event, err := c.job.Event(func(name string) ([]byte, error) { return cli.ReadFile(ctx, name, cli.MaxEvent) })
	if err != nil {
		return err
	}
	if c.a.Pull != 0 {
		event = comment.Event{Pull: c.a.Pull, Head: cmp.Or(c.a.Head, event.Head), Merged: true}
	}
	if event.Pull == 0 && (c.page.Mode == comment.Plan || event.Timed) { // what time made due is nobody's pull request
		return comment.Elsewhere("this run belongs to no pull request")
	}
	hub, err := c.hub()
	if err != nil {
		return err
	}
	number, head, err := c.job.Find(ctx, hub, c.page.Mode, event)
	if err != nil {
		return err
	}
	c.page.Head = head
	result, err := comment.Update(ctx, hub, number, c.page)
	if err == nil {
		fmt.Fprintln(c.w.Stdout, words.Clean(result.String()))
	}
	return err
}

func (c *commenting) hub() (*github.Client, error) {
	return c.job.Hub(github.Config{UserAgent: cli.UserAgent(), Transport: c.w.Transport, Now: c.w.Now, Wait: c.w.Wait})
}

// end says what stood in the way, and sees that the page is in the summary then.
func (c *commenting) end(err error) int {
	switch {
	case err == nil:
		return cli.OK
	case errors.As(err, new(comment.Elsewhere)):
		return c.instead(cli.OK, slog.LevelInfo, err)
	case errors.Is(err, github.ErrMayNot), errors.Is(err, github.ErrNoCommit):
		return c.instead(cli.OK, slog.LevelWarn, err)
	default:
		return c.instead(cmp.Or(cli.Stopped(c.ctx), cli.Failed), slog.LevelError, err)
	}
}

// instead says why the page is not on a pull request, and where it is. A page that is
// in no summary either is an error, whatever the code, unless another step puts it there.
func (c *commenting) instead(code int, level slog.Level, err error) int {
	f := c.w.FailureOf(err)
	if c.a.JSON() {
		c.log.Log(context.Background(), level, err.Error(), "code", f.Code, "hint", f.Hint)
	} else {
		c.log.Log(context.Background(), level, err.Error())
		fmt.Fprint(c.w.Stderr, cli.Hint(f.Hint))
	}
	never := c.a.Summary == "never"
	if !c.shown && !never {
		c.summarize("*This is not on a pull request: see the log of the step.*\n\n")
	}
	switch {
	case c.shown:
		c.log.Info("the page is in the job's summary")
	case never:
		c.log.Info("--summary=never writes no summary; the page is in " + c.a.Page())
	default:
		c.log.Error("the page is in no summary and on no pull request; it stays in " + c.a.Page())
		code = max(code, cli.Failed)
	}
	return code
}

// summarize writes the page to the job's summary. That it can't be is no reason not to comment.
func (c *commenting) summarize(note string) {
	if err := c.job.Summarize(note+c.page.Text, cli.AppendFile); err != nil {
		c.log.Warn(err.Error())
		return
	}
	c.shown = true
}

// readPage reads the saved plan and its page, and makes sure that they belong together.
func readPage(ctx context.Context, a *cli.Comment) (saved comment.Saved, page string, err error) {
	plan, err := cli.ReadFile(ctx, a.Plan, cli.MaxPlan)
	if err != nil {
		return saved, "", fmt.Errorf("--plan %w", err)
	}
	if saved, err = comment.Read(plan); err != nil {
		return saved, "", fmt.Errorf("--plan %s: %w", a.Plan, err)
	}
	data, err := cli.ReadFile(ctx, a.Page(), cli.MaxPage)
	if err == nil {
		if err = saved.Belongs(string(data)); err != nil {
			err = fmt.Errorf("%s: %w", a.Page(), err)
		}
	}
	if err != nil {
		hint := fmt.Sprintf("Save both in one run: cpsync --out json=%s --out markdown=%s PATH...", a.Plan, a.Page())
		return saved, "", stages.Advised{Err: err, Code: "no-page", Hint: hint}
	}
	return saved, string(data), nil
}
