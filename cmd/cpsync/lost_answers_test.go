package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// ordering are the columns of the matrix that start something at the CA.
var ordering = []string{"domains", "renew", "retrigger"}

// TestCommitAfterTheAnswerWasLost: an order that takes effect up to a minute after its
// answer was lost is seen by the run itself; a later one by the next run.
func TestCommitAfterTheAnswerWasLost(t *testing.T) {
	t.Parallel()
	for _, name := range append(ordering, "edit", "dcv_method") {
		for after, want := range map[time.Duration]string{
			500 * time.Millisecond: "done", 5 * time.Second: "done", 29 * time.Second: "done", 60 * time.Second: "done",
			119 * time.Second: "done", 5 * time.Minute: "unknown",
		} {
			t.Run(fmt.Sprint(name, " after ", after), func(t *testing.T) {
				t.Parallel()
				s := columns[name]
				g := newRig(t, s.have(700))
				g.loses(s.call, after)
				dir := manifests(t, s.asked(700))
				first := g.cpsync("--apply", "--format", "json", dir)
				if got := s.outcome(t, first); got != want {
					t.Errorf("%s, want %s\n%s", got, want, first.stderr)
				}
				g.advance(4 * time.Minute)
				g.cpsync("--apply", dir)
				g.advance(21 * time.Hour)
				g.cpsync("--apply", dir)
				if n := g.count(s.call); n != 1 || g.api.Orders(700) != s.orders() {
					t.Errorf("sent %d times, %d orders; %v", n, g.api.Orders(700), g.api.Log())
				}
			})
		}
	}
}

// loses drops the answer to the next request of a kind, which takes effect later.
func (g *rig) loses(c call, after time.Duration) {
	lost := false
	g.serve = func(w http.ResponseWriter, r *http.Request, got call) bool {
		if got != c || lost {
			return false
		}
		lost = true
		late(after)(g, w, r, c)
		return true
	}
}

// outcome is what became of the one operation of a run.
func (s struck) outcome(t *testing.T, r result) string {
	t.Helper()
	all := r.reported(t)
	if len(all.Steps) != 1 || len(all.Steps[0].Operations) != 1 {
		return "no operation"
	}
	return all.Steps[0].Operations[0].Outcome
}

// TestOrdersThatShowLate runs again and again while an order that was accepted shows
// late, and with its answer lost or not. The API would take a second order.
func TestOrdersThatShowLate(t *testing.T) {
	t.Parallel()
	type run struct {
		after time.Duration // since the run before
		want  string        // outcome and exit code
	}
	for name, test := range map[string]struct {
		column, shows, modified string
		lost                    bool
		runs                    []run
		sent                    int
	}{
		"a renewal that shows within the settling": {"renew", "90s", "stays", true,
			[]run{{0, "done 0"}, {0, "no operation 0"}}, 1},
		"a renewal that shows later, but moves last_modified": {"renew", "3h", "moves", true,
			[]run{{0, "unknown 6"}, {0, "no operation 0"}, {time.Hour, "no operation 0"}, {3 * time.Hour, "no operation 0"}, {21 * time.Hour, "no operation 0"}}, 1},
		"a renewal that was answered and shows later": {"renew", "3h", "moves", false,
			[]run{{0, "not-confirmed 0"}, {0, "no operation 0"}, {time.Hour, "no operation 0"}, {21 * time.Hour, "no operation 0"}}, 1},
		"a renewal that shows only just within the cooldown": {"renew", "19h", "moves", true,
			[]run{{0, "unknown 6"}, {18 * time.Hour, "no operation 0"}, {time.Hour, "no operation 0"}, {2 * time.Hour, "no operation 0"}}, 1},
		"a retrigger that shows later, but moves last_modified": {"retrigger", "3h", "moves", true,
			[]run{{0, "unknown 6"}, {0, "no operation 0"}, {time.Hour, "no operation 0"}, {3 * time.Hour, "no operation 0"}}, 1},
		"a retrigger that was answered and shows later": {"retrigger", "3h", "moves", false,
			[]run{{0, "not-confirmed 0"}, {0, "no operation 0"}, {4 * time.Hour, "no operation 0"}}, 1},
		"new names that show within the settling": {"domains", "90s", "stays", true,
			[]run{{0, "done 0"}, {0, "no operation 0"}}, 1},
		"new names that show later, but move last_modified": {"domains", "3h", "moves", true,
			[]run{{0, "unknown 6"}, {0, "no operation 0"}, {time.Hour, "no operation 0"}, {3 * time.Hour, "no operation 0"}, {21 * time.Hour, "no operation 0"}}, 1},
		"new names that were answered and show later": {"domains", "3h", "moves", false,
			[]run{{0, "not-converged 6"}, {0, "no operation 0"}, {4 * time.Hour, "no operation 0"}}, 1},

		// What nothing prevents: docs/reliability.md says so first.
		"a renewal that shows nowhere is sent by the next run": {"renew", "3h", "stays", true,
			[]run{{0, "unknown 6"}, {0, "not-confirmed 6"}}, 2},
		"an answered renewal that shows nowhere is sent by the next run": {"renew", "3h", "stays", false,
			[]run{{0, "not-confirmed 6"}, {0, "not-confirmed 6"}}, 2},
		"new names that show nowhere are sent by the next run, and refused here": {"domains", "3h", "stays", true,
			[]run{{0, "unknown 6"}, {0, "failed 3"}, {4 * time.Hour, "no operation 0"}}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := columns[test.column]
			g := rigOf(t, sandbox.World{
				Clock: start2026, Certificates: []sandbox.Certificate{s.have(700)},
				Switches: sandbox.Switches{OrderShowsAfter: test.shows, OrderLastModified: test.modified, RenewDuringRenewal: "second-order"},
			})
			if test.lost {
				g.loses(s.call, 0)
			}
			dir := manifests(t, s.asked(700))
			for i, run := range test.runs {
				g.advance(run.after)
				r := g.cpsync("--apply", "--format", "json", dir)
				if got := fmt.Sprint(s.outcome(t, r), " ", r.code); got != run.want {
					t.Errorf("run %d: %s, want %s\n%s", i+1, got, run.want, r.stderr)
				}
			}
			if n := g.count(s.call); n != test.sent {
				t.Errorf("sent %d times, want %d; %v", n, test.sent, g.api.Log())
			}
		})
	}
}

