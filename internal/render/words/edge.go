package words

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// edgeCells are the findings in a word or two, for a table.
var edgeCells = [...]string{
	cert.EdgeExpired: "EXPIRED", cert.EdgeNotCovered: "not covered", cert.EdgeOther: "another", cert.EdgeUntrusted: "not trusted",
	cert.EdgeElsewhere: "DNS elsewhere", cert.EdgeNoAnswer: "no answer", cert.EdgeServed: "served", cert.EdgeNotChecked: "not checked",
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
		return edgeCells[v.Worst.Finding]
	}
}

// EdgeRow is what one host serves for some domains.
type EdgeRow struct{ Where, Text string }

// EdgeRows says what the API says and what is served, host by host; the same of several
// domains is said once.
func EdgeRows(s plan.Step, v plan.Served) []EdgeRow {
	api := "expires " + s.Have.Expires.UTC().Format(plan.Date)
	if s.Have.Thumbprint != "" {
		api += ", thumbprint " + s.Have.Thumbprint
	}
	if !v.ByThumbprint {
		api += " (not compared: expiry and domains decide)"
	}
	rows := []EdgeRow{{"API", api}}
	for _, same := range sameLooks(v.Looks) {
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
		rows = append(rows, EdgeRow{where, strings.Join(append(parts, EdgeFinding(l, v.ByThumbprint)), ": ")})
	}
	return rows
}

// sameLooks are the looks that differ in their domain alone, together.
func sameLooks(all []cert.EdgeLook) (groups [][]cert.EdgeLook) {
	for _, l := range all {
		i := slices.IndexFunc(groups, func(g []cert.EdgeLook) bool {
			o := g[0]
			return o.At == l.At && o.Visitor == l.Visitor && o.Finding == l.Finding && o.Why == l.Why &&
				(o.Leaf == l.Leaf || o.Leaf != nil && l.Leaf != nil && *o.Leaf == *l.Leaf)
		})
		if i < 0 {
			groups = append(groups, nil)
			i = len(groups) - 1
		}
		groups[i] = append(groups[i], l)
	}
	return groups
}

// EdgeFinding says what was seen in one handshake.
func EdgeFinding(l cert.EdgeLook, byThumbprint bool) string {
	switch l.Finding {
	case cert.EdgeServed:
		if byThumbprint {
			return "served, seen from here"
		}
		return "served, as far as its expiry tells: " + edgeLeaf(l.Leaf)
	case cert.EdgeOther:
		return "another certificate: " + edgeLeaf(l.Leaf)
	case cert.EdgeExpired:
		return "EXPIRED on the wire: " + edgeLeaf(l.Leaf)
	case cert.EdgeNotCovered:
		return "domain not covered: " + edgeLeaf(l.Leaf)
	case cert.EdgeUntrusted:
		return "served, but its chain is not trusted: " + l.Why
	case cert.EdgeElsewhere:
		return "DNS points elsewhere: " + edgeLeaf(l.Leaf)
	case cert.EdgeNoAnswer:
		return "no answer: " + l.Why
	default:
		return "not checked: " + l.Why
	}
}

// edgeLeaf is the certificate that was served.
func edgeLeaf(l *cert.EdgeLeaf) string {
	issuer, _ := Shorten(l.Issuer, mostLetters)
	text := "expires " + l.Expires.Format(plan.Date) + ", issuer " + Quote(issuer) + ", thumbprint " + l.Thumbprint
	if l.Earlier {
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
	return strings.Join(Each(slices.Sorted(maps.Keys(n)), func(cell string) string { return fmt.Sprintf("%d %s", n[cell], cell) }), ", ")
}

// Unserved are the certificates of which somebody has to act on what is served, the most
// urgent first.
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
	return where + ": " + cert.DisplayName(v.Worst.Domain) + ": " + EdgeFinding(v.Worst, v.ByThumbprint)
}

// Modified says when a request was last modified, and by whom where the API says so.
func Modified(have cert.Live) string {
	text := have.Modified.UTC().Format(plan.Minute)
	if have.ModifiedBy != "" {
		return text + " by " + have.ModifiedBy
	}
	return text + "; the API does not say by whom"
}

// EdgeHost is where the CDN serves a certificate: the host first, which is what a CNAME
// points to.
func EdgeHost(d cert.EdgeHost) string {
	return cmp.Or(d.Host, "no host yet") + " (" + d.Region + ", " + d.Platform + ")"
}
