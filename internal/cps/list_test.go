package cps

import (
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
)

// account answers the list and single reads for ids, 20 to a page.
type account struct {
	ids   []int
	total func(page int) string                                        // total_items; default the number of ids
	swap  func(w http.ResponseWriter, page int, nth int64) (done bool) // answers in place of the account
	nth   atomic.Int64                                                 // requests so far
}

func numbers(from, to int) []int {
	var ids []int
	for i := from; i <= to; i++ {
		ids = append(ids, i)
	}
	return ids
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	nth := a.nth.Add(1)
	rest := strings.TrimPrefix(r.URL.Path, "/sec/cps/v2.0/certificates")
	if rest != "" {
		a.single(w, strings.TrimPrefix(rest, "/"))
		return
	}
	q := r.URL.Query()
	n, _ := strconv.Atoi(q.Get("page"))
	if q.Get("page_size") != "20" || q.Get("sort") != "-id" || n < 1 {
		answer(w, 400, `{"code":"invalid_input"}`)
		return
	}
	if a.swap != nil && a.swap(w, n, nth) {
		return
	}
	answer(w, 200, a.list(n, a.ids))
}

func (a *account) single(w http.ResponseWriter, text string) {
	id, err := strconv.Atoi(text)
	if err != nil || !slices.Contains(a.ids, id) {
		answer(w, 404, `{"code":"not_found"}`)
		return
	}
	answer(w, 200, certificateJSON(id))
}

func (a *account) list(n int, ids []int) string {
	total := strconv.Itoa(len(ids))
	if a.total != nil {
		total = a.total(n)
	}
	from := min((n-1)*20, len(ids))
	var items []string
	for _, id := range ids[from:min(from+20, len(ids))] {
		items = append(items, certificateJSON(id))
	}
	if total != "" {
		total = `,"total_items":` + total
	}
	return fmt.Sprintf(`{"@type":"Collection","items":[%s]%s}`, strings.Join(items, ","), total)
}

func liveIDs(l Listing) []int {
	var ids []int
	for _, have := range l.Live {
		ids = append(ids, int(have.ID))
	}
	return ids
}

func TestListReadsAll(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 19, 20, 21, 40, 95} {
		a := &account{ids: numbers(1001, 1000+n)}
		f := newFake(t, a.ServeHTTP)
		got, err := f.client(t).List(t.Context(), nil)
		if diff := cmp.Diff(a.ids, liveIDs(got)); diff != "" || err != nil || !got.Whole {
			t.Errorf("%d: %v %s", n, err, diff)
		}
		if calls := len(f.Calls()); calls != max(1, (n+19)/20) {
			t.Errorf("%d requests took %d calls", n, calls)
		}
	}
}

func TestListWithoutTotal(t *testing.T) {
	t.Parallel()
	pastTheEnd := map[string]func(w http.ResponseWriter){
		"empty": nil,
		"400":   func(w http.ResponseWriter) { answer(w, 400, "") },
		"404":   func(w http.ResponseWriter) { answer(w, 404, "") },
	}
	for end, ends := range pastTheEnd {
		for _, total := range []string{"null", `"many"`, "-1", "0", "1e300", ""} {
			for _, n := range []int{0, 20, 39, 40} {
				a := &account{ids: numbers(1, n), total: func(int) string { return total }}
				a.swap = func(w http.ResponseWriter, page int, _ int64) bool {
					if past := page > 1 && (page-1)*20 >= n; !past || ends == nil {
						return false
					}
					ends(w)
					return true
				}
				f := newFake(t, a.ServeHTTP)
				got, err := f.client(t).List(t.Context(), []cert.ID{1})
				want := n
				if err != nil || !got.Whole || len(got.Live) != want {
					t.Errorf("%s, total %s: %d of %d, %v", end, total, len(got.Live), n, err)
				}
			}
		}
	}
}

// TestSmallPages: the server deals out ten at a time and says so.
func TestSmallPages(t *testing.T) {
	t.Parallel()
	for _, total := range []string{"25", "null"} {
		f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
			n, _ := strconv.Atoi(r.URL.Query().Get("page"))
			var items []string
			for id := n*10 - 9; id <= min(n*10, 25); id++ {
				items = append(items, certificateJSON(id))
			}
			next := "null"
			if n < 3 {
				next = `{"href":"/v2.0/certificates?page=2"}`
			}
			answer(w, 200, fmt.Sprintf(`{"@links":{"next":%s},"items":[%s],"total_items":%s}`, next, strings.Join(items, ","), total))
		})
		got, err := f.client(t).List(t.Context(), nil)
		if diff := cmp.Diff(numbers(1, 25), liveIDs(got)); diff != "" || err != nil {
			t.Error(err, diff)
		}
	}
}

