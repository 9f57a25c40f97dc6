package comment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/cpsync/cpsync/internal/github"
	"github.com/cpsync/cpsync/internal/jsontext"
)

// ErrNoJob is the lack of what only a job of GitHub Actions has.
var ErrNoJob = errors.New("this is no job of GitHub Actions")

// Job reads the variables that GitHub gives to a job.
//
// Source: GitHub, "Variables reference", default environment variables, read 2026-11-22.
type Job func(variable string) string

// need reads a variable that every job has.
func (j Job) need(variable string) (string, error) {
	value := j(variable)
	if value == "" {
		return "", fmt.Errorf("%w: %s is not set", ErrNoJob, variable)
	}
	return value, nil
}

// Name is the job in its workflow.
func (j Job) Name() string { return j("GITHUB_JOB") }

// Run is the run of the workflow; none outside of one.
func (j Job) Run() Run {
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(j(name), 10, 64)
		return n
	}
	return Run{ID: number("GITHUB_RUN_ID"), Attempt: number("GITHUB_RUN_ATTEMPT")}
}

// Event is what started the job. read reads a file.
func (j Job) Event(read func(name string) ([]byte, error)) (Event, error) {
	name, err := j.need("GITHUB_EVENT_PATH")
	if err != nil {
		return Event{}, err
	}
	data, err := read(name)
	if err != nil {
		return Event{}, fmt.Errorf("GITHUB_EVENT_PATH: %w", err)
	}
	event, err := readEvent(data)
	if err != nil {
		return Event{}, fmt.Errorf("GITHUB_EVENT_PATH: %s: %w", name, err)
	}
	return event, nil
}

// Hub prepares a client for the repository of the job; c says how it calls.
func (j Job) Hub(c github.Config) (_ *github.Client, err error) {
	if c.Repository, err = j.need("GITHUB_REPOSITORY"); err != nil {
		return nil, err
	}
	c.URL, c.Token = cmp.Or(j("GITHUB_API_URL"), "https://api.github.com"), github.Token(j("GITHUB_TOKEN"))
	return github.New(c)
}

// Elsewhere says why there is no pull request to comment on, which is no error.
type Elsewhere string

func (e Elsewhere) Error() string { return string(e) }

// Find returns the pull request that a page goes to, and the commit that the page is about.
//
// A plan, and an event of a merge, name the pull request. Its commit is the head that the event names, else the
// head as it is now. For any other apply the commit is that of the job. The pull request is the one that was merged
// as this commit; without one the error is an Elsewhere.
func (j Job) Find(ctx context.Context, hub *github.Client, mode string, event Event) (number int, head string, err error) {
	if mode == Plan || event.Merged {
		if event.Head != "" {
			return event.Pull, event.Head, nil
		}
		pull, err := hub.Pull(ctx, event.Pull)
		return event.Pull, pull.Head, err
	}
	if head, err = j.need("GITHUB_SHA"); err != nil {
		return 0, "", err
	}
	number, err = MergedAs(ctx, hub, head)
	if err == nil && number == 0 {
		err = Elsewhere("no pull request was merged as commit " + head)
	}
	return number, head, err
}

// commitKnown is how long to wait before each time that GitHub is asked again of a commit. It
// does not know one at once that was merged a moment ago.
var commitKnown = []time.Duration{5 * time.Second, 15 * time.Second, 30 * time.Second}

// MergedAs finds the pull request that was merged as a commit, or 0. Where a commit
// belongs to several, the one that made it counts, else the latest of them.
func MergedAs(ctx context.Context, hub *github.Client, commit string) (number int, err error) {
	for try := 0; ; try++ {
		all, err := hub.PullsOf(ctx, commit)
		if err == nil && len(all) > 0 || err != nil && !errors.Is(err, github.ErrNoCommit) || try == len(commitKnown) {
			return merged(all, commit), err
		}
		if err := hub.Wait(ctx, commitKnown[try]); err != nil {
			return 0, err
		}
	}
}

func merged(all []github.Pull, commit string) int {
	latest := 0
	for _, p := range all {
		switch {
		case !p.Merged:
		case p.Commit == commit:
			return p.Number
		default:
			latest = max(latest, p.Number)
		}
	}
	return latest
}

// maxSummary is how many bytes the summary of a step may have. GitHub drops the whole
// of a longer one.
const maxSummary = 1 << 20

// Summarize appends a page to the summary of the job. add adds a text to a file that may
// get at most as many bytes by it.
func (j Job) Summarize(page string, add func(name, text string, most int64) error) error {
	name := j("GITHUB_STEP_SUMMARY")
	if name == "" {
		return errors.New("GITHUB_STEP_SUMMARY is not set")
	}
	if err := add(name, page+"\n", maxSummary); err != nil {
		return fmt.Errorf("GITHUB_STEP_SUMMARY: %w", err)
	}
	return nil
}

// Event is what started the job, as far as a comment is concerned.
type Event struct {
	Pull   int    // the pull request it is about; 0 when it is about none
	Head   string // its head at the time; "" when the event does not say
	Merged bool   // it is the merge of Pull
	Timed  bool   // a schedule, and nobody's change
}

// readEvent reads the file that GITHUB_EVENT_PATH names.
//
// Source: GitHub, "Webhook events and payloads", read 2026-11-22.
func readEvent(data []byte) (Event, error) {
	var e struct {
		Schedule *string `json:"schedule"`
		Pull     *struct {
			Number int  `json:"number"`
			Merged bool `json:"merged"`
			Head   struct {
				SHA string `json:"sha"`
			} `json:"head"`
		} `json:"pull_request"`
		Run struct { // workflow_run: the run that ended
			Head string `json:"head_sha"`
		} `json:"workflow_run"`
	}
	if err := jsontext.Decode(data, &e); err != nil {
		return Event{}, fmt.Errorf("it is no event: %w", err)
	}
	event := Event{Timed: e.Schedule != nil, Head: e.Run.Head}
	if p := e.Pull; p != nil {
		if p.Number <= 0 || p.Head.SHA == "" {
			return Event{}, errors.New("it is no event: its pull_request has no number or no head")
		}
		event.Pull, event.Head, event.Merged = p.Number, p.Head.SHA, p.Merged
	}
	return event, nil
}
