package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// TestWrongAnswers: an answer that can't be right is not taken for truth. Nothing is
// ordered on the ground of it, and what can be told apart from it still is.
func TestWrongAnswers(t *testing.T) {
	t.Parallel()
	set := func(member string, value any) func(map[string]any) {
		return func(o map[string]any) { o[member] = value }
	}
	item := func(change func(map[string]any)) func(map[string]any) {
		return func(o map[string]any) {
			items, _ := o["items"].([]any)
			for _, i := range items {
				change(i.(map[string]any))
			}
		}
	}
	for name, test := range map[string]struct {
		call   call
		change func(map[string]any)
		code   int
		orders int
	}{
		"a single read of another id":               {aGet, set("id", 710), cli.Incomplete, 0},
		"a single read without an id":               {aGet, set("id", nil), cli.Incomplete, 0},
		"an empty object":                           {aGet, func(o map[string]any) { clear(o) }, cli.Incomplete, 0},
		"a status of another id":                    {aStatus, set("id", 710), cli.Failed, 0},
		"a status without an id":                    {aStatus, set("id", nil), cli.OK, 1},
		"an empty status":                           {aStatus, func(o map[string]any) { clear(o) }, cli.Failed, 0},
		"an unknown status":                         {aStatus, set("status", "Levitating"), cli.OK, 0},
		"an unknown order status":                   {aStatus, set("order_validation", map[string]any{"status": "Levitating"}), cli.OK, 0},
		"an unknown status of a name":               {aList, item(eachName("status", "Levitating")), cli.OK, 0},
		"a list of another id":                      {aList, item(set("id", 710)), cli.OK, 1}, // 700 is read by itself
		"a list without items":                      {aList, set("items", nil), cli.Failed, 0},
		"a list that is not one":                    {aList, set("items", "many"), cli.Failed, 0},
		"a list of nothing":                         {aList, set("items", []any{nil}), cli.Failed, 0},
		"no items and a total of one":               {aList, set("items", []any{}), cli.OK, 1},
		"a total that is too high":                  {aList, set("total_items", 2), cli.OK, 1},
		"a total of a million":                      {aList, set("total_items", 1_000_000), cli.OK, 1},
		"a negative total":                          {aList, set("total_items", -1), cli.OK, 1},
		"a total in words":                          {aList, set("total_items", "many"), cli.OK, 1},
		"timestamps of seven digits everywhere":     {"", sevenDigits, cli.OK, 1},
		"another expiry before the write":           {aGet, set("expiration_date", "2026-12-13T00:00:00Z"), cli.Incomplete, 0},
		"no last_modified":                          {aList, item(set("last_modified", nil)), cli.OK, 0},
		"no last_modified before the write":         {aGet, set("last_modified", nil), cli.Incomplete, 0},
		"a last_modified that is no time":           {aGet, set("last_modified", "yesterday"), cli.Incomplete, 0},
		"no expiry in the list":                     {aList, item(set("expiration_date", nil)), cli.OK, 0},
		"no thumbprint and no expiry, before it":    {aGet, neverIssued, cli.Incomplete, 0},
		"no domains":                                {aGet, set("domains", nil), cli.Incomplete, 0},
		"an empty list of domains":                  {aGet, set("domains", []any{}), cli.Incomplete, 0},
		"a name without a name":                     {aGet, eachName("name", nil), cli.Incomplete, 0},
		"no auto_renew":                             {aGet, set("auto_renew", nil), cli.Incomplete, 0},
		"auto_renew in words":                       {aGet, set("auto_renew", "no"), cli.Incomplete, 0},
		"members nobody heard of":                   {aGet, set("x_new", []any{1, nil, map[string]any{}}), cli.OK, 1},
		"names with dashes instead of dots":         {aGet, eachName("name", "h700-example-com"), cli.OK, 1}, // names are not what is written
		"no common name":                            {aGet, eachName("is_common_name", nil), cli.OK, 1},
		"null instead of every text of no decision": {aGet, textless, cli.OK, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, served(700))
			g.edits(func(c call, o map[string]any) {
				if c == test.call || test.call == "" {
					test.change(o)
				}
			})
			r := g.cpsync("--apply", "--format", "json", manifests(t, renewing(700)))
			if n := g.api.Orders(700); r.code != test.code || n != test.orders {
				t.Errorf("exit code %d, want %d; %d orders, want %d\n%s", r.code, test.code, n, test.orders, r.stderr)
			}
			columns["renew"].honest(t, g, r, 700)
			if strings.Contains(r.stderr, "panic") || strings.Contains(r.stderr, "internal error") {
				t.Error(r.stderr)
			}
		})
	}
}

