package comment

import (
	"errors"
	"fmt"

	"github.com/cpsync/cpsync/internal/jsontext"
)

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
		Schedule *string      `json:"schedule"`
		Pull     *eventedPull `json:"pull_request"`
		Run      struct {     // workflow_run: the run that ended
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

// eventedPull is the pull request of an event.
type eventedPull struct {
	Number int  `json:"number"`
	Merged bool `json:"merged"`
	Head   struct {
		SHA string `json:"sha"`
	} `json:"head"`
}
