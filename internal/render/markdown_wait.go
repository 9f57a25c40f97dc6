package render

import (
	"github.com/cpsync/cpsync/internal/report"
)

// waited are a table for each way in which the following of requests ended.
func (s sheet) waited() []part {
	var parts []part
	for _, how := range report.WaitEnds() {
		cut := cutOrders
		if how == report.InService {
			cut = cutDone
		}
		parts = append(parts, part{title: "Waited: " + waitWord(how), rank: cut,
			head: columnsOf("Certificate", "Now", "Do"), one: "certificate", many: "certificates",
			entries: each(s.Waited(how), waitRow)})
	}
	return parts
}

func waitRow(w report.Wait) string {
	return cells(called(w.Step)+" "+placed(w.Step), prose(standing(w, read(w))), prose(w.Do))
}
