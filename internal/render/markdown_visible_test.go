package render_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// mostVisible is how many bytes of a comment are visible, where a change touches two
// certificates.
const mostVisible = 3000

var inFold = regexp.MustCompile(`(?s)</summary>.*?\n</details>`)

// visible is a page with its folds closed.
func visible(page []byte) string { return inFold.ReplaceAllString(string(page), "") }

// change is a change of two certificates: each adds and removes five domains between them,
// and replaces a text of 200 characters.
func change(word string) []plan.Pair {
	first := pair(spec(50001, "certs/web/first.yaml"), live(50001, "2027-03-01", "first.example.com"))
	first.Want.Domains = domains(append([]string{"first.example.com"}, numbered(5, "shop%d.first.example.com")...)...)
	second := pair(spec(50002, "certs/web/second.yaml"), live(50002, "2027-03-02", append([]string{"second.example.com"}, numbered(5, "shop%d.second.example.com")...)...))
	second.Want.Domains = domains("second.example.com")
	second.Want.Policy.RemoveDomains = numbered(5, "shop%d.second.example.com")
	pairs := []plan.Pair{first, second}
	for i := range pairs {
		pairs[i].Have.Description = strings.Repeat(word+" ", 200)[:200]
		pairs[i].Want.Description = cert.Some(strings.Repeat("new ", 50))
	}
	return pairs
}

// fleet adds certificates to a change, 300 in all, and lets an account become of them.
func fleet(become func(i int, p *plan.Pair)) []plan.Pair {
	others := quiet(298, 0)
	for i := range others {
		become(i, &others[i])
	}
	return append(change("old"), others...)
}

func compared(r report.Report) report.Report {
	touched := map[cert.ID]bool{50001: true, 50002: true}
	r.Base, r.Reviewed = &report.Base{Revision: "HEAD^1", Touched: touched}, touched
	return r
}

func plain(int, *plan.Pair) {}

func unrenewed(days int) func(int, *plan.Pair) {
	return func(i int, p *plan.Pair) {
		if i < 100 {
			p.Have.AutoRenew, p.Have.Expires = false, now.Add(time.Duration(days-i%5)*day)
		}
	}
}

func edited(_ int, p *plan.Pair) { p.Want.Description = cert.Some("of an earlier commit") }

// renamed gives every certificate, those of the change included, a name of 600 characters.
func renamed(text string) []plan.Pair {
	pairs := fleet(unrenewed(5))
	for i := range pairs {
		p := &pairs[i]
		name := (text + strings.Repeat("x", 600))[:600]
		p.Have.Common, p.Have.Label, p.Want.Name, p.Have.ModifiedBy = "", name, name, name
		p.Want.At[""] = cert.Pos{File: name, Line: 1}
		p.Want.At["metadata.id"] = cert.Pos{File: name, Line: 6}
	}
	return pairs
}

// accounts are what the two certificates of a change may be among.
var accounts = map[string]func() report.Report{
	"nothing else": func() report.Report { return of(fleet(plain), nil, true) },
	"60 action required": func() report.Report {
		return of(fleet(func(i int, p *plan.Pair) {
			if i < 60 {
				p.Have.RequiresAttention, p.Have.ErrorMessage = true, fmt.Sprintf("organization %d is not validated", i)
			}
		}), strangers(30), true)
	},
	"limits exceeded": func() report.Report {
		o := options()
		o.MaxEdits, o.MaxDomainChanges = 50, 1
		return under(o, fleet(edited), nil, true)
	},
	"100 expired":   func() report.Report { return of(fleet(unrenewed(-3)), strangers(3), true) },
	"long labels":   func() report.Report { return of(renamed("l"), nil, true) },
	"hostile names": func() report.Report { return of(renamed(vile), nil, true) },
	"withheld changes": func() report.Report {
		pairs := fleet(func(i int, p *plan.Pair) {
			p.Have.Order, p.Want.Domains = cert.OrderPendingRenewal, domains(p.Have.Common, "www."+p.Have.Common)
		})
		pairs[0].Have.Order, pairs[1].Have.Modified = cert.OrderReissueRejected, now.Add(-time.Hour)
		return of(pairs, nil, true)
	},
	"removed manifests": func() report.Report {
		r := compared(of(fleet(plain), nil, true))
		for i := range cert.ID(40) {
			r.Base.Gone = append(r.Base.Gone, report.Gone{ID: 60000 + i, Name: "gone", Label: fmt.Sprintf("gone%d.example.com", i),
				Known: true, Expires: date("2027-01-01")})
		}
		return r
	},
	"errors": func() report.Report {
		return of(fleet(func(i int, p *plan.Pair) {
			if i < 60 {
				p.Err = cert.ErrUnauthorized
			}
		}), nil, true)
	},
	"notes": func() report.Report {
		return of(fleet(func(_ int, p *plan.Pair) { p.Want.Policy.RenewBefore = cert.Some(60 * day) }), nil, true)
	},
}

