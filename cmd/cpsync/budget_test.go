package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/patience"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// cost is how many requests of each kind a run makes.
type cost map[call]int

// lasting is a certificate that is plainly in service and far from its end.
func lasting(id int64) sandbox.Certificate {
	c := served(id)
	c.Expires = start2026.Add(180 * day)
	return c
}

// expiring is one that CPS renews by itself.
func expiring(id int64, left time.Duration) sandbox.Certificate {
	c := lasting(id)
	c.Expires, c.AutoRenew, c.Stuck = start2026.Add(left), true, true
	return c
}

// touched is one that changed a while ago.
func touched(id int64, ago time.Duration) sandbox.Certificate {
	c := lasting(id)
	c.LastModified = start2026.Add(-ago)
	return c
}

// vetted is one whose organization was checked.
func vetted(c sandbox.Certificate) sandbox.Certificate {
	c.ValidationType = "OV"
	c.Organization = &sandbox.Organization{CompanyName: "Example Corp", City: "Berlin", Country: "DE"}
	return c
}

// expecting is a manifest that also says which organization.
func expecting(text string) string { return text + "expect:\n  organization: Example Corp\n" }

// many is the ids from 700 on, each through f.
func many[T any](n int, f func(id int64) T) []T {
	var all []T
	for i := range n {
		all = append(all, f(int64(700+i)))
	}
	return all
}

func same(id int64) string { return wish(id, "") }

