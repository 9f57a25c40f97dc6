// Package explore plays schedules: what nobody thought of as a case. It has tests and
// nothing else.
//
// A schedule follows from its seed. It is a fleet of one to three requests somewhere in
// their lives, now and then beside dozens of others and below a limit of requests, manifests for them, and an API that does what is undocumented this way or
// that. Then cpsync plans and applies again and again, hours, minutes or no time apart,
// while faults befall its requests, processes are killed or told to stop, a second
// apply runs beside the first, manifests are merged, and a person edits, orders and
// cancels in the portal. In the end all is quiet, and runs follow until nothing
// changes. A bubble of testing/synctest is all the time there is: no wait takes any,
// and the simulated API has the same clock.
//
// What runs is what cmd/cpsync runs: internal/run, with the client of internal/cps and a
// journal in a file. What it says is held against the books
// of the exploration, which come from what was made, and from what the simulated API
// did. A process that is killed does nothing more: at its next request, wait or line of
// the journal it panics.
//
// # What must hold
//
//   - No two orders to one end that could be known of (below).
//   - Done is true: the request of the run took effect; or, known by a reading, the
//     request shows what was sent, or somebody else's order to the same end came to
//     light since.
//   - What is reported failed has not taken effect and never will. What is reported
//     stale or not started was never sent. What was sent was sent as often as reported.
//   - A write is an operation of the plan, in the order of the plan, after a reading of
//     its request. What the plan says waits or needs a person is in no write, nor what
//     the manifest protects.
//   - No name leaves that was read and that the manifest does not tell to remove; none
//     comes that it does not list.
//   - No order goes out beside one that is open as read, whatever the manifest tries.
//   - No order goes out after a reading that shows what a second apply wrote since the run
//     began: whatever that was, and of whichever request.
//   - No renewal goes out where auto_renew was on as read.
//   - No order goes out after one with an unknown outcome, three failures in a row that say
//     more than that one request was refused, or a
//     refusal of the credentials. Nothing is begun after a stop or above a limit.
//   - Once all is quiet no run fails, the fleet comes to rest, and every request is what
//     its manifest asks for, as far as its state lets anybody edit it.
//
// # To one end
//
// Two orders are to one end when both renew the same certificate (by thumbprint), place
// the same order again within the seven days after which it would have timed out once
// more, or ask for the same names with the same common name; unless in between the
// manifest was changed, or a person changed the names, ordered or cancelled. Nor is one to
// the end of another that failed, and that a manifest may try again.
//
// The second of them must not be sent when its run can know of the first:
//
//   - the same run sent it, whatever became of it;
//   - a journal that both runs kept has it, and no person has settled it since;
//   - or the reading right before the second was made after the first took effect, and
//     shows it: in its own fields, where they did not show an open order before, or by a last_modified that the order moved and that
//     is younger than the cooldown. As in a run, last_modified counts as it was before
//     the run's own writes, and before the edits of description and label that its journal
//     has. The first may then be anybody's: a person's, the CDN's own, the second apply's.
//
// An attempt counts although the API refuses it, so that a strict API can't hide one.
// Nothing else is excused. What remains is what nobody can see: an order that no field
// shows and no journal has, one that was answered 401 or 429 and shows nowhere, one that takes effect only after the reading, and two
// applies that have both read before either wrote.
package explore

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cpsync/cpsync/internal/seed"
)

var (
	schedules = flag.Int("schedules", 100, "how many schedules are played")
	firstSeed = seed.Flag()
	without   = flag.String("without", "", "features to leave out: "+strings.Join(features, ","))
	rounds    = flag.Int("rounds", 0, "hostile rounds at most; 0: as the seed says")
	only      = flag.Int64("only", 0, "the one request to keep; 0: all")
)

// asked is the shape that the flags describe.
func asked() shape {
	sh := shape{seed: firstSeed(), rounds: *rounds, only: *only}
	if *without != "" {
		sh.without = strings.Split(*without, ",")
	}
	return sh
}

// TestSchedules plays schedules, and shows the first that goes wrong. See the package
// comment.
func TestSchedules(t *testing.T) {
	t.Parallel()
	all := tally{left: *schedules, next: asked(), counts: map[string]int{}}
	begin := time.Now()
	t.Run("players", func(t *testing.T) {
		for i := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				for sh, ok := all.take(); ok; sh, ok = all.take() {
					all.note(played(t, sh, dir, false))
				}
			})
		}
	})
	took := time.Since(begin)
	t.Logf("from -seed %d: %d schedules in %s, %.0f a second: %s", firstSeed(), all.played, took.Round(time.Millisecond), float64(all.played)/took.Seconds(), all.list())
	switch {
	case all.failing != nil:
		show(t, *all.failing)
	case *schedules >= enough && *without == "":
		all.missing(t)
	}
}

// TestASeedReplays: the same seed plays the same way, however the scheduler deals.
func TestASeedReplays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for sh := (shape{seed: 1}); sh.seed <= 10; sh.seed++ {
		a, b := played(t, sh, dir, true), played(t, sh, dir, true)
		if !slices.Equal(a.trace, b.trace) || len(a.trace) < 5 {
			t.Fatalf("seed %d played in two ways:\n%s\n\n%s", sh.seed, strings.Join(a.trace, "\n"), strings.Join(b.trace, "\n"))
		}
	}
}

// played plays one schedule, whose journal is kept in dir.
func played(t *testing.T, sh shape, dir string, watch bool) (s *schedule) {
	synctest.Test(t, func(*testing.T) {
		s = newSchedule(sh, dir, watch)
		s.play()
	})
	if s.journal != "" {
		_ = os.Remove(s.journal)
	}
	return s
}

// tally deals out schedules and adds up what happened in them.
type tally struct {
	mu      sync.Mutex
	left    int
	next    shape
	played  int
	counts  map[string]int
	failing *shape // the first by its seed
}

// take returns the next schedule, until one has gone wrong.
func (a *tally) take() (sh shape, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.left == 0 || a.failing != nil {
		return shape{}, false
	}
	sh = a.next
	a.left--
	a.next.seed++
	return sh, true
}

func (a *tally) note(s *schedule) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.played++
	for what, n := range s.counts {
		a.counts[what] += n
	}
	if len(s.violations) > 0 && (a.failing == nil || s.seed < a.failing.seed) {
		a.failing = &s.shape
	}
}

func (a *tally) list() string {
	var all []string
	for _, what := range slices.Sorted(maps.Keys(a.counts)) {
		all = append(all, fmt.Sprintf("%s %d", what, a.counts[what]))
	}
	return strings.Join(all, ", ")
}

// enough is from how many schedules on it is not chance when something did not happen.
const enough = 2000

// missing fails the test when something never happened that schedules are made of.
func (a *tally) missing(t *testing.T) {
	t.Helper()
	for _, what := range []string{
		"runs", "unplanned", "killed", "by hand", "merged", "second applies", "patch", "renew", "retrigger", "orders settled",
		"done", "failed", "unknown", "stale", "not-started", "not-converged", "two orders to one end", "orders after a name failed", "reads beyond four at a time", "refused by the rate",
	} {
		if a.counts[what] == 0 {
			t.Errorf("in %d schedules there was no: %s", a.played, what)
		}
	}
}
