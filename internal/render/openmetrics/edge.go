package openmetrics

import (
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// edgeMetrics are about what the CDN serves; none where nobody looked.
func edgeMetrics(r report.Report) []family {
	if r.Edges == nil {
		return nil
	}
	return []family{
		perStep(r.Plan, "cpsync_edge_served", "",
			"Whether the certificate of the API is served, at the CDN hosts and to visitors; absent where nothing was seen, or the manifest accepts it.",
			func(s plan.Step) []sample { return edgeSamples(r.Edges[s.Want.ID], isServed) }),
		perStep(r.Plan, "cpsync_edge_expiry_timestamp_seconds", "seconds",
			"When the certificate on the wire expires, the first of several.",
			func(s plan.Step) []sample { return edgeSamples(r.Edges[s.Want.ID], firstExpiry) }),
	}
}

// edgeSamples are a sample for the CDN hosts and one for visitors, where there is a value.
func edgeSamples(v plan.Served, value func(plan.Served, []cert.EdgeLook) (int64, bool)) (all []sample) {
	for _, at := range []string{"cdn", "visitor"} {
		var looks []cert.EdgeLook
		for _, l := range v.Looks {
			if l.Visitor == (at == "visitor") && l.Finding != cert.EdgeNotChecked {
				looks = append(looks, l)
			}
		}
		if n, known := value(v, looks); known {
			all = append(all, sample{[]Label{{"at", at}}, n})
		}
	}
	return all
}

func isServed(v plan.Served, looks []cert.EdgeLook) (n int64, known bool) {
	n = 1
	for _, l := range looks {
		if !v.Accepts(l) {
			n, known = min(n, yes(l.Finding == cert.EdgeServed)), true
		}
	}
	return n, known
}

func firstExpiry(_ plan.Served, looks []cert.EdgeLook) (n int64, known bool) {
	for _, l := range looks {
		if l.Leaf != nil && (!known || l.Leaf.Expires.Unix() < n) {
			n, known = l.Leaf.Expires.Unix(), true
		}
	}
	return n, known
}