// TestBudgetOfAPlan counts at the server what a plan asks for. N manifests, M requests
// of the account: the token, 1 + min(M/20 rounded up - 1, N) pages or single reads, one
// status where the decision depends on it (with --read-status all one each), and one single read where the organization is
// expected and names, or a retrigger, are wanted.
func TestBudgetOfAPlan(t *testing.T) {
	t.Parallel()
	last := func(id int64) int64 { return id + 97 } // the last three of 100
	for name, test := range map[string]struct {
		account   []sandbox.Certificate
		manifests []string
		flags     []string
		happen    func(g *rig)
		want      cost
		code      int
	}{
		"all are in the list": {
			account: many(45, lasting), manifests: many(45, same),
			want: cost{aToken: 1, aList: 3}, // 1 + min(3-1, 45)
		},
		"few of many are read one by one": {
			account:   many(100, lasting),
			manifests: many(3, func(id int64) string { return same(last(id)) }),
			want:      cost{aToken: 1, aList: 1, aGet: 3}, // 1 + min(5-1, 3)
		},
		"at the border the list is read": {
			account:   many(100, lasting),
			manifests: many(4, func(id int64) string { return same(last(id) - 1) }),
			want:      cost{aToken: 1, aList: 5}, // 1 + min(5-1, 4); N < 5-1 does not hold
		},
		"what stands on the first page is not read again": {
			account: many(100, lasting), manifests: []string{same(700), same(719), same(720)},
			want: cost{aToken: 1, aList: 1, aGet: 1}, // two less than 1 + min(5-1, 3)
		},
		"a status where it decides": {
			account:   append(many(30, lasting), served(730), timedOut(731), lasting(732), lasting(733)),
			manifests: append(many(30, same), renewing(730), same(731), methodic(732), naming(733)),
			want:      cost{aToken: 1, aList: 2, aStatus: 4}, // 1 + min(2-1, 34), and 4 of 34
		},
		"a status where CPS may have ordered": {
			account:   append(many(30, lasting), expiring(730, 65*day-time.Hour), expiring(731, 65*day+time.Hour)),
			manifests: append(many(30, same), same(730), same(731)),
			want:      cost{aToken: 1, aList: 2, aStatus: 1},
		},
		"a status of what somebody changed lately": {
			account:   append(many(30, lasting), touched(730, 14*day-time.Hour), touched(731, 14*day+time.Hour)),
			manifests: append(many(30, same), same(730), same(731)),
			want:      cost{aToken: 1, aList: 2, aStatus: 1},
		},
		"every status, of what was chosen": {
			account: many(45, lasting), manifests: many(30, same), flags: []string{"--read-status", "all"},
			want: cost{aToken: 1, aList: 3, aStatus: 30},
		},
		"no status for what is edited at once": {
			account: many(5, lasting), manifests: many(5, editing),
			want: cost{aToken: 1, aList: 1},
		},
		"the organization where names change": {
			account:   []sandbox.Certificate{vetted(lasting(700)), vetted(lasting(701))},
			manifests: []string{expecting(naming(700)), expecting(editing(701))},
			want:      cost{aToken: 1, aList: 1, aStatus: 1, aGet: 1},
		},
		"the organization where a retrigger is wanted": {
			account: []sandbox.Certificate{vetted(timedOut(700))}, manifests: []string{expecting(retriggering(700))},
			want: cost{aToken: 1, aList: 1, aStatus: 1, aGet: 1},
		},
		"a single read shows the organization already": {
			account: append(many(99, lasting), vetted(lasting(799))), manifests: []string{expecting(naming(799))},
			want: cost{aToken: 1, aList: 1, aGet: 1, aStatus: 1}, // 1 + min(5-1, 1), and the status
		},
		"an id the list does not hold": {
			account: many(45, lasting), manifests: append(many(44, same), same(12)),
			want: cost{aToken: 1, aList: 3, aGet: 1}, // 1 + min(3-1, 45), and it by itself
			code: cli.Failed,
		},
		"a list that grows while it is read": {
			account: many(45, lasting), manifests: many(45, renewing), flags: []string{"--concurrency", "1"},
			happen: growing(1),
			want:   cost{aToken: 1, aList: 2 + 3}, // noticed on page 2, then read from the start
		},
		"a list that keeps growing": {
			account: many(45, lasting), manifests: many(45, same), flags: []string{"--concurrency", "1"},
			happen: growing(2),
			want:   cost{aToken: 1, aList: 2 + 2, aGet: 45}, // noticed twice, then each by itself
		},
		"no status belongs to a list that moved": {
			account: many(45, served), manifests: many(45, renewing), flags: []string{"--concurrency", "1"},
			happen: shrinking,
			want:   cost{aToken: 1, aList: 3 + 3, aStatus: 45}, // none before the list is known to be whole
		},
		"the records to set where names wait for control": {
			account: append(many(30, lasting), unproven(730)), manifests: append(many(30, same), same(730)),
			want: cost{aToken: 1, aList: 2, aStatus: 1, aProof: 1},
		},
		"no records where they are not asked for": {
			account: append(many(30, lasting), unproven(730)), manifests: append(many(30, same), same(730)), flags: []string{"--no-dcv"},
			want: cost{aToken: 1, aList: 2, aStatus: 1},
		},
		"a selection of one": {
			account: many(100, lasting), manifests: many(100, same), flags: []string{"--only", "h790.example.com"},
			want: cost{aToken: 1, aList: 1, aGet: 1}, // 1 + min(5-1, 1)
		},
		"a selection by tag": {
			account:   many(100, lasting),
			manifests: append(many(90, same), tagged(same(790)), tagged(renewing(791))), flags: []string{"--tag", "team=web"},
			want: cost{aToken: 1, aList: 1, aGet: 2}, // 1 + min(5-1, 2)
		},
		"a selection of nothing": {
			account: many(100, lasting), manifests: many(100, same), flags: []string{"--only", "nobody"},
			want: cost{aToken: 1, aList: 1}, code: cli.Failed,
		},
		"manifests with problems": {
			account: many(1, lasting), manifests: []string{same(700) + "wrong: true\n"},
			want: cost{}, code: cli.Failed,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, test.account...)
			if test.happen != nil {
				test.happen(g)
			}
			r := g.cpsync(append(test.flags, manifests(t, test.manifests...))...)
			checkCost(t, g, r, test.code, test.want)
		})
	}
}

