package run

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/apply"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/journal"
	"github.com/cpsync/cpsync/internal/plan"
)

// Why a journal can't be used.
var (
	ErrJournalInUse  = journal.ErrInUse // another run has it
	ErrNoJournalFile = journal.ErrNoFile
)

// JournalWriter is what a run needs of a journal.Journal.
type JournalWriter interface {
	apply.Journal
	Settle(e journal.Entry, by string) error
	Of(run map[string]string)
	Applied()
	Close() error
}

// Journal is the journal of a run.
type Journal struct {
	Path   string // "": it holds nothing and notes nothing
	Writer JournalWriter
	past   journal.History
}

// OpenJournal reads what the journal holds. An apply also keeps the file for itself; a plan only looks.
func OpenJournal(ctx context.Context, path string, forApply bool, t *Target) (j Journal, err error) {
	j.Path, j.Writer = path, &journal.Journal{}
	switch {
	case path == "":
	case !forApply:
		j.past, err = Until(ctx, func() (journal.History, error) { return journal.Read(path, t.API) })
	default:
		var file *journal.Journal
		if file, err = Until(ctx, func() (*journal.Journal, error) { return journal.Open(path, t.API, t.Now) }); err == nil {
			j.Writer, j.past = file, file.History
		}
	}
	return j, err
}

// Close gives the journal back, once. Its error is about a line that could not be written.
func (j *Journal) Close() error {
	defer func() { j.Writer = &journal.Journal{} }()
	return j.Writer.Close()
}

// Applied is when an apply last came to its end; zero when none did.
func (j Journal) Applied() time.Time { return j.past.Applied }

// names reports whether the journal holds an order of the request, so that its status has to be read.
func (j Journal) names(id cert.ID) bool {
	return slices.ContainsFunc(j.past.Pending, func(e journal.Entry) bool { return e.ID == id })
}

// thumbprints are those that the request had before its writes.
func (j Journal) thumbprints(id cert.ID) (all []string) {
	for _, e := range j.past.Writes(id) {
		if e.Before.Thumbprint != "" {
			all = append(all, e.Before.Thumbprint)
		}
	}
	return all
}

// pendingOrders are the requests whose order no reading has shown so far. What a reading does
// show is noted in the journal of an apply, however the request looks later.
func (j Journal) pendingOrders(pairs []plan.Pair) map[cert.ID]plan.PendingOrder {
	orders, shown := journal.Pending(j.Path, j.past.Pending, pairs)
	for _, e := range shown {
		j.Writer.Seen(e.Write)
	}
	return orders
}

// Settle notes, of the orders that the journal holds of the requests of --settle, that a
// person says that they were not placed, unless a reading made now shows them.
func (r *Run) Settle(ctx context.Context) error {
	for i, id := range r.Options.Settle {
		if slices.Contains(r.Options.Settle[:i], id) {
			continue
		}
		if !r.Journal.names(id) {
			r.warn(fmt.Sprintf("--settle %s: the journal holds no order of request %[1]s, so there is nothing to settle", id))
			continue
		}
		have, err := r.Target.Client.Certificate(ctx, id, true)
		if err != nil {
			return fmt.Errorf("--settle %s: nothing was settled: %w", id, err)
		}
		for _, e := range slices.Clone(r.Journal.past.Pending) {
			if e.ID != id {
				continue
			}
			order := fmt.Sprintf("the %s of request %s that was sent %s (outcome: %s)", plan.PendingOrder{Kind: e.Operation.Kind}.Noun(), id,
				e.Time.UTC().Format(plan.Minute), cmp.Or(e.Outcome, "not known"))
			if plan.TookEffect(e.Operation, e.Before, have) {
				r.warn(order + " was placed: the request shows it. " + shownBy(have) + ". Nothing was settled")
				continue // pendingOrders notes that it was seen
			}
			if err := r.Journal.Writer.Settle(e, r.Options.By); err != nil {
				return err
			}
			r.Journal.past.Pending = slices.DeleteFunc(r.Journal.past.Pending, func(other journal.Entry) bool { return other.Write == e.Write })
			r.warn(order + " is settled: " + cmp.Or(r.Options.By, "a person") + " says that nothing was ordered. Then: " + shownBy(e.Before) +
				". Now: " + shownBy(have) + ". This run may send it again")
		}
	}
	return nil
}

func shownBy(have cert.Live) string {
	at := func(t time.Time, layout string) string {
		if t.IsZero() {
			return "not known"
		}
		return t.UTC().Format(layout)
	}
	return fmt.Sprintf("order status %s, expiry %s, last_modified %s", have.Order, at(have.Expires, plan.Date), at(have.Modified, plan.Minute))
}
