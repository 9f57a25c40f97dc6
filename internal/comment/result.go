package comment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cpsync/cpsync/internal/github"
)

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

// Result is what became of a page.
type Result struct {
	How  How
	Pull int
	Head string // of the pull request, when Behind
	URL  string // of the comment; "" when there is none
}

// String says it in a line.
func (r Result) String() string {
	switch r.How {
	case InPlace:
		return fmt.Sprintf("the comment on #%d is in place: %s", r.Pull, r.URL)
	case Opened:
		return fmt.Sprintf("commented on #%d: %s", r.Pull, r.URL)
	case Updated:
		return fmt.Sprintf("updated the comment on #%d: %s", r.Pull, r.URL)
	case Behind:
		return fmt.Sprintf("left #%d alone: its head is %s now, and this plan is of an older one", r.Pull, r.Head)
	case Newer:
		return fmt.Sprintf("left #%d alone: a later run has commented: %s", r.Pull, r.URL)
	case NotOpened:
		return fmt.Sprintf("left #%d without a comment: the plan changes nothing (--always comments all the same)", r.Pull)
	case Unchanged:
		return fmt.Sprintf("left #%d alone: this run wrote nothing, and the outcome of an earlier one is there: %s", r.Pull, r.URL)
	}
	panic("comment: unknown result")
}

// commitKnown is how long to wait before each time that GitHub is asked again of a commit. It
// does not know one at once that was merged a moment ago.
var commitKnown = []time.Duration{5 * time.Second, 15 * time.Second, 30 * time.Second}

// MergedAs finds the pull request that was merged as a commit, or 0. Where a commit
// belongs to several, the one that made it counts, else the latest of them.
func MergedAs(ctx context.Context, hub Hub, wait func(context.Context, time.Duration) error, commit string) (number int, err error) {
	for _, pause := range append(commitKnown[:len(commitKnown):len(commitKnown)], 0) {
		var all []github.Pull
		all, err = hub.PullsOf(ctx, commit)
		if err == nil && len(all) > 0 || err != nil && !errors.Is(err, github.ErrNoCommit) || pause == 0 {
			return merged(all, commit), err
		}
		if waited := wait(ctx, pause); waited != nil {
			return 0, waited
		}
	}
	return 0, err
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
