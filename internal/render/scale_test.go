package render_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/render/jsonplan"
	"github.com/cpsync/cpsync/internal/render/markdown"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/report"
)

// large is a fleet of ten lots in which everything that can go wrong does, often. What ends
// soon is a lot of sixty.
func large(lot int) report.Report {
	var pairs []plan.Pair
	add := func(n int, make func(id cert.ID, file, host string) plan.Pair) {
		for range n {
			id := cert.ID(100000 + len(pairs))
			pairs = append(pairs, make(id, fmt.Sprintf("certs/c%d.yaml", id), fmt.Sprintf("c%d.example.com", id)))
		}
	}
	add(60, func(id cert.ID, file, host string) plan.Pair {
		return pair(spec(id, file), live(id, "2026-12-04", host))
	})
	add(lot, func(id cert.ID, file, _ string) plan.Pair { return plan.Pair{Want: spec(id, file)} })
	add(lot, func(id cert.ID, file, host string) plan.Pair {
		want := spec(id, file)
		want.Expect.ValidationType = cert.Some(cert.EV)
		return pair(want, live(id, "2027-05-01", host))
	})
	add(lot, func(id cert.ID, file, host string) plan.Pair {
		want := spec(id, file)
		want.Policy.RenewBefore = cert.Some(37 * day)
		return pair(want, live(id, "2026-12-28", host))
	})
	add(lot, func(id cert.ID, file, host string) plan.Pair {
		want := spec(id, file)
		want.Domains = domains(host, "api."+host)
		return pair(want, live(id, "2027-04-01", host))
	})
	add(lot, func(id cert.ID, file, host string) plan.Pair {
		want := spec(id, file)
		want.Description = cert.Some("new")
		return pair(want, live(id, "2027-04-01", host))
	})
	add(lot, func(id cert.ID, file, host string) plan.Pair {
		want := spec(id, file)
		want.Domains = domains(host, "api."+host)
		have := live(id, "2027-04-01", host)
		have.Order = cert.OrderPendingRenewal
		return pair(want, have)
	})
	add(10*lot-len(pairs), func(id cert.ID, file, host string) plan.Pair {
		return pair(spec(id, file), live(id, "2027-05-01", host))
	})
	return of(pairs, strangers(lot), true)
}

func laidOut(t *testing.T, r report.Report, s render.Style) string {
	t.Helper()
	var b bytes.Buffer
	if err := text.Plan(&b, r, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestAFleetIsReadable: what is long is folded with a count of what is left out, what an
// apply orders and what ends soon is named all the same, and -v folds nothing.
func TestAFleetIsReadable(t *testing.T) {
	t.Parallel()
	r := large(100)
	short, full := laidOut(t, r, render.Style{}), laidOut(t, r, render.Style{Verbose: true})
	for _, line := range []string{
		"  100 certificates could not be planned\n",
		"  60 certificates expire within 30 days, nothing will renew them\n",
		"    c100059.example.com (100059)  12 days (2026-12-04)    certs/c100059.yaml:6\n", // the sixtieth
		"    and 50 more (-v)\n",
		"  and 100 more certificates with edits (-v)\n",
	} {
		if !strings.Contains(short, line) {
			t.Errorf("missing: %q", line)
		}
	}
	if lines := strings.Count(short, "\n"); lines > 1000 {
		t.Errorf("%d lines", lines)
	}
	for _, s := range r.Plan.Steps {
		if !strings.Contains(full, "("+s.Want.ID.String()+")") && s.Fault == nil {
			t.Fatalf("-v leaves out %s", s.Want.ID)
		}
		if s.Alarms() && !strings.Contains(short, "("+s.Want.ID.String()+")") {
			t.Errorf("%s ends soon and is left out", s.Want.ID)
		}
	}
	if strings.Contains(full, "more (-v)") {
		t.Error("-v folds")
	}
}

// TestRecordsOfAFleetAreCounted: those of ten certificates are shown, and -v shows all.
func TestRecordsOfAFleetAreCounted(t *testing.T) {
	t.Parallel()
	r := provingMany(60)
	short, full := laidOut(t, r, render.Style{}), laidOut(t, r, render.Style{Verbose: true})
	if n := strings.Count(short, "  TXT    "); n != 20 {
		t.Errorf("%d records are shown", n)
	}
	if n := strings.Count(short, "2 DNS records to create (-v)\n"); n != 50 {
		t.Errorf("%d certificates count their records", n)
	}
	if n := strings.Count(full, "  TXT    "); n != 120 {
		t.Errorf("-v shows %d records", n)
	}
}

// TestEveryOrderOfAnApplyIsNamed, however many a limit lets through.
func TestEveryOrderOfAnApplyIsNamed(t *testing.T) {
	t.Parallel()
	r := large(100)
	r.Plan.Limits.DomainChanges.Limit, r.Plan.Limits.Edits.Limit = 10000, 10000
	short := laidOut(t, r, render.Style{})
	for _, s := range view.In(r.Plan, view.Orders) {
		if !strings.Contains(short, "("+s.Want.ID.String()+")") {
			t.Fatalf("the order of %s is left out", s.Want.ID)
		}
	}
}

// TestMarkdownOfAFleetFits, whatever there is to say.
func TestMarkdownOfAFleetFits(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := markdown.Report(&b, large(100)); err != nil || b.Len() > 60_000 {
		t.Errorf("%d bytes, %v", b.Len(), err)
	}
	if !strings.Contains(b.String(), "60 certificates expire within 30 days") {
		t.Error("what ends soon is not said")
	}
}

// counter counts what is written, and how large the largest piece is.
type counter struct{ all, largest int }

func (c *counter) Write(p []byte) (int, error) {
	c.all, c.largest = c.all+len(p), max(c.largest, len(p))
	return len(p), nil
}

// TestJSONIsNeverInMemoryWhole: it goes out piece by piece, and is broken by none.
func TestJSONIsNeverInMemoryWhole(t *testing.T) {
	t.Parallel()
	var c counter
	r := large(100)
	r.Plan.Unmanaged = nil
	if err := jsonplan.Report(&c, r); err != nil {
		t.Fatal(err)
	}
	if c.largest*10 > c.all {
		t.Errorf("%d of %d bytes in one piece", c.largest, c.all)
	}
}

func BenchmarkRender10000(b *testing.B) {
	r := large(1000)
	for _, format := range render.Names() {
		b.Run(format, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := render.Formats[format](io.Discard, r, render.Style{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