// TestTheVisiblePartIsShort: two changed certificates of 300 take less than 3,000 bytes,
// whatever the account looks like, and stand before the rest.
func TestTheVisiblePartIsShort(t *testing.T) {
	t.Parallel()
	for name, account := range accounts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := account()
			if r.Base == nil {
				r = compared(r)
			}
			page := markdownOf(t, r)
			judge(t, page)
			seen := visible(page)
			if len(seen) >= mostVisible {
				t.Errorf("%d bytes are visible:\n%s", len(seen), seen)
			}
			table := strings.Index(seen, "| Certificate | Change | Effect |")
			if table < 0 || table > 600 || strings.Contains(seen, "**Not this change:**") && strings.Index(seen, "**Not this change:**") < table {
				t.Errorf("the change stands at %d:\n%s", table, seen)
			}
			for _, want := range slices.Concat([]string{"(50001)", "(50002)"}, numbered(5, "`shop%d.second.example.com`")) {
				if !strings.Contains(seen, want) {
					t.Errorf("%s is not visible", want)
				}
			}
			if n := r.PendingOperations(); n.Edits > 0 && !strings.Contains(seen, fmt.Sprintf("Merging also applies %d edit", n.Edits)) {
				t.Errorf("that the merge also applies %d edits is not visible", n.Edits)
			}
			for _, l := range []plan.Limit{r.Plan.Limits.Edits, r.Plan.Limits.DomainChanges} {
				if refused := fmt.Sprintf(", limit %d** (input `max-", l.Limit); strings.Contains(seen, refused) != l.Exceeded() {
					t.Errorf("limit %d of %d: %s", l.Count, l.Limit, refused)
				}
			}
		})
	}
}

// TestTheVisibleOutcomeIsShort: so do their outcomes, whatever else the apply did.
func TestTheVisibleOutcomeIsShort(t *testing.T) {
	t.Parallel()
	for name, become := range map[string]func(o *report.Outcome){
		"done": func(*report.Outcome) {},
		"not started": func(o *report.Outcome) {
			o.Result, o.Err = report.NotStarted, "it is unknown whether an order before it was placed"
		},
		"failed": func(o *report.Outcome) {
			o.Result, o.Err = report.Failed, fmt.Sprintf("PATCH request %s: 400 Bad Request: %s", o.Step.Want.ID, strings.Repeat("no ", 200))
		},
		"unknown": func(o *report.Outcome) {
			o.Result, o.Err, o.Reads, o.Until = report.Unknown, "no answer within 30s", 5, o.Sent.Add(time.Minute)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options()
			o.MaxEdits = 400
			r := finished(compared(under(o, fleet(edited), nil, true)), func(o *report.Outcome) {
				if o.Step.Want.ID < 50000 {
					become(o)
				}
			})
			page := markdownOf(t, r)
			judge(t, page)
			seen := visible(page)
			if len(seen) >= mostVisible {
				t.Errorf("%d bytes are visible:\n%s", len(seen), seen)
			}
			for _, want := range []string{"(50001)", "(50002)", "298 edits"} {
				if name != "failed" && name != "unknown" && !strings.Contains(seen, want) {
					t.Errorf("%s is not visible:\n%s", want, seen)
				}
			}
			if strings.Contains(seen, "Not this change") || strings.Count(seen, "\n#") > 0 {
				t.Errorf("there is more than the results:\n%s", seen)
			}
		})
	}
}