// TestLostAnswerAndAllReadingsFail: without a reading nothing is known.
func TestLostAnswerAndAllReadingsFail(t *testing.T) {
	t.Parallel()
	for _, name := range append(ordering, "edit", "dcv_method") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := columns[name]
			g := newRig(t, s.have(700))
			g.breaks("reset after commit", s.call, 1)
			g.strikes = append(g.strikes, &strike{name: "500", call: aGet, skip: 1, n: always})
			r := g.cpsync("--apply", "--format", "json", manifests(t, s.asked(700)))
			want := "unknown 6"
			if name == "edit" {
				want = "unknown 3"
			}
			if got := fmt.Sprint(s.outcome(t, r), " ", r.code); got != want || g.count(s.call) != 1 {
				t.Errorf("%s, want %s; sent %d times\n%s", got, want, g.count(s.call), r.stderr)
			}
		})
	}
}

// TestWhatIsNoEvidence: a write that never arrived is not called done because its
// readings look different for another reason.
func TestWhatIsNoEvidence(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		column string
		call   call
		change func(object map[string]any)
	}{
		"the thumbprint is left out":         {"renew", aGet, func(o map[string]any) { o["thumbprint"] = nil }},
		"the expiry is left out":             {"renew", aGet, func(o map[string]any) { o["expiration_date"] = nil }},
		"the expiry says not issued":         {"renew", aGet, func(o map[string]any) { o["expiration_date"] = "0001-01-01T00:00:00Z" }},
		"the order status is unheard of":     {"renew", aStatus, func(o map[string]any) { o["order_validation"] = map[string]any{"status": "Levitating"} }},
		"there is no order":                  {"renew", aStatus, func(o map[string]any) { o["order_validation"] = nil }},
		"the status moved":                   {"renew", aStatus, func(o map[string]any) { o["status"] = "Processing" }},
		"another description":                {"renew", aGet, func(o map[string]any) { o["description"] = "by somebody" }},
		"another last_modified":              {"renew", aGet, func(o map[string]any) { o["last_modified"] = "2026-11-22T09:00:00Z" }},
		"a name's status is unheard of":      {"retrigger", aGet, eachName("status", "Levitating")},
		"there are no names":                 {"retrigger", aGet, func(o map[string]any) { o["domains"] = []any{} }},
		"all names leave":                    {"retrigger", aGet, eachName("status", "PendingDelete")},
		"the status is unheard of":           {"retrigger", aStatus, func(o map[string]any) { o["status"] = "Levitating" }},
		"some of the names":                  {"domains", aGet, eachName("name", "new700.example.com")},
		"the names, and no common name":      {"domains", aGet, eachName("is_common_name", false)},
		"another DCV method":                 {"dcv_method", aGet, func(o map[string]any) { o["dcv_method"] = "DnsCnameToken" }},
		"the same words in other upper case": {"edit", aGet, func(o map[string]any) { o["description"] = "AS IT SHALL BE" }},
	} {
		t.Run(test.column+": "+name, func(t *testing.T) {
			t.Parallel()
			s := columns[test.column]
			g := newRig(t, s.have(700))
			g.breaks("reset before commit", s.call, 1)
			g.edits(func(c call, o map[string]any) {
				if c == test.call && g.count(s.call) > 0 {
					test.change(o)
				}
			})
			r := g.cpsync("--apply", "--format", "json", manifests(t, s.asked(700)))
			if got := s.outcome(t, r); got != "unknown" || g.count(s.call) != 1 {
				t.Errorf("%s, want unknown; sent %d times\n%s", got, g.count(s.call), r.stderr)
			}
		})
	}
}

