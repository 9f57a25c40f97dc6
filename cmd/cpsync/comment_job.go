package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

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

// errNoJob is the lack of what only a job of GitHub Actions has.
var errNoJob = errors.New("this is no job of GitHub Actions")

// eventOf reads what started the job.
func eventOf(ctx context.Context, getenv func(string) string) (comment.Event, error) {
	name := getenv(githubEvent)
	if name == "" {
		return comment.Event{}, fmt.Errorf("%w: %s is not set", errNoJob, githubEvent)
	}
	data, err := readFile(ctx, name, mostEvent)
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
func hubOf(w world) (*github.Client, error) {
	repository := w.getenv(githubRepository)
	if repository == "" {
		return nil, fmt.Errorf("%w: %s is not set", errNoJob, githubRepository)
	}
	url := w.getenv(githubAPI)
	if url == "" {
		url = "https://api.github.com"
	}
	return github.New(github.Config{
		URL: url, Repository: repository, Token: github.Token(w.getenv(githubToken)), UserAgent: userAgent(),
		Transport: w.transport, Now: w.now, Wait: w.pause,
	})
}

// pause waits, unless the program is told to stop.
func (w world) pause(ctx context.Context, d time.Duration) error {
	return w.wait(ctx, w.stop.closed, d)
}
