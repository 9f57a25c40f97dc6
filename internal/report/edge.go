package report

import (
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Edges is what --check-edge saw, by request; nil where nobody looked.
type Edges map[cert.ID]plan.Served

// Wrong counts the certificates that the CDN serves wrongly, so that a person must act.
func (e Edges) Wrong() int {
	n := 0
	for _, served := range e {
		if served.Wrong {
			n++
		}
	}
	return n
}