// eachName sets a member of every name.
func eachName(member string, value any) func(map[string]any) {
	return func(o map[string]any) {
		names, _ := o["domains"].([]any)
		for _, n := range names {
			n.(map[string]any)[member] = value
		}
	}
}

// edits changes the JSON object of every answer.
func (g *rig) edits(change func(c call, object map[string]any)) {
	g.serve = func(w http.ResponseWriter, r *http.Request, c call) bool {
		rec := g.commit(c, r)
		var object map[string]any
		if json.Unmarshal(rec.Body.Bytes(), &object) != nil {
			replay(w, rec)
			return true
		}
		change(c, object)
		text, err := json.Marshal(object)
		if err != nil {
			panic(err)
		}
		rec.Body = bytes.NewBuffer(text)
		rec.Header().Del("Content-Length")
		replay(w, rec)
		return true
	}
}

// TestOutcomesOfThreeOrders: after the first order with an unknown outcome, no other is
// begun; metadata still is.
func TestOutcomesOfThreeOrders(t *testing.T) {
	t.Parallel()
	g := newRig(t, fleet(4)...)
	g.breaks("500", aRenewal, 1)
	r := g.cpsync("--apply", "--format", "json", manifests(t, renewing(700), renewing(701), editing(702), naming(703)))
	want := []string{"renew unknown", "renew not-started", "patch done", "patch not-started"}
	if diff := cmp.Diff(want, r.outcomes(t)); diff != "" || r.code != cli.Unknown {
		t.Errorf("exit code %d; %s", r.code, diff)
	}
	if n := g.count(aRenewal) + g.count(aNaming); n != 1 {
		t.Errorf("%d orders were sent", n)
	}
}

// TestFailuresStopOrders: credentials that may not write end the starting of orders. What
// the API says no to of one request keeps no other from being renewed.
func TestFailuresStopOrders(t *testing.T) {
	t.Parallel()
	for fault, sent := range map[string]int{"400": 6, "409": 6, "403": 1, "401 always": 2} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, fleet(6)...)
			g.breaks(fault, aRenewal, always)
			var asked []string
			for i := range 6 {
				asked = append(asked, renewing(int64(700+i)))
			}
			r := g.cpsync("--apply", "--format", "json", manifests(t, asked...))
			if n := g.count(aRenewal); n != sent || r.code != cli.Incomplete {
				t.Errorf("%d sent, want %d; exit code %d\n%s", n, sent, r.code, r.stderr)
			}
			last := "renew not-started"
			if sent == 6 {
				last = "renew failed"
			}
			if got := strings.Join(r.outcomes(t), ","); !strings.HasSuffix(got, last) {
				t.Error(got)
			}
		})
	}
}

// person is somebody else at the API, with credentials of their own.
func (g *rig) person(method, path, body string) {
	g.t.Helper()
	form := "grant_type=client_credentials&client_id=" + sandbox.ClientID + "&client_secret=" + g.secret + "&scope=sec.cps.certificates"
	r := httptest.NewRequest(http.MethodPost, "/connect/token", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	g.api.ServeHTTP(rec, r)
	var granted struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &granted); err != nil {
		g.t.Error(err)
	}
	r = httptest.NewRequest(method, "/sec/cps/v2.0/certificates/"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+granted.Token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	rec = httptest.NewRecorder()
	g.api.ServeHTTP(rec, r)
	if rec.Code >= 300 {
		g.t.Errorf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
}
