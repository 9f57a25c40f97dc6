package words

import (
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
)

// Differing says what a merge also applies, as far as the list shows it; "" for nothing.
func Differing(p plan.Plan) string {
	n := len(view.ListedOf(p).Differing)
	if n == 0 {
		return ""
	}
	return "what differs in " + Plural(n, "other certificate", "other certificates") + " (not evaluated; --read-status all)"
}
