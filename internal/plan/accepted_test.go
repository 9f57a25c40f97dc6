package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// TestAnAcceptedOrderIsAwaitedForADay: the next run waits for it to show; then a person
// has to look. One whose answer was lost asks a person at once.
func TestAnAcceptedOrderIsAwaitedForADay(t *testing.T) {
	t.Parallel()
	want := asks(renewBefore(30 * day))
	for name, tt := range map[string]struct {
		answered time.Time
		next     Actor
	}{
		"just now":                  {now, NextRun},
		"a minute less than a day":  {now.Add(time.Minute - day), NextRun},
		"a day ago":                 {now.Add(-day), Person},
		"never, its answer is lost": {time.Time{}, Person},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := opts
			o.PendingOrders = map[cert.ID]PendingOrder{want.ID: {Kind: Renew, Sent: now.Add(-day), Answered: tt.answered}}
			s := BuildOne(Pair{Want: want, Have: inService(endsIn(20 * day)), Found: true}, now, o)
			if len(s.Ops) > 0 || len(s.Withheld) != 1 || s.Withheld[0].Rule != RuleJournal || s.Withheld[0].Next != tt.next {
				t.Errorf("operations %v, blocked %+v", s.Ops, s.Withheld)
			}
		})
	}
}
