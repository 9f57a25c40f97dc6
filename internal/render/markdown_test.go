package render_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
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
	"apply-begun":  {headings: 1, tables: 2, rows: 7, details: 2},
	"apply-waits":  {headings: 1, tables: 1, rows: 6, details: 1},
	"apply-all":    {headings: 1, tables: 2, rows: 7, details: 2},
	"apply-part":   {headings: 1, tables: 2, rows: 14, details: 2},
	"apply-work":   {headings: 1, tables: 2, rows: 8, details: 2},
	"apply-wait":   {headings: 1, tables: 2, rows: 22, details: 2},
	"base":         {headings: 1, tables: 4, rows: 15, details: 5, quotes: 1},
	"base-nothing": {headings: 1, tables: 1, rows: 5, details: 3, quotes: 1},
	"blocked":      {headings: 1, tables: 2, rows: 15, details: 2},
	"ending":       {headings: 2, details: 1},
	"errors":       {headings: 2, tables: 1, rows: 2, details: 1},
	"example":      {headings: 2, tables: 2, rows: 10, details: 2},
	"failure":      {headings: 1, details: 1, fences: 1},
	"fields":       {headings: 1, tables: 2, rows: 10, details: 3, fences: 2},
	"hostile":      {headings: 1, tables: 5, rows: 22, details: 7, fences: 4, quotes: 1},
	"in-step":      {headings: 1, details: 1},
	"limits":       {headings: 1, tables: 1, rows: 21, details: 1, quotes: 1},
	"names":        {headings: 1, tables: 1, rows: 6, details: 1},
	"one":          {headings: 1, tables: 1, rows: 3, details: 1},
	"problems":     {headings: 2, tables: 1, rows: 4, details: 1},
	"looked-up":    {headings: 2, tables: 2, rows: 19, details: 2},
	"proving":      {headings: 2, tables: 4, rows: 37, details: 2},
	"proving-120":  {headings: 2, tables: 120, rows: 360, details: 2},
	"crowd":        {headings: 2, tables: 2, rows: 340, details: 2, quotes: 1},
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
	for _, n := range []int{1, 20, 200, 2000} {
		r := of(fading(n), nil, true)
		page := string(markdownOf(t, r))
		nothing, unsure := view.Unrenewed(r.Plan)
		for _, s := range slices.Concat(nothing, unsure) {
			if !strings.Contains(page, s.Want.ID.String()) {
				t.Fatalf("of %d, %s is left out", n, s.Want.ID)
			}
		}
		if len(page) > 60_000 {
			t.Errorf("%d that end soon: %d bytes", n, len(page))
		}
	}
}

// What needs a person and is not in the table of changes is named below it, once.
func TestActionRequiredNamesEachOnce(t *testing.T) {
	t.Parallel()
	rejected := accepted()
	rejected.Have = inStatus(rejected.Have, cert.StatusActive, cert.OrderRenewalRejected, cert.DomainActive)
	reissued := cdn()
	reissued.Want.Description, reissued.Have.Order = cert.Opt[string]{}, cert.OrderPendingReissue
	reissued.Want.Policy.RenewBefore = cert.Some(30 * day) // for so long that its renewal is late
	r := of([]plan.Pair{rejected, reissued}, nil, true)
	r.Base = &report.Base{Revision: "HEAD~1"}
	_, part, _ := strings.Cut(string(markdownOf(t, r)), "Action required elsewhere (2 certificates)")
	for _, s := range r.Plan.Steps {
		if n := strings.Count(part, "("+s.Want.ID.String()+")"); n != 1 {
			t.Errorf("%s is named %d times:\n%s", s.Want.ID, n, part)
		}
	}
}

func TestHeadingSaysWhatThisChangeStarts(t *testing.T) {
	t.Parallel()
	finished, begun := wholly(), refusedApply()
	begun.Unfinished = true
	for want, r := range map[string]report.Report{
		"### cpsync: 1 renewal, 1 reissue, 1 retrigger and 1 edit":                                example(),
		"### cpsync: this change starts 1 reissue; nothing will renew 1 certificate from then on": reviewed(),
		"### cpsync: this change starts nothing":                                                  untouched(),
		"### cpsync: nothing to do":                                                               of(quiet(3, 0), nil, true),
		"### cpsync: nothing to apply; 1 needs action":                                            of([]plan.Pair{legacy()}, nil, true),
		"### cpsync: 3 problems in the manifests, nothing was sent":                               problems(),
		"### cpsync: stopped by an error":                                                         failed(),
		"### cpsync is applying 1 renewal and 1 retrigger":                                        begun,
		"### cpsync applied: 4 done":                                                              finished,
	} {
		_, page, _ := strings.Cut("\n"+string(markdownOf(t, r)), "\n###") // an unfinished page begins with that
		if got, _, _ := strings.Cut("###"+page, "\n"); got != want {
			t.Errorf("heading is %q, want %q", got, want)
		}
	}
}

// The change stands first, what the same merge applies and the rest of the account after it.
func TestThisChangeStandsBeforeTheRest(t *testing.T) {
	t.Parallel()
	page := string(markdownOf(t, reviewed()))
	last := -1
	for _, want := range []string{"### cpsync", "Merging also applies 2 CA orders and 1 edit", "| `img.example.com`", "**removes** `old.pay.example.com`",
		"**manifest removed**", "**Not this change:**", "<details>", "Action required elsewhere (2 certificates)", "Also applied by this merge (2 certificates)"} {
		at := strings.Index(page, want)
		if at <= last {
			t.Errorf("%q stands at %d, what goes before it at %d", want, at, last)
		}
		last = at
	}
	for _, never := range []string{"q003.example.net", "s00.example.org"} {
		if strings.Contains(page, never) {
			t.Errorf("%s needs nothing, and is named", never)
		}
	}
	if strings.Contains(string(markdownOf(t, example())), "this change") {
		t.Error("a plan without a base speaks of a change")
	}
}
