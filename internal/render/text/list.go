package text

import (
	"cmp"
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

const (
	gap         = 2 // between two columns
	daysColumn  = 1 // holds numbers, which end below each other
	stateColumn = 4 // stands out where it is an alarm
)

// column is a column of a table: its head, and a cell for each row.
type column struct {
	cells []string
	width int
}

func columnOf(head string, rows []words.Row, cell func(words.Row) string) column {
	c := column{[]string{head}, layout.Columns(head)}
	for _, r := range rows {
		text := cmp.Or(cell(r), "-")
		c.cells, c.width = append(c.cells, text), max(c.width, layout.Columns(text))
	}
	return c
}

// List writes a fleet as a table, one line a request. A line is never broken, so that it
// can be searched; tags that would make lines too long are left out.
func List(w io.Writer, l report.Listing, s layout.Style) error {
	p := newPage(s)
	rows := words.Each(l.Steps, func(s plan.Step) words.Row { return words.RowOf(l, s) })
	heads := []string{"EXPIRES", "DAYS", "NAME", "ID", "STATE", "RENEWED BY", "SERVED"}
	if l.Edges == nil {
		heads = heads[:len(heads)-1]
	}
	var table []column
	width := -gap
	for i, head := range heads {
		c := columnOf(head, rows, func(r words.Row) string {
			return []string{r.Expires, r.Days, r.Name, r.ID, r.State, r.RenewedBy, r.Served}[i]
		})
		table, width = append(table, c), width+gap+c.width
	}
	tags := map[string]string{}
	for _, r := range rows {
		maps.Copy(tags, r.Tags)
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		c := columnOf(strings.ToUpper(words.Clean(key)), rows, func(r words.Row) string { return words.Clean(r.Tags[key]) })
		if width += gap + c.width; width > p.Style.Width {
			break
		}
		table = append(table, c)
	}
	if len(rows) > 0 {
		p.table(table)
	}
	p.Clause(listEnd(l))
	return p.Flush(w)
}

func (p *page) table(table []column) {
	for i := range table[0].cells {
		line := ""
		for j, c := range table {
			cell, fill := c.cells[i], strings.Repeat(" ", c.width-layout.Columns(c.cells[i]))
			switch {
			case j == daysColumn:
				cell, fill = fill+cell, ""
			case j == stateColumn && i > 0:
				cell = p.Paint(layout.Alarm, cell)
			}
			line += cell + fill + strings.Repeat(" ", gap)
		}
		line = strings.TrimRight(line, " ")
		if i == 0 {
			line = p.Paint(layout.Bold, line)
		}
		p.Put(line)
	}
}

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
	return text + ". " + words.Plural(l.Requests.Reads, "read")
}
