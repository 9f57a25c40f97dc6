package run

import (
	"cmp"
	"context"
	"errors"
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

// complete adds what target and journal say to what a plan is made with. What explain says of a request is what
// the plan says.
func (j Journal) complete(o *plan.Options, t *Target, pairs []plan.Pair) {
	o.API, o.Self = t.API, t.Self
	o.PendingOrders, o.Ordered, o.Refused = j.pendingOrders(pairs), j.past.Ordered(), j.past.Refused
	if j.Path != "" && o.Self != "" {
		o.Own = j.past.Own(o.Self)
	}
}

// Settle notes, of the orders that the journal holds of the requests of --settle, that a
// person says that they were not placed, unless a reading made now shows them. It reads all of them first: where
// one can't be read, nothing was settled.
func (r *Run) Settle(ctx context.Context) error {
	read := map[cert.ID]cert.Live{}
	for _, id := range r.Options.Settle {
		if _, twice := read[id]; twice || !r.Journal.names(id) {
			continue
		}
		have, err := r.Target.Client.Certificate(ctx, id, true)
		if err != nil {
			return settleError{id, err}
		}
		read[id] = have
	}
	for i, id := range r.Options.Settle {
		if slices.Contains(r.Options.Settle[:i], id) {
			continue
		}
		have, named := read[id]
		if !named {
			r.warn(fmt.Sprintf("--settle %s: the journal holds no order of request %[1]s, so there is nothing to settle", id))
			continue
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

// settleError is about a request of --settle that can't be read.
type settleError struct {
	id  cert.ID
	err error
}

func (e settleError) Error() string { return e.about(e.err.Error()) }
func (e settleError) Unwrap() error { return e.err }

// Cause is the cause alone, with what it stopped.
func (e settleError) Cause() string {
	if short, ok := errors.AsType[interface {
		error
		Cause() string
	}](e.err); ok {
		return e.about(short.Cause())
	}
	return e.Error()
}

func (e settleError) about(cause string) string {
	return fmt.Sprintf("--settle %s: nothing was settled: %s", e.id, cause)
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