func TestSingleReadsWhereTheyCostLess(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		total, want, calls int
		complete           bool
	}{
		{100, 3, 1 + 3, false}, // 3 < 5 - 1
		{100, 4, 5, true},
		{41, 1, 1 + 1, false}, // 1 < 3 - 1
		{40, 1, 2, true},
	} {
		a := &account{ids: numbers(1, test.total)}
		f := newFake(t, a.ServeHTTP)
		var want []cert.ID
		for i := range test.want {
			want = append(want, cert.ID(test.total-i)) // not on page 1, and not sorted
		}
		got, err := f.client(t).List(t.Context(), want)
		if err != nil || got.Whole != test.complete || len(f.Calls()) != test.calls {
			t.Errorf("%+v: complete %v, %d calls, %v", test, got.Whole, len(f.Calls()), err)
		}
		if !test.complete {
			slices.Sort(want)
			if diff := cmp.Diff(numbers(int(want[0]), test.total), liveIDs(got)); diff != "" {
				t.Error(diff)
			}
		}
	}
}

func TestWantedOnPageOneAreNotAskedFor(t *testing.T) {
	t.Parallel()
	a := &account{ids: numbers(1, 200)}
	f := newFake(t, a.ServeHTTP)
	got, err := f.client(t).List(t.Context(), []cert.ID{3, 150, 4, 3})
	if diff := cmp.Diff([]int{3, 4, 150}, liveIDs(got)); diff != "" || err != nil || len(f.Calls()) != 2 {
		t.Errorf("%d calls, %v, %s", len(f.Calls()), err, diff)
	}
}

func TestMissingIsAskedForByItself(t *testing.T) {
	t.Parallel()
	a := &account{ids: numbers(1, 30)}
	a.swap = func(w http.ResponseWriter, page int, _ int64) bool {
		if page == 1 {
			a.total = func(int) string { return "29" }
			answer(w, 200, a.list(1, a.ids))
			return true
		}
		answer(w, 200, a.list(2, slices.Delete(slices.Clone(a.ids), 24, 25))) // 25 is not listed
		return true
	}
	f := newFake(t, a.ServeHTTP)
	got, err := f.client(t).List(t.Context(), []cert.ID{99, 25, 7, 44})
	if err != nil || !got.Whole {
		t.Fatalf("complete %v, %v", got.Whole, err)
	}
	if diff := cmp.Diff(numbers(1, 30), liveIDs(got)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]cert.ID{44, 99}, got.Missing); diff != "" {
		t.Error(diff)
	}
	if n := len(f.Calls()); n != 2+3 {
		t.Errorf("%d calls", n)
	}
}

// TestListThatMoves: the list is read once more, then single reads replace it.
func TestListThatMoves(t *testing.T) {
	t.Parallel()
	ids := numbers(1, 45)
	for name, test := range map[string]func(a *account, page int) string{
		"duplicate across pages": func(a *account, page int) string { return a.list(page, append([]int{1}, ids...)) },
		"out of order":           func(a *account, page int) string { return a.list(page, append(numbers(2, 45), 1)) },
		"other total": func(a *account, page int) string {
			a.total = func(int) string { return "45" }
			if page == 3 {
				a.total = func(int) string { return "46" }
			}
			return a.list(page, ids)
		},
		"one lost": func(a *account, page int) string {
			a.total = func(int) string { return "45" }
			return a.list(page, ids[:44])
		},
		"page gone": func(_ *account, page int) string { return map[bool]string{true: "404"}[page == 3] },
	} {
		for _, times := range []int{1, 100} {
			t.Run(fmt.Sprint(name, " ", times), func(t *testing.T) {
				t.Parallel()
				a := &account{ids: ids}
				var bad atomic.Int64 // readings of the list
				a.swap = func(w http.ResponseWriter, page int, _ int64) bool {
					if page == 1 {
						bad.Add(1)
					}
					if int(bad.Load()) > times {
						return false
					}
					local := &account{ids: ids}
					switch body := test(local, page); body {
					case "404":
						answer(w, 404, "")
					case "":
						return false
					default:
						answer(w, 200, body)
					}
					return true
				}
				f := newFake(t, a.ServeHTTP)
				got, err := f.client(t).List(t.Context(), []cert.ID{5, 45, 77})
				if err != nil || got.Whole != (times == 1) {
					t.Fatalf("complete %v, %v", got.Whole, err)
				}
				want := ids
				if times > 1 {
					want = []int{5, 45}
				}
				if diff := cmp.Diff(want, liveIDs(got)); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff([]cert.ID{77}, got.Missing); diff != "" {
					t.Error(diff)
				}
				if times > 1 {
					if _, err := f.client(t).List(t.Context(), nil); !errors.Is(err, errListChanged) {
						t.Errorf("with nothing to ask for: %v", err)
					}
				}
			})
		}
	}
}

