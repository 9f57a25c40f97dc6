package explore

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/journal"
)

// overdue are the requests of which the journal has a pending order, and nothing is under
// way: the person who looks at them settles it, as --settle does.
func (s *schedule) overdue() (ids []cert.ID) {
	if s.journal == "" {
		return nil
	}
	history, err := journal.Read(s.journal, "sandbox")
	if err != nil {
		s.violated("the journal can't be read: %v", err)
		return nil
	}
	for _, e := range history.Pending {
		if s.truth(int64(e.ID)).Workflow == nil && !slices.Contains(ids, e.ID) {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

// settles notes that a person says of an order that it was not placed.
func (u *run) settles(e journal.Entry) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.say("by hand  the journal's %s of %d is settled", e.Operation.Kind, e.ID)
	for _, a := range u.attempts {
		if a.run != nil && a.id == int64(e.ID) && a.intent != "" && !a.sent.Before(e.Time) && a.sent.Before(e.Time.Add(time.Hour)) {
			a.settled = true
		}
	}
	u.counts["orders settled"]++
}
