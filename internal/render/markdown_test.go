package render_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/markdown"
	"github.com/cpsync/cpsync/internal/report"
)

func markdownOf(t *testing.T, r report.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := markdown.Report(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestMarkdownIsAsGolden(t *testing.T) {
	t.Parallel()
	for name, r := range pages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name+".md", markdownOf(t, r()))
		})
	}
}

// shapes are what the pages consist of. Rows include the heads of the tables.
var shapes = map[string]shape{
	"apply-begun":  {headings: 3, tables: 6, rows: 21, details: 5, fences: 3, quotes: 1},
	"apply-waits":  {headings: 5, tables: 5, rows: 14, details: 2, fences: 2, quotes: 1},
	"apply-all":    {headings: 3, tables: 6, rows: 21, details: 5, fences: 3, quotes: 1},
	"apply-part":   {headings: 8, tables: 6, rows: 14, details: 1, fences: 11},
	"apply-work":   {headings: 3, tables: 2, rows: 8, details: 1, fences: 3},
	"apply-wait":   {headings: 9, tables: 8, rows: 25, details: 1, fences: 8, quotes: 1},
	"base":         {headings: 7, tables: 9, rows: 29, details: 4, fences: 3, quotes: 1},
	"base-nothing": {headings: 3, tables: 6, rows: 21, details: 5, fences: 3, quotes: 1},
	"blocked":      {headings: 3, tables: 3, rows: 16, details: 2, fences: 1, quotes: 1},
	"ending":       {headings: 2, tables: 1, rows: 174, details: 0, quotes: 1},
	"errors":       {headings: 3, tables: 2, rows: 7, details: 1, fences: 1},
	"example":      {headings: 3, tables: 6, rows: 21, details: 5, fences: 3, quotes: 1},
	"failure":      {headings: 1, fences: 1},
	"fields":       {headings: 2, tables: 2, rows: 11, details: 2, fences: 5},
	"hostile":      {headings: 8, tables: 9, rows: 30, details: 3, fences: 5},
	"in-step":      {headings: 1, tables: 2, rows: 7, details: 2},
	"limits":       {headings: 3, tables: 2, rows: 18, details: 1, fences: 11, quotes: 1},
	"names":        {headings: 2, tables: 1, rows: 6, details: 1, fences: 5},
	"one":          {headings: 2, tables: 1, rows: 3, details: 1, fences: 1},
	"problems":     {headings: 2, tables: 1, rows: 4},
	"looked-up":    {headings: 2, tables: 3, rows: 22, details: 1, fences: 2},
	"proving":      {headings: 2, tables: 4, rows: 40, details: 2, fences: 4, quotes: 1},
	"proving-120":  {headings: 2, tables: 87, rows: 380, details: 1, fences: 86, quotes: 1},
	"crowd":        {headings: 4, tables: 4, rows: 262, details: 5, quotes: 2},
}

func TestMarkdownHoldsItsStructure(t *testing.T) {
	t.Parallel()
	all := maps.Clone(pages)
	maps.Copy(all, otherPages)
	for name, r := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := markdownOf(t, r())
			if got := judge(t, page); got != shapes[name] {
				t.Errorf("%q: %#v,", name, got)
			}
			if len(page) > 60_000 {
				t.Errorf("%d bytes", len(page))
			}
		})
	}
}

func TestWhatEndsSoonIsNeverLeftOut(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 20, 200, 6000} {
		r := of(fading(n), nil, true)
		page := string(markdownOf(t, r))
		caution, _, _ := strings.Cut(page, "####")
		nothing, unsure := view.Unrenewed(r.Plan)
		for _, s := range slices.Concat(nothing, unsure) {
			if !strings.Contains(caution, s.Want.ID.String()) {
				t.Fatalf("of %d, %s is not in the caution", n, s.Want.ID)
			}
		}
		if len(page) > 60_000 {
			t.Errorf("%d that end soon: %d bytes", n, len(page))
		}
	}
}

func TestHeadingSaysWhatThisChangeStarts(t *testing.T) {
	t.Parallel()
	finished := wholly()
	for want, r := range map[string]report.Report{
		"### cpsync: 1 renewal, 1 reissue, 1 retrigger, 1 edit":                                   example(),
		"### cpsync: this change starts 1 reissue; nothing will renew 1 certificate from then on": reviewed(),
		"### cpsync: this change starts nothing":                                                  untouched(),
		"### cpsync: nothing to do":                                                               of(quiet(3, 0), nil, true),
		"### cpsync: nothing to apply; 1 needs you":                                               of([]plan.Pair{legacy()}, nil, true),
		"### cpsync: 3 problems in the manifests, nothing was sent":                               problems(),
		"### cpsync: stopped by an error":                                                         failed(),
		"### cpsync applied: 4 done":                                                              finished,
	} {
		if got, _, _ := strings.Cut(string(markdownOf(t, r)), "\n"); got != want {
			t.Errorf("heading is %q, want %q", got, want)
		}
	}
}

// What this change touches stands before what was pending, and what ends soon before
// both.
func TestThisChangeStandsBeforeWhatWasPending(t *testing.T) {
	t.Parallel()
	page := string(markdownOf(t, reviewed()))
	last := -1
	for _, want := range []string{"[!CAUTION]", "This change: orders", "This change: no longer managed", "This change: waiting",
		"The same merge also carries out: orders", "Pending anyway: need you", "<details>", "Field by field"} {
		at := strings.Index(page, want)
		if at <= last {
			t.Errorf("%q stands at %d, what goes before it at %d", want, at, last)
		}
		last = at
	}
	if strings.Contains(string(markdownOf(t, example())), "This change") {
		t.Error("a plan without a base speaks of a change")
	}
}
