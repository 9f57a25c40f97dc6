package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cli"
)

// TestBadLists: what is wrong with a list is found out, costs what is said here, and
// never makes a plan of a part of it.
func TestBadLists(t *testing.T) {
	t.Parallel()
	total := func(n any) func(*rig) {
		return func(g *rig) {
			g.pages(func(_ string, _ int, object map[string]any) {
				if object["total_items"] = n; n == nil {
					delete(object, "total_items")
				}
			})
		}
	}
	for name, test := range map[string]struct {
		happen  func(*rig)
		want    cost
		code    int
		message []string
	}{
		"a total of zero":        {total(0), cost{aToken: 1, aList: 3}, cli.OK, []string{"45 up to date"}},
		"a total of -1":          {total(-1), cost{aToken: 1, aList: 3}, cli.OK, []string{"45 up to date"}},
		"no total":               {total(nil), cost{aToken: 1, aList: 3}, cli.OK, []string{"45 up to date"}},
		"a total that is a word": {total("many"), cost{aToken: 1, aList: 3}, cli.OK, []string{"45 up to date"}},
		"a list that shrinks":    {shrinking, cost{aToken: 1, aList: 6}, cli.OK, []string{"45 up to date"}},
		"a list that grows":      {growing(1), cost{aToken: 1, aList: 5}, cli.OK, []string{"45 up to date"}},
		"a page that fails for good": {
			func(g *rig) { g.serve = broken("2", 500) }, cost{aToken: 1, aList: 1 + 6}, cli.Failed,
			[]string{"page=2", "500", "nothing was written"},
		},
		"a page that is refused": {
			func(g *rig) { g.serve = broken("3", 403) }, cost{aToken: 1, aList: 3}, cli.Failed,
			[]string{"page=3", "403", "cpsync auth"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, many(45, lasting)...)
			test.happen(g)
			r := g.cpsync("--concurrency", "1", manifests(t, many(45, same)...))
			got := cost{}
			for _, c := range g.seen {
				got[c]++
			}
			if diff := cmp.Diff(test.want, got); diff != "" || r.code != test.code {
				t.Errorf("exit code %d, want %d; -want +got:\n%s%s", r.code, test.code, diff, r.stderr)
			}
			for _, text := range test.message {
				if !strings.Contains(r.stdout+r.stderr, text) {
					t.Errorf("%q is not in:\n%s%s", text, r.stdout, r.stderr)
				}
			}
			if test.code != cli.OK && strings.Contains(r.stdout, "up to date") {
				t.Errorf("something was planned:\n%s", r.stdout)
			}
		})
	}
}

// broken answers one page with a status.
func broken(page string, status int) func(http.ResponseWriter, *http.Request, call) bool {
	return func(w http.ResponseWriter, r *http.Request, c call) bool {
		is := c == aList && r.URL.Query().Get("page") == page
		if is {
			answer(w, status, `{"code":"internal_error"}`)
		}
		return is
	}
}

// TestAnAccountTooLarge: beyond the cap a run is refused after the first page, and says
// what to do; as few manifests as can be read one by one are planned.
func TestAnAccountTooLarge(t *testing.T) {
	t.Parallel()
	huge := func(g *rig) {
		g.pages(func(_ string, _ int, object map[string]any) {
			object["total_items"] = 100_001
		})
	}
	g := newRig(t, many(45, lasting)...)
	huge(g)
	r := g.cpsync(manifests(t, many(45, same)...))
	if r.code != cli.OK || g.count(aList) != 1 || g.count(aGet) != 25 || !strings.Contains(r.stdout, "45 up to date") {
		t.Errorf("exit code %d after %v\n%s", r.code, g.seen, r.stderr)
	}
	g = newRig(t, many(45, lasting)...)
	huge(g)
	r = g.cpsync("import", t.TempDir())
	if r.code != cli.Failed || g.count(aList) != 1 || g.count(aGet) != 0 {
		t.Errorf("exit code %d after %v\n%s", r.code, g.seen, r.stderr)
	}
	for _, text := range []string{"it holds 100001 requests, and 100000 are read at most", "fewer than 5000 could be read one by one", "by PATH, id, --only or --tag"} {
		if !strings.Contains(strings.Join(strings.Fields(r.stdout), " "), text) {
			t.Errorf("%q is not in:\n%s", text, r.stdout)
		}
	}
}

// TestWhatIsUnreadableIsListed: a request that can't be read is listed whatever was asked for, because it is not known
// when it expires.
func TestWhatIsUnreadableIsListed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args   []string
		stdout string
		stderr string
	}{
		"without a manifest": {[]string{"list", "--unmanaged", manifests(t, same(700))}, " 701  not read", "error: a request without a manifest (701): request 701: "},
		"expiring":           {[]string{"list", "--unmanaged", "--expiring", "30d", manifests(t, same(700))}, "2 unmanaged", "error: a request without a manifest (701): "},
		"with a manifest":    {[]string{"list", "--expiring", "30d", manifests(t, same(700), same(701))}, "701  not read", "error: c001 (701): "},
		"that is missing":    {[]string{"list", "--expiring", "30d", manifests(t, same(700), same(709))}, "709  not found", "exit 1: 1 request has an error"},
		"imported":           {[]string{"import", t.TempDir()}, "request 701: the certificate", ""},
		"not asked for":      {[]string{"import", "--id", "700", "--domain", "h702.example.com", t.TempDir()}, "", "no request that was asked for has a domain like"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, many(3, lasting)...)
			g.edits(func(_ call, o map[string]any) {
				items, _ := o["items"].([]any)
				for _, i := range items {
					if r := i.(map[string]any); r["id"] == 701.0 {
						r["expiration_date"] = "soon"
					}
				}
			})
			r := g.cpsync(c.args...)
			if r.code != cli.Failed || !strings.Contains(r.stdout, c.stdout) || !strings.Contains(r.stderr, c.stderr) || strings.Contains(r.stdout, "request 701: request 701") {
				t.Errorf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
			}
		})
	}
}
