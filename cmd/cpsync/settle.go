package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/journal"
	"github.com/cpsync/cpsync/internal/plan"
)

// checkSettle refuses --settle where no line can be written, and what is no id.
func (o options) checkSettle() error {
	if len(o.settle) > 0 && (o.journal == "" || !o.apply) {
		return errors.New("--settle goes with --apply and --journal FILE: it says of an order in that file that it was not placed")
	}
	for _, text := range o.settle {
		if _, err := cert.ParseID(text); err != nil {
			return fmt.Errorf("--settle %q: %w", text, err)
		}
	}
	return nil
}

// settle notes, of the orders that the journal holds of the requests of --settle, that a
// person says that they were not placed, unless a reading made now shows them.
func (s *session) settle(ctx context.Context) error {
	for i, text := range s.o.settle {
		id, err := cert.ParseID(text)
		if err != nil {
			return err
		}
		if slices.Contains(s.o.settle[:i], text) {
			continue
		}
		if !s.trail.names(id) {
			s.warn("--settle " + text + ": the journal holds no order of request " + text + ", so there is nothing to settle")
			continue
		}
		have, err := s.target.client.Certificate(ctx, id, true)
		if err != nil {
			return fmt.Errorf("--settle %s: nothing was settled: %w", text, err)
		}
		if err := s.trail.settle(id, have, s.w.actor(), s.warn); err != nil {
			return err
		}
	}
	return nil
}

// settle settles every order that the journal holds of a request, next to a reading.
func (t *trail) settle(id cert.ID, have cert.Live, by string, say func(string)) error {
	for _, e := range slices.Clone(t.entries) {
		if e.ID != id {
			continue
		}
		if plan.TookEffect(e.Operation, e.Before, have) {
			say(pendingOrder(e) + " was placed: the request shows it. " + shownBy(have) + ". Nothing was settled")
			continue // held notes that it was seen
		}
		if err := t.journal.Settle(e, by); err != nil {
			return err
		}
		t.entries = slices.DeleteFunc(t.entries, func(other journal.Entry) bool { return other.Write == e.Write })
		say(pendingOrder(e) + " is settled: " + personOr(by) + " says that nothing was ordered. Then: " + shownBy(e.Before) +
			". Now: " + shownBy(have) + ". This run may send it again")
	}
	return nil
}

func personOr(by string) string {
	if by == "" {
		return "a person"
	}
	return by
}

// pendingOrder names an order that the journal holds.
func pendingOrder(e journal.Entry) string {
	outcome := e.Outcome
	if outcome == "" {
		outcome = "not known"
	}
	return fmt.Sprintf("the %s of request %s that was sent %s (outcome: %s)",
		plan.Hold{Kind: e.Operation.Kind}.Noun(), e.ID, e.Time.UTC().Format(plan.Minute), outcome)
}

// shownBy tells of a reading what an order would change.
func shownBy(have cert.Live) string {
	at := func(t interface{ IsZero() bool }, text string) string {
		if t.IsZero() {
			return "not known"
		}
		return text
	}
	return fmt.Sprintf("order status %s, expiry %s, last_modified %s", have.Order,
		at(have.Expires, have.Expires.UTC().Format(plan.Date)), at(have.Modified, have.Modified.UTC().Format(plan.Minute)))
}

// actor is who started the job of a CI; "" where it does not say.
func (w world) actor() string {
	for _, variable := range []string{"GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN"} {
		if name := w.getenv(variable); name != "" {
			return name
		}
	}
	return ""
}
