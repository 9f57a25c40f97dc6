package render

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// How many names a cell holds. Those that are taken off are worth more room: a name
// that goes is a site that ends.
const (
	mostAdded   = 10
	mostRemoved = 50
)

// changed is one change in a cell.
func changed(c diff.Change) string {
	field := span(c.Edit.String())
	switch {
	case c.Edit == cert.EditDomains:
		return namesChanged(c)
	case isLong(c.From, c.To) && !alike(c.From, c.To):
		return field + ": " + code(newPage(Style{}).within(c.From, c.To))
	default:
		from, to := fromTo(c)
		return field + " " + code(from) + " → " + code(to)
	}
}

// namesChanged says which names go, which come, and whether the common name moves.
func namesChanged(c diff.Change) string {
	var parts []string
	if len(c.Remove) > 0 {
		parts = append(parts, "**takes off** "+list(c.Remove, mostRemoved))
	}
	if len(c.Add) > 0 {
		parts = append(parts, "adds "+list(c.Add, mostAdded))
	}
	if c.CommonFrom != c.CommonTo {
		parts = append(parts, "common name "+code(commonFrom(c))+" → "+code(cert.DisplayName(c.CommonTo)))
	}
	return fmt.Sprintf("%s (%d → %s)", strings.Join(parts, "; "), len(c.Before), plural(len(c.After()), "name", "names"))
}

// list writes names, and how many there are beyond the most it may write.
func list(names []string, most int) string {
	rest := len(names) - most
	if rest > 0 {
		names = names[:most]
	}
	shown := each(names, func(n string) string { return code(cert.DisplayName(n)) })
	if rest > 0 {
		shown = append(shown, fmt.Sprintf("and %d more", rest))
	}
	return strings.Join(shown, ", ")
}
