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
	schedules = flag.Int("schedules", usual, "how many schedules are played")
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