// sevenDigits gives every time of an answer a fraction of seven digits.
func sevenDigits(o map[string]any) {
	items, _ := o["items"].([]any)
	for _, i := range items {
		sevenDigits(i.(map[string]any))
	}
	for name, v := range o {
		if text, ok := v.(string); ok && strings.HasPrefix(text, "20") && strings.HasSuffix(text, "Z") {
			whole, _, _ := strings.Cut(strings.TrimSuffix(text, "Z"), ".")
			o[name] = whole + ".1234567Z"
		}
	}
}

func neverIssued(o map[string]any) {
	o["thumbprint"], o["expiration_date"] = nil, "0001-01-01T00:00:00Z"
}

func textless(o map[string]any) {
	for _, name := range []string{"@id", "@type", "certificate_authority", "validation_type", "request_type", "deployments",
		"created", "created_by", "modified_by", "workflow_error_message", "organization"} {
		o[name] = nil
	}
}

// TestEveryMemberNull nulls each member of each answer in turn, from the plan on, or
// only from the first write on. No order is placed twice, and nothing untrue is said.
func TestEveryMemberNull(t *testing.T) {
	t.Parallel()
	members := map[call][]string{
		aGet: {"@id", "@type", "domains", "certificate_authority", "validation_type", "dcv_method", "certificate_label", "description",
			"last_modified", "created", "expiration_date", "request_type", "thumbprint", "deployments", "created_by", "modified_by",
			"workflow_error_message", "auto_renew", "id", "organization"},
		aStatus: {"@id", "@type", "id", "step", "status", "requires_attention", "error_message", "order_validation"},
		aList:   {"@id", "@type", "@links", "items", "total_items"},
	}
	for c, names := range members {
		for i, member := range names {
			for _, since := range []string{"the plan", "the write"} {
				for j, column := range []string{"edit", "domains", "renew", "retrigger"} {
					if !chosen(i+j, 6) {
						continue
					}
					t.Run(fmt.Sprint(column, ": ", c, " ", member, " since ", since), func(t *testing.T) {
						t.Parallel()
						s := columns[column]
						g := newRig(t, s.have(700))
						g.breaks("reset before commit", s.call, 1)
						g.edits(func(got call, o map[string]any) {
							if got == c && (since == "the plan" || g.count(s.call) > 0) {
								o[member] = nil
							}
						})
						dir := manifests(t, s.asked(700))
						r := g.cpsync("--apply", "--format", "json", dir)
						s.honest(t, g, r, 700)
						if g.count(s.call) > 0 && s.outcome(t, r) != "unknown" {
							t.Errorf("%s, want unknown\n%s", s.outcome(t, r), r.stderr)
						}
						if strings.Contains(r.stderr, "internal error") {
							t.Error(r.stderr)
						}
					})
				}
			}
		}
	}
}

// TestPagesThatDoNotBelongTogether: a list that repeats a page, changes its total or
// moves items between its pages is not planned from.
func TestPagesThatDoNotBelongTogether(t *testing.T) {
	t.Parallel()
	const n = 65
	for name, change := range map[string]func(page, nth int, o map[string]any, first []any){
		"every page repeats the first": func(_, _ int, o map[string]any, first []any) { o["items"] = first },
		"the total grows":              func(_, nth int, o map[string]any, _ []any) { o["total_items"] = n + nth },
		"the total differs on page 3": func(page, _ int, o map[string]any, _ []any) {
			if page == 3 {
				o["total_items"] = n + 20
			}
		},
		"an item moves to the next page": func(page, _ int, o map[string]any, first []any) {
			if items, _ := o["items"].([]any); page == 2 {
				o["items"] = append([]any{first[len(first)-1]}, items[:len(items)-1]...)
			}
		},
		"the ids descend": func(_, _ int, o map[string]any, _ []any) {
			items, _ := o["items"].([]any)
			slices.Reverse(items)
		},
		"pages without end": func(page, _ int, o map[string]any, _ []any) {
			items, _ := o["items"].([]any)
			if len(items) == 0 {
				o["items"] = []any{map[string]any{"id": 1_000_000 + page}}
			}
			o["total_items"], o["@links"] = nil, map[string]any{"next": "more"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, fleet(n)...)
			var first []any
			nth := 0
			g.serve = func(w http.ResponseWriter, r *http.Request, c call) bool {
				if c != aList {
					return false
				}
				rec := g.commit(c, r)
				var object map[string]any
				if err := json.Unmarshal(rec.Body.Bytes(), &object); err != nil {
					return false
				}
				g.mu.Lock()
				defer g.mu.Unlock()
				page := 1
				_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page)
				if page == 1 {
					first, _ = object["items"].([]any)
				}
				nth++
				change(page, nth, object, slices.Clone(first))
				text, _ := json.Marshal(object)
				answer(w, rec.Code, string(text))
				return true
			}
			var asked []string
			for i := range n {
				asked = append(asked, wish(int64(700+i), ""))
			}
			asked[0] = renewing(700)
			r := g.cpsync("--apply", "--format", "json", "--concurrency", "1", manifests(t, asked...))
			if n := g.api.Orders(700); r.code == cli.OK && n != 1 || r.code != cli.OK && n != 0 {
				t.Errorf("exit code %d, %d orders\n%s", r.code, n, r.stderr)
			}
			if len(r.reported(t).Steps) != n && r.code == cli.OK {
				t.Errorf("%d steps", len(r.reported(t).Steps))
			}
		})
	}
}

