package explore

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// show fails the test with the trace of the smallest schedule that still goes wrong.
func show(t *testing.T, sh shape) {
	t.Helper()
	seed := sh.seed
	sh = smaller(t, sh)
	s := played(t, sh, t.TempDir(), true)
	t.Errorf("schedule %d goes wrong.\n\n%s\n\nThe first of %d violations:\n%s\n\nTo play it again: %s",
		seed, strings.Join(s.trace, "\n"), len(s.violations), s.violations[0], sh.command())
}

// smaller leaves out of a schedule whatever it goes wrong without.
func smaller(t *testing.T, sh shape) shape {
	t.Helper()
	try := func(change func(*shape)) {
		less := sh
		change(&less)
		if len(played(t, less, t.TempDir(), false).violations) > 0 {
			sh = less
		}
	}
	for _, id := range requests(t, sh) {
		if sh.only == 0 {
			try(func(less *shape) { less.only = id })
		}
	}
	for n := range 3 {
		if sh.rounds == 0 {
			try(func(less *shape) { less.rounds = n + 1 })
		}
	}
	for _, f := range features {
		try(func(less *shape) { less.without = append(slices.Clone(sh.without), f) })
	}
	return sh
}

// requests are the ids of a schedule.
func requests(t *testing.T, sh shape) (ids []int64) {
	t.Helper()
	synctest.Test(t, func(*testing.T) { ids = newSchedule(sh, "", false).ids })
	return ids
}

// command plays a schedule again.
func (sh shape) command() string {
	text := fmt.Sprintf("go test ./internal/explore -run TestSchedules -schedules 1 -seed %d", sh.seed)
	if len(sh.without) > 0 {
		text += " -without " + strings.Join(sh.without, ",")
	}
	if sh.rounds > 0 {
		text += fmt.Sprint(" -rounds ", sh.rounds)
	}
	if sh.only > 0 {
		text += fmt.Sprint(" -only ", sh.only)
	}
	return text
}
