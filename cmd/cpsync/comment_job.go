package main

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/comment"
	"github.com/cpsync/cpsync/internal/github"
)

// The variables that GitHub gives to a job.
//
// Source: GitHub, "Variables reference", default environment variables, read 2026-11-22.
const (
	githubAPI        = "GITHUB_API_URL"
	githubRepository = "GITHUB_REPOSITORY"
	githubEvent      = "GITHUB_EVENT_PATH"
	githubCommit     = "GITHUB_SHA"
	githubRun        = "GITHUB_RUN_ID"
	githubAttempt    = "GITHUB_RUN_ATTEMPT"
	githubJob        = "GITHUB_JOB"
	githubSummary    = "GITHUB_STEP_SUMMARY"
	githubToken      = "GITHUB_TOKEN"
)

// eventOf reads what started the job.
func eventOf(ctx context.Context, getenv func(string) string) (comment.Event, error) {
	name := getenv(githubEvent)
	if name == "" {
		return comment.Event{}, fmt.Errorf("%w: %s is not set", cli.ErrNoJob, githubEvent)
	}
	data, err := cli.ReadFile(ctx, name, cli.MaxEvent)
	if err != nil {
		return comment.Event{}, fmt.Errorf("%s: %w", githubEvent, err)
	}
	event, err := comment.ReadEvent(data)
	if err != nil {
		return comment.Event{}, fmt.Errorf("%s: %s: %w", githubEvent, name, err)
	}
	return event, nil
}

// runOf is the run of the workflow; none outside of one.
func runOf(getenv func(string) string) comment.Run {
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(getenv(name), 10, 64)
		return n
	}
	return comment.Run{ID: number(githubRun), Attempt: number(githubAttempt)}
}

// hubOf prepares a client for the repository of the job.
func hubOf(w cli.World) (*github.Client, error) {
	repository := w.Getenv(githubRepository)
	if repository == "" {
		return nil, fmt.Errorf("%w: %s is not set", cli.ErrNoJob, githubRepository)
	}
	url := w.Getenv(githubAPI)
	if url == "" {
		url = "https://api.github.com"
	}
	return github.New(github.Config{
		URL: url, Repository: repository, Token: github.Token(w.Getenv(githubToken)), UserAgent: cli.UserAgent(),
		Transport: w.Transport, Now: w.Now, Wait: w.Wait,
	})
}

// maxSummary is how many bytes the summary of a step may have. GitHub drops the whole
// of a longer one.
const maxSummary = 1 << 20

// addToSummary appends a page to the job's summary.
func addToSummary(getenv func(string) string, page string) error {
	name := getenv(githubSummary)
	if name == "" {
		return fmt.Errorf("%s is not set", githubSummary)
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("%s: %w", githubSummary, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("%s: %w", githubSummary, err)
	}
	if size := info.Size() + int64(len(page)) + 1; size >= maxSummary {
		return fmt.Errorf("the summary would take %d bytes, and GitHub drops one that is not under %d", size, maxSummary)
	}
	if _, err := f.WriteString(page + "\n"); err != nil {
		return fmt.Errorf("%s: %w", githubSummary, err)
	}
	return f.Close()
}
