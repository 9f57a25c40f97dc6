package cps

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestFlights: each step is twenty answers of a kind that took so long.
func TestFlights(t *testing.T) {
	t.Parallel()
	type step struct {
		kind Kind
		took time.Duration
		want int
	}
	for name, test := range map[string]struct {
		most  int
		steps []step
	}{
		"as quick as before":      {8, []step{{KindList, s, 5}, {KindList, s, 6}, {KindList, s, 7}, {KindList, s, 8}, {KindList, s, 8}}},
		"one at a time":           {1, []step{{KindList, s, 1}, {KindList, 9 * s, 1}}},
		"slower":                  {8, []step{{KindList, s, 5}, {KindList, s * 3 / 2, 6}, {KindList, s * 8 / 5, 3}, {KindList, s, 4}}},
		"quicker, then as before": {8, []step{{KindList, 2 * s, 5}, {KindList, s, 6}, {KindList, 2 * s, 3}}},
		"kinds are not compared":  {8, []step{{KindStatus, s, 5}, {KindList, 9 * s, 6}}},
		"no time at all":          {8, []step{{KindList, 0, 5}, {KindList, 0, 6}}},
	} {
		f := newFlights(test.most)
		for i, step := range test.steps {
			for range answersAStep - 1 {
				f.answered(step.kind, step.took)
			}
			f.answered(step.kind, step.took)
			if f.limit != step.want {
				t.Errorf("%s: %d in flight after step %d, want %d", name, f.limit, i+1, step.want)
			}
		}
	}
}

// TestFlightsOfARun: of a server that answers many as quickly as one, a run asks more
// and more at a time, as many as it may.
func TestFlightsOfARun(t *testing.T) {
	t.Parallel()
	const requests = 220
	single := certificateJSON(7)
	for most, rounds := range map[int]int{2: 110, 4: 55, 8: 36, 16: 31} {
		server := &limitedServer{limit: &bucket{rate: 1e6, size: 1e6}, latency: 50 * time.Millisecond, body: func(*http.Request) string { return single }}
		var took time.Duration
		synctest.Test(t, func(t *testing.T) {
			took = readSideBySide(t, server, most, requests)
		})
		if got := int(took / server.latency); got > rounds || server.most > most {
			t.Errorf("%d at most: %d rounds, want %d; %d at once", most, got, rounds, server.most)
		}
	}
}