// TestBodiesWithoutEnd: neither a body without end nor one that is nested ten million
// deep keeps the run, or crashes it.
func TestBodiesWithoutEnd(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 10<<20)
	bodies := map[string]func(io.Writer) error{
		"without end": func(w io.Writer) error {
			for chunk := strings.Repeat(`{"id": `, 10_000); ; {
				if _, err := io.WriteString(w, chunk); err != nil {
					return err
				}
			}
		},
		"nested":               func(w io.Writer) error { _, err := io.WriteString(w, deep); return err },
		"nested, within limit": func(w io.Writer) error { _, err := io.WriteString(w, `{"id":700,"x":`+deep[:7<<20]); return err },
	}
	for name, body := range bodies {
		for i, c := range []call{aToken, aList, aStatus, aGet, aRenewal, anEditing} {
			for j, status := range []int{200, 400, 500} {
				if !chosen(i+j, 3) {
					continue
				}
				t.Run(fmt.Sprint(name, ", ", c, " ", status), func(t *testing.T) {
					g := newRig(t, served(700))
					struck := false
					g.serve = func(w http.ResponseWriter, r *http.Request, got call) bool {
						if got != c || struck {
							return false
						}
						struck = true
						if status == 200 {
							g.commit(c, r)
						}
						w.WriteHeader(status)
						_ = body(w)
						return true
					}
					asked := renewing
					if c == anEditing {
						asked = editing
					}
					r := g.cpsync("--apply", "--format", "json", manifests(t, asked(700)))
					if strings.Contains(r.stderr, "internal error") || len(r.stderr) > 10_000 || len(r.stdout) > 50_000 {
						t.Errorf("exit code %d, %d and %d bytes of output\n%.2000s", r.code, len(r.stdout), len(r.stderr), r.stderr)
					}
					want := map[int]int{200: cli.OK, 400: cli.Failed, 500: cli.OK}[status]
					switch {
					case status == 400 && (c == aGet || c == aRenewal || c == anEditing):
						want = cli.Incomplete
					case status == 500 && c == aRenewal:
						want = cli.Unknown
					case status == 500 && c == anEditing:
						want = cli.Incomplete
					}
					if r.code != want {
						t.Errorf("exit code %d, want %d\n%.2000s", r.code, want, r.stderr)
					}
				})
			}
		}
	}
}

// TestGoneAnswers: a request that the API answers as deleted is not written to.
func TestGoneAnswers(t *testing.T) {
	t.Parallel()
	for _, get := range []string{"404", "200"} {
		t.Run(get, func(t *testing.T) {
			t.Parallel()
			g := rigOf(t, sandbox.World{Clock: start2026, Certificates: fleet(2), Switches: sandbox.Switches{DeletedGet: get, DeletedListed: "yes"}})
			g.person(http.MethodDelete, "700", "")
			r := g.cpsync("--apply", "--format", "json", manifests(t, renewing(700), renewing(701)))
			if g.api.Orders(700) != 0 || g.api.Orders(701) != 1 || r.code != cli.Incomplete {
				t.Errorf("exit code %d; %v\n%s", r.code, g.api.Log(), r.stderr)
			}
		})
	}
}
