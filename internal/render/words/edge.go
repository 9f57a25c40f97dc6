package words

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// edgeFindings are the findings: for a table, and before the reason or the certificate served.
var edgeFindings = [...]struct {
	cell, clause string
	leaf         bool
}{
	cert.EdgeExpired:    {"EXPIRED", "EXPIRED on the wire: ", true},
	cert.EdgeNotCovered: {"not covered", "domain not covered: ", true},
	cert.EdgeOther:      {"another", "another certificate: ", true},
	cert.EdgeUntrusted:  {"not trusted", "served, but its chain is not trusted: ", false},
	cert.EdgeElsewhere:  {"DNS elsewhere", "DNS points elsewhere: ", true},
	cert.EdgeNoAnswer:   {"no answer", "no answer: ", false},
	cert.EdgeServed:     {"served", "served, as far as its expiry tells: ", true},
	cert.EdgeNotChecked: {"not checked", "not checked: ", false},
}

// EdgeCell is what was seen of a certificate in a word or two; "" where nobody looked.
func EdgeCell(all report.Edges, s plan.Step) string {
	v, looked := all[s.Want.ID]
	switch {
	case !looked:
		return ""
	case v.AllAccepted():
		return "accepted"
	case !v.Do.None() && v.Next == plan.CDN:
		return "deploying"
	default:
		return edgeFindings[v.Worst.Finding].cell
	}
}

// EdgeRows says what the API says and what each host serves; the same of several domains is said once.
func EdgeRows(s plan.Step, v plan.Served) []Fact {
	api := "expires " + s.Have.Expires.UTC().Format(plan.Date)
	switch {
	case s.Have.Thumbprint == "":
		api += ", no thumbprint (expiry and domains decide)"
	case !v.ByThumbprint:
		api += ", thumbprint " + s.Have.Thumbprint + " (not compared: expiry and domains decide)"
	default:
		api += ", thumbprint " + s.Have.Thumbprint
	}
	rows := []Fact{{"API", api}}
	sameLook := func(a, b cert.EdgeLook) bool { // they differ in their domain alone
		return a.At == b.At && a.Visitor == b.Visitor && a.Finding == b.Finding && a.Why == b.Why &&
			(a.Leaf == b.Leaf || a.Leaf != nil && b.Leaf != nil && *a.Leaf == *b.Leaf)
	}
	for _, same := range Gather(v.Looks, sameLook) {
		l, where := same[0], "CDN host"
		var parts []string
		if l.Visitor {
			where = "visitors"
		} else if l.At.Region != "" {
			parts = append(parts, EdgeHost(l.At))
		}
		names := Each(same, func(l cert.EdgeLook) string { return cert.DisplayName(l.Domain) })
		if l.Domain != "" {
			parts = append(parts, strings.Join(Few(names, 5), ", "))
		}
		rows = append(rows, Fact{where, strings.Join(append(parts, edgeFinding(l, v.ByThumbprint)), ": ")})
	}
	return rows
}

func edgeFinding(l cert.EdgeLook, byThumbprint bool) string {
	if l.Finding == cert.EdgeServed && byThumbprint {
		return "served, seen from here"
	}
	if finding := edgeFindings[l.Finding]; !finding.leaf {
		return finding.clause + l.Why
	}
	issuer, _ := Shorten(l.Leaf.Issuer, mostLetters)
	text := edgeFindings[l.Finding].clause + "expires " + l.Leaf.Expires.Format(plan.Date) + ", issuer " + Quote(issuer) +
		", thumbprint " + l.Leaf.Thumbprint
	if l.Leaf.Earlier {
		text += ", the one before"
	}
	return text
}

// EdgeAction says what a person does about what was seen, or who else acts; "" where nobody has to.
func EdgeAction(v plan.Served) string {
	if v.Do.None() || v.Next == plan.Person {
		return v.Do.String()
	}
	return "none: " + Actors[v.Next] + " acts, " + v.Do.String()
}

// EdgeCounts counts certificates by what was seen of them: "11 served, 1 deploying".
func EdgeCounts(all report.Edges, steps []plan.Step) string {
	n := map[string]int{}
	for _, s := range steps {
		if cell := EdgeCell(all, s); cell != "" {
			n[cell]++
		}
	}
	return strings.Join(Each(slices.Sorted(maps.Keys(n)), func(cell string) string { return number(n[cell], cell) }), ", ")
}

// Unserved are the certificates of which somebody has to act on what is served, the most urgent first.
func Unserved(all report.Edges, steps []plan.Step) (some []plan.Step) {
	for _, s := range steps {
		if !all[s.Want.ID].Do.None() {
			some = append(some, s)
		}
	}
	slices.SortStableFunc(some, func(a, b plan.Step) int {
		return cmp.Compare(all[a.Want.ID].Worst.Finding, all[b.Want.ID].Worst.Finding)
	})
	return some
}

// EdgeSeen says what is most urgent of what was seen, and where.
func EdgeSeen(v plan.Served) string {
	where := "visitors"
	if !v.Worst.Visitor {
		where = EdgeHost(v.Worst.At)
	}
	return where + ": " + cert.DisplayName(v.Worst.Domain) + ": " + edgeFinding(v.Worst, v.ByThumbprint)
}

// Modified says when a request was last modified, and by whom where the API says so.
func Modified(have cert.Live) string {
	text := have.Modified.UTC().Format(plan.Minute)
	if have.ModifiedBy == "" {
		return text + "; the API does not say by whom"
	}
	return text + " by " + have.ModifiedBy
}

// EdgeHost is where the CDN serves a certificate: the host first, which is what a CNAME points to.
func EdgeHost(d cert.EdgeHost) string {
	return cmp.Or(d.Host, "no host yet") + " (" + d.Region + ", " + d.Platform + ")"
}
