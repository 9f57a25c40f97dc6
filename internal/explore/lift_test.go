package explore

import (
	"bytes"
	"os"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/journal"
)

// settleJournal is the person who looks at what the journal holds, and removes a line of
// which nothing came, or whose order is over.
func (s *schedule) settleJournal() {
	if s.journal == "" {
		return
	}
	history, err := journal.Read(s.journal, "sandbox")
	if err != nil {
		s.violated("the journal can't be read: %v", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range slices.Backward(history.Holding) { // a line that goes moves those after it
		if s.mayLift(e) {
			s.lift(e)
		}
	}
}

// mayLift reports whether nothing of a held order is under way.
func (s *schedule) mayLift(e journal.Entry) bool {
	return s.truth(int64(e.ID)).Workflow == nil
}

func (s *schedule) lift(e journal.Entry) {
	s.say("by hand  line %d leaves the journal: %s of %d", e.Line, e.Operation.Kind, e.ID)
	for _, a := range s.attempts {
		if a.run != nil && a.id == int64(e.ID) && a.intent != "" && !a.sent.Before(e.Time) && a.sent.Before(e.Time.Add(time.Hour)) {
			a.lifted = true
		}
	}
	data, err := os.ReadFile(s.journal)
	if err != nil {
		s.violated("the journal can't be read: %v", err)
		return
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	if err := os.WriteFile(s.journal, bytes.Join(slices.Delete(lines, e.Line-1, e.Line), nil), 0o600); err != nil {
		panic(err)
	}
	s.counts["lines lifted"]++
}
