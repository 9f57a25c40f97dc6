package render_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render"
)

// A reader of zone files finds each record that there is to create, once, and no other.
func TestZoneFilesHoldEachRecord(t *testing.T) {
	t.Parallel()
	all := 0
	for name, scenario := range scenarios {
		r := scenario()
		text := string(rendered(t, name, render.Formats["zone"], render.Style{}))
		want, got := map[string]bool{}, map[string]bool{}
		for _, s := range r.Plan.Steps {
			c, asked := r.DCV[s.Want.ID]
			if asked && !strings.Contains(text, "("+s.Want.ID.String()+")") {
				t.Errorf("%s: nothing is said of %s:\n%s", name, s.Want.ID, text)
			}
			if incomplete := c.Err != ""; incomplete && !strings.Contains(text, "NOT COMPLETE") {
				t.Errorf("%s: it does not say what is missing:\n%s", name, text)
			}
			for _, p := range c.Validations {
				for _, record := range p.Records {
					if _, ok := dns.IsDomainName(record.Name); ok && record.Value != "" {
						want[wireOf(t, record)] = true
					}
				}
			}
		}
		zone := dns.NewZoneParser(strings.NewReader(text), "elsewhere.test.", "")
		for rr, ok := zone.Next(); ok; rr, ok = zone.Next() {
			if key := packed(t, rr); got[key] {
				t.Errorf("%s: %s is there twice", name, rr)
			} else {
				got[key] = true
			}
		}
		if err := zone.Err(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-to create +in the file): %s", name, d)
		}
		all += len(got)
	}
	if all < 50 {
		t.Errorf("only %d records in all scenarios", all)
	}
}

// A file that lacks records says so: those of requests that the run did not look at are not known.
func TestZoneFilesSayWhatTheyLack(t *testing.T) {
	t.Parallel()
	r := scenarios["proving"]()
	r.Plan.Steps = append(slices.Clone(r.Plan.Steps), plan.Step{Pair: plan.Pair{Want: spec(70001, "a.yaml"), ListOnly: true}})
	var b strings.Builder
	if err := render.Formats["zone"](&b, r, render.Style{}); err != nil {
		t.Fatal(err)
	}
	if want := "; NOT COMPLETE: 1 certificate was not evaluated; --read-status all"; !strings.Contains(b.String(), want) {
		t.Errorf("it does not say %q:\n%s", want, b.String())
	}
}

// wireOf is a record as a server would send it, made without any text of a zone file.
func wireOf(t *testing.T, r cert.Record) string {
	t.Helper()
	head := dns.RR_Header{Name: dns.Fqdn(r.Name), Class: dns.ClassINET, Ttl: 300}
	if r.Type == "CNAME" {
		head.Rrtype = dns.TypeCNAME
		return packed(t, &dns.CNAME{Hdr: head, Target: dns.Fqdn(r.Value)})
	}
	head.Rrtype = dns.TypeTXT
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	return packed(t, &dns.TXT{Hdr: head, Txt: []string{escape.Replace(r.Value)}})
}

func packed(t *testing.T, rr dns.RR) string {
	t.Helper()
	wire := make([]byte, 1<<17)
	n, err := dns.PackRR(rr, wire, 0, nil, false)
	if err != nil {
		t.Fatalf("%v: %v", rr, err)
	}
	return string(wire[:n])
}
