package main

import (
	"context"

	"github.com/cpsync/cpsync/internal/apply"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/journal"
	"github.com/cpsync/cpsync/internal/plan"
)

// trail is the journal of a run. Without --journal it holds nothing and notes nothing.
type trail struct {
	path    string
	journal *journal.Journal // of an apply; nil when nothing is noted
	past    journal.History
	entries []journal.Entry // orders of earlier runs that hold others
	refused map[cert.ID][]plan.Refusal
}

// openTrail reads what --journal holds. An apply also keeps the file for itself; a
// plan only looks.
func openTrail(ctx context.Context, o options, t *target) (tr trail, err error) {
	tr.path = o.journal
	switch {
	case o.journal == "":
	case !o.apply:
		tr.past, err = until(ctx, func() (journal.History, error) { return journal.Read(o.journal, t.api) })
	default:
		if tr.journal, err = until(ctx, func() (*journal.Journal, error) { return journal.Open(o.journal, t.api, t.now) }); err == nil {
			tr.past = tr.journal.History()
		}
	}
	tr.entries, tr.refused = tr.past.Holding, tr.past.Refused
	return tr, err
}

// close gives the journal back, once. Its error is about a line that could not be
// written.
func (t *trail) close() error {
	if t.journal == nil {
		return nil
	}
	defer func() { t.journal = nil }()
	return t.journal.Close()
}

// notes is where an apply notes its writes; nil without --journal.
func (t trail) notes() apply.Journal {
	if t.journal == nil {
		return nil
	}
	return t.journal
}

// names reports whether the journal holds an order of the request, so that its
// status has to be read.
func (t trail) names(id cert.ID) bool {
	for _, e := range t.entries {
		if e.ID == id {
			return true
		}
	}
	return false
}

// own are the writes that the journal proves to be this client's; nil where there is no
// journal, or nobody knows what the client is called.
func (t trail) own(client string) map[cert.ID][]plan.Own {
	if t.path == "" || client == "" {
		return nil
	}
	return t.past.Own(client)
}

// held are the requests whose order no reading has shown so far. What a reading does
// show is noted in the journal of an apply, however the request looks later.
func (t trail) held(pairs []plan.Pair) map[cert.ID]plan.Hold {
	held, shown := journal.Held(t.path, t.entries, pairs)
	if t.journal != nil {
		for _, e := range shown {
			t.journal.Seen(e.Write)
		}
	}
	return held
}