func TestNoPartialList(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]http.HandlerFunc{
		"500":        failureHandlers["500"],
		"html":       func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, "<html>") },
		"half":       func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `{"items":[`) },
		"two values": func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `{"items":[]}{}`) },
		"no items":   func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `{"total_items":60}`) },
		"null items": func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `{"items":null,"total_items":60}`) },
		"no id":      func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `{"items":[{}],"total_items":60}`) },
		"too deep":   func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, strings.Repeat("[", 1<<20)) },
		"too long": func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 200, `{"a":"`+strings.Repeat("x", maxBody)+`"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &account{ids: numbers(1, 60)}
			a.swap = func(w http.ResponseWriter, page int, _ int64) bool {
				if page == 3 {
					bad(w, nil)
				}
				return page == 3
			}
			f := newFake(t, a.ServeHTTP)
			got, err := f.client(t).List(t.Context(), nil)
			if err == nil || got.Live != nil {
				t.Fatalf("%d requests, no error", len(got.Live))
			}
			for _, part := range []string{"page 3", "nothing is planned from a partial list"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is not in: %v", part, err)
				}
			}
			if n := len(err.Error()); n > 800 {
				t.Errorf("the error has %d characters", n)
			}
		})
	}
}

// TestFailureOfOneAlone does not hide the others.
func TestFailureOfOneAlone(t *testing.T) {
	t.Parallel()
	odd := strings.Replace(certificateJSON(2), `"2027-02-10T00:00:00Z"`, `"soon"`, 1)
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/certificates"):
			answer(w, 200, fmt.Sprintf(`{"items":[%s,%s],"total_items":2}`, certificateJSON(1), odd))
		case strings.HasSuffix(r.URL.Path, "/51"):
			answer(w, 200, certificateJSON(52))
		case strings.HasSuffix(r.URL.Path, "/52"):
			answer(w, 200, `{}`)
		case strings.HasSuffix(r.URL.Path, "/53"):
			answer(w, 403, ``)
		case strings.HasSuffix(r.URL.Path, "/54"):
			answer(w, 200, strings.Replace(odd, `"id":2`, `"id":54`, 1))
		default:
			answer(w, 404, ``)
		}
	})
	got, err := f.client(t).List(t.Context(), []cert.ID{1, 2, 51, 52, 53, 54, 55})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{1}, liveIDs(got)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]cert.ID{55}, got.Missing); diff != "" {
		t.Error(diff)
	}
	for id, text := range map[cert.ID]string{
		2: `"soon" is not a time`, 51: "it has the id 52", 52: "it has the id 0", 53: "403", 54: `"soon" is not a time`,
	} {
		if err := got.Failed[id]; err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%d: %v", id, err)
		}
	}
	if !errors.Is(got.Failed[51], cert.ErrOtherID) || len(got.Failed) != 5 {
		t.Errorf("failed: %v", got.Failed)
	}
}

// TestTooLong: an account beyond the cap is refused at once, unless single reads do.
func TestTooLong(t *testing.T) {
	t.Parallel()
	many := make([]cert.ID, 5000)
	for i := range many {
		many[i] = cert.ID(i + 1)
	}
	for name, test := range map[string]struct {
		total string
		items int // on each page
		want  []cert.ID
		calls int
		err   string // "" for none
	}{
		"all of 100001":          {"100001", 20, nil, 1, "it holds 100001 requests, and 100000 are read at most; fewer than 5000 could be read one by one"},
		"5000 of 100001":         {"100001", 20, many, 1, "fewer than 5000 could be read one by one"},
		"22 of 100001":           {"100001", 20, many[:22], 1 + 2, ""},
		"all of 2^63-1":          {"9223372036854775807", 20, nil, 1, "it holds 9223372036854775807 requests"},
		"one a page, of 100000":  {"100000", 1, nil, 1, "it has 100000 pages, and 5000 are read at most"},
		"a page of 19 that ends": {"100001", 19, nil, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
				if id, err := strconv.Atoi(path.Base(r.URL.Path)); err == nil {
					answer(w, 200, certificateJSON(id))
					return
				}
				a := &account{ids: numbers(1, test.items), total: func(int) string { return test.total }}
				body := a.list(1, a.ids)
				if test.items == 20 || test.items == 1 {
					body = strings.Replace(body, "{", `{"@links":{"next":{}},`, 1)
				}
				answer(w, 200, body)
			})
			_, err := f.client(t).List(t.Context(), test.want)
			if (err != nil) != (test.err != "") || errors.Is(err, ErrTooMany) != (test.err != "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Error(err)
			}
			if n := len(f.Calls()); n != test.calls {
				t.Errorf("%d calls", n)
			}
		})
	}
}

// TestEndlessList: a server that knows no end is left after a fixed number of pages.
func TestEndlessList(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("page"))
		answer(w, 200, fmt.Sprintf(`{"@links":{"next":{}},"items":[%s]}`, certificateJSON(n)))
	})
	_, err := f.client(t).List(t.Context(), nil)
	if !errors.Is(err, ErrTooMany) || !strings.Contains(err.Error(), "goes on after 5000 pages") {
		t.Error(err)
	}
	if n := len(f.Calls()); n != maxPages {
		t.Errorf("%d calls", n)
	}
}

// TestOnePageForEver: a server that gives the same page whatever it is asked for is found
// out with the second, and what is wanted is read one by one.
func TestOnePageForEver(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		if id, single := strings.CutPrefix(r.URL.Path, "/sec/cps/v2.0/certificates/"); single {
			n, _ := strconv.Atoi(id)
			answer(w, 200, certificateJSON(n))
			return
		}
		var items []string
		for id := range 20 {
			items = append(items, certificateJSON(id+1))
		}
		answer(w, 200, fmt.Sprintf(`{"items":[%s]}`, strings.Join(items, ",")))
	})
	if _, err := f.client(t).List(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "page 2 does not begin where page 1 ends") {
		t.Error(err)
	}
	found, err := f.client(t).List(t.Context(), []cert.ID{3, 30})
	if err != nil || found.Whole || !slices.Equal(liveIDs(found), []int{3, 30}) {
		t.Error(liveIDs(found), err)
	}
	if n := len(f.Calls()); n != 4+4+2 {
		t.Errorf("%d calls", n)
	}
}

// TestOnlyTheStatusIsMissing: a request that answers is there, whatever its status says.
func TestOnlyTheStatusIsMissing(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/status") {
			answer(w, 404, ``)
			return
		}
		answer(w, 200, certificateJSON(7))
	})
	_, err := f.client(t).Certificate(t.Context(), 7, true)
	if err == nil || errors.Is(err, cert.ErrNotFound) || !strings.Contains(err.Error(), "request 7 is there") {
		t.Error(err)
	}
}

// TestAListOfAnotherKind: what is there in place of a list is named.
func TestAListOfAnotherKind(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`[]`: "array in place of an object", `"a"`: "string in place of an object", `7`: "number in place of an object",
		`null`: "null in place of an object", `{"items":{}}`: "object in place of what items should be", ``: "unexpected end of JSON input",
	} {
		f := newFake(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, body) })
		if _, err := f.client(t).List(t.Context(), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
}

// TestWhatFailedIsNotRead: a page that could not be read does not count as one that was.
func TestWhatFailedIsNotRead(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 403, `{}`) })
	most := 0
	c := f.client(t, func(cfg *Config) { cfg.Progress = func(done, _ int) { most = max(most, done) } })
	if _, err := c.List(t.Context(), nil); err == nil || most != 0 {
		t.Errorf("%d reads are told to be done; %v", most, err)
	}
}