// TestBudgetOfAChange: with --base 2 changed of 1,000 certificates cost the list and at most 4
// requests more, and without it every certificate that may be on its way somewhere does too.
func TestBudgetOfAChange(t *testing.T) {
	t.Parallel()
	account := many(1000, func(id int64) sandbox.Certificate {
		switch {
		case id < 710:
			return unproven(id)
		case id%4 == 0:
			return touched(id, 3*day)
		default:
			return lasting(id)
		}
	})
	dir := manifests(t, many(1000, same)[2:]...)
	place(t, dir, "first.yaml", same(700))
	place(t, dir, "second.yaml", same(701))
	git := func(args ...string) {
		c := patience.Command(t, "git", append([]string{"-C", dir, "-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...)
		if out, err := c.CombinedOutput(); err != nil {
			t.Skipf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-q", "-m", "first")
	place(t, dir, "first.yaml", editing(700))
	place(t, dir, "second.yaml", editing(701))
	for name, test := range map[string]struct {
		flags []string
		want  cost
	}{
		"the change":     {[]string{"--base", "HEAD"}, cost{aToken: 1, aList: 50, aStatus: 2, aProof: 2}},
		"without a base": {nil, cost{aToken: 1, aList: 50, aStatus: 10 + 247, aProof: 10}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, account...)
			checkCost(t, g, g.cpsync(append(test.flags, dir)...), 0, test.want)
		})
	}
}

// TestExpected: a report says what the reading costs, as far as it came, and with -v the run
// says it as soon as it is known.
func TestExpected(t *testing.T) {
	t.Parallel()
	account := append(many(28, lasting), vetted(lasting(728)), unproven(729), unproven(730))
	asked := append(many(28, same), expecting(naming(728)), same(729), same(730))
	for name, test := range map[string]struct {
		breaks call
		want   string
		told   []string
	}{
		"to the end":            {"", `{"list":2,"single":1,"status":3,"dcv":2}`, []string{"the list takes 2 pages\n", "the list takes 2 pages, the rest 1 single read and 3 status reads\n"}},
		"to the list":           {aStatus, `{"list":2,"single":1,"status":3,"dcv":null}`, nil},
		"not to the first page": {aList, `{"list":null,"single":null,"status":null,"dcv":null}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, account...)
			g.serve = func(w http.ResponseWriter, _ *http.Request, c call) bool {
				if c == test.breaks {
					answer(w, http.StatusForbidden, `{"code":"forbidden"}`)
				}
				return c == test.breaks
			}
			r := g.cpsync("-v", "--format", "json", manifests(t, asked...))
			var got struct {
				Requests struct{ Expected json.RawMessage }
			}
			if err := json.Unmarshal([]byte(r.stdout), &got); err != nil {
				t.Fatal(err)
			}
			var text bytes.Buffer
			if err := json.Compact(&text, got.Requests.Expected); err != nil || text.String() != test.want {
				t.Errorf("%v: expected %s, want %s\n%s", err, text.String(), test.want, r.stderr)
			}
			for _, line := range test.told {
				if strings.Count(r.stderr, line) != 1 {
					t.Errorf("%q is not told once:\n%s", line, r.stderr)
				}
			}
		})
	}
}

// TestBudgetOfAnApply: for a certificate one read before its first write and one after
// each write, each with a status while an order is still to come or was just sent.
func TestBudgetOfAnApply(t *testing.T) {
	t.Parallel()
	three := wish(700, "", "description: as it shall be", "certificate_label: other", "domains: [h700.example.com, new700.example.com]")
	for name, test := range map[string]struct {
		account  []sandbox.Certificate
		manifest string
		happen   func(g *rig)
		want     cost // with the plan before it
		code     int
	}{
		"an edit": {
			many(1, lasting), editing(700), nil,
			cost{aToken: 1, aList: 1, aGet: 2, anEditing: 1}, 0, // before, after
		},
		"an order": {
			many(1, lasting), naming(700), nil,
			cost{aToken: 1, aList: 1, aStatus: 1 + 2, aGet: 2, aNaming: 1}, 0, // both with status
		},
		"another DCV method": {
			many(1, lasting), methodic(700), nil,
			cost{aToken: 1, aList: 1, aStatus: 1 + 2, aGet: 2, aMethod: 1}, 0,
		},
		"a renewal": {
			many(1, served), renewing(700), nil,
			cost{aToken: 1, aList: 1, aStatus: 1 + 2, aGet: 2, aRenewal: 1}, 0,
		},
		"a retrigger": {
			many(1, timedOut), retriggering(700), nil,
			cost{aToken: 1, aList: 1, aStatus: 1 + 2, aGet: 2, aSecond: 1}, 0,
		},
		"description, then names, then the label": {
			many(1, lasting), three, nil,
			// Before, and after each of three; with status until the order was sent and read.
			cost{aToken: 1, aList: 1, aStatus: 1 + 3, aGet: 1 + 3, anEditing: 2, aNaming: 1}, 0,
		},
		"an edit that is stale": {
			many(1, lasting), editing(700),
			func(g *rig) { g.onceAt(aGet, 1, func() { g.person("PATCH", "700", `{"description":"by hand"}`) }) },
			cost{aToken: 1, aList: 1, aGet: 1}, cli.Incomplete, // before, and nothing is sent
		},
		"an order that is stale": {
			many(1, lasting), naming(700),
			func(g *rig) { g.onceAt(aGet, 1, func() { g.person("PATCH", "700", `{"dcv_method":"Email"}`) }) },
			cost{aToken: 1, aList: 1, aStatus: 1 + 1, aGet: 1}, cli.Incomplete,
		},
		"an order that is refused": {
			many(1, lasting), naming(700), func(g *rig) { g.breaks("409", aNaming, 1) },
			cost{aToken: 1, aList: 1, aStatus: 1 + 1, aGet: 1, aNaming: 1}, cli.Incomplete, // refused is refused
		},
		"nothing to do": {
			many(1, lasting), same(700), nil, cost{aToken: 1, aList: 1}, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, test.account...)
			if test.happen != nil {
				test.happen(g)
			}
			r := g.cpsync("--apply", manifests(t, test.manifest))
			checkCost(t, g, r, test.code, test.want)
		})
	}
}

// checkCost compares what the server saw with what was to be seen, and with what the
// run says it cost.
func checkCost(t *testing.T, g *rig, r result, code int, want cost) {
	t.Helper()
	got, reads, writes := cost{}, 0, 0
	for _, c := range g.seen {
		got[c]++
		if c == aToken || c == aList || c == aGet || c == aStatus || c == aProof {
			reads++
		} else {
			writes++
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || r.code != code {
		t.Errorf("exit code %d, want %d; -want +got:\n%s%s%s", r.code, code, diff, r.stdout, r.stderr)
	}
	said := fmt.Sprintf("(%d reads)", reads)
	if strings.Contains(r.stdout, "\nRESULT") {
		said = strings.ReplaceAll(fmt.Sprintf("\n%d reads, %d writes", reads, writes), " 1 writes", " 1 write")
	}
	if r.stdout != "" && reads+writes > 0 && !strings.Contains(r.stdout, said) {
		t.Errorf("%q is not in:\n%s", said, r.stdout)
	}
}

// tagged puts a manifest into a team.
func tagged(text string) string {
	return strings.Replace(text, "metadata:\n", "metadata:\n  tags: {team: web}\n", 1)
}

// pages changes the pages of the list, given their number and how often the first was
// read so far.
func (g *rig) pages(change func(page string, reading int, object map[string]any)) {
	reading := 0
	g.serve = func(w http.ResponseWriter, r *http.Request, c call) bool {
		if c != aList {
			return false
		}
		page := r.URL.Query().Get("page")
		if page == "1" {
			reading++
		}
		rec := g.commit(c, r)
		var object map[string]any
		if err := json.Unmarshal(rec.Body.Bytes(), &object); err != nil {
			panic(err)
		}
		change(page, reading, object)
		text, err := json.Marshal(object)
		if err != nil {
			panic(err)
		}
		answer(w, rec.Code, string(text))
		return true
	}
}

// growing lets a request appear after the first page was read, in each of the first n
// readings of the list.
func growing(n int) func(*rig) {
	return func(g *rig) {
		g.pages(func(page string, reading int, object map[string]any) {
			if page != "1" && reading <= n {
				object["total_items"] = 46
			}
		})
	}
}

// shrinking loses the last item of the third page, in the first reading.
func shrinking(g *rig) {
	g.pages(func(page string, reading int, object map[string]any) {
		if page == "3" && reading == 1 {
			items := object["items"].([]any)
			object["items"] = items[:len(items)-1]
		}
	})
}
