package text

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// List writes a fleet as a table, one line a request. A line is never broken, so that it
// can be searched; tags that would make lines too long are left out.
func List(w io.Writer, l report.Listing, s layout.Style) error {
	p := newPage(s)
	rows := words.Each(l.Steps, func(s plan.Step) words.Row { return words.RowOf(l, s) })
	if len(rows) > 0 {
		p.table(listTable(rows, l.Edges != nil, p.Style.Width))
	}
	p.Clause(listEnd(l))
	return p.Flush(w)
}

// listTable is the head and the rows.
func listTable(rows []words.Row, served bool, width int) [][]string {
	table := [][]string{{"EXPIRES", "DAYS", "NAME", "ID", "STATE", "RENEWED BY"}}
	if served {
		table[0] = append(table[0], "SERVED")
	}
	keys := map[string]bool{}
	for _, r := range rows {
		cells := []string{r.Expires, r.Days, r.Name, r.ID, r.State, r.RenewedBy, r.Served}
		table = append(table, words.Each(cells[:len(table[0])], orDash))
		for key := range r.Tags {
			keys[key] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		column := []string{strings.ToUpper(words.Clean(key))}
		for _, r := range rows {
			column = append(column, orDash(words.Clean(r.Tags[key])))
		}
		wider := make([][]string, len(table))
		for i := range table {
			wider[i] = append(slices.Clone(table[i]), column[i])
		}
		if total(widths(wider)) > width {
			return table
		}
		table = wider
	}
	return table
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

const (
	gap         = 2 // between two columns
	daysColumn  = 1 // holds numbers, which end below each other
	stateColumn = 4 // stands out where it is an alarm
)

func widths(table [][]string) []int {
	all := make([]int, len(table[0]))
	for _, row := range table {
		for i, cell := range row {
			all[i] = max(all[i], layout.Columns(cell))
		}
	}
	return all
}

func total(widths []int) int {
	n := gap * (len(widths) - 1)
	for _, w := range widths {
		n += w
	}
	return n
}

// table writes rows under each other.
func (p *page) table(table [][]string) {
	all := widths(table)
	for i, row := range table {
		var line strings.Builder
		for j, cell := range row {
			fill := strings.Repeat(" ", all[j]-layout.Columns(cell))
			switch {
			case j == daysColumn:
				line.WriteString(fill + cell)
			case j == stateColumn && i > 0:
				line.WriteString(p.Paint(layout.Alarm, cell) + fill)
			default:
				line.WriteString(cell + fill)
			}
			if j+1 < len(row) {
				line.WriteString(strings.Repeat(" ", gap))
			}
		}
		text := strings.TrimRight(line.String(), " ")
		if i == 0 {
			text = p.Paint(layout.Bold, text)
		}
		p.Put(text)
	}
}

// listEnd counts what is shown, and what it cost.
func listEnd(l report.Listing) string {
	text := fmt.Sprintf("%d of %d shown", len(l.Steps), l.Total)
	if len(l.Chosen) > 0 {
		text += " (" + strings.Join(l.Chosen, " ") + ")"
	}
	if len(l.Managed) == 0 {
		text += ", no manifests were read"
	}
	if l.Unmanaged != nil && *l.Unmanaged > 0 {
		text += fmt.Sprintf(", %d unmanaged", *l.Unmanaged)
	}
	return text + ". " + words.Plural(l.Requests.Reads, "read", "reads")
}
