package render

import "github.com/cpsync/cpsync/internal/report"

// keepers say what keeps a further run from sending again what was answered and does
// not show.
var keepers = []struct {
	is   report.Keeper
	text string
}{
	{report.KeptByNothing, "Answered with success, and no reading shows it, not even by last_modified. The API may show it late. A further run before that would order once more: only a journal prevents it (cpsync help journal)."},
	{report.KeptByPause, "Answered with success, and no reading shows it but by last_modified. The API may show it late. Where it still does not after the order pause, a further run orders once more: only a journal prevents that (cpsync help journal)."},
	{report.KeptByJournal, "Answered with success, and no reading shows it. The API may show it late. Until then the journal keeps a further run from sending it again."},
}

// notConfirmed names the orders that were answered and do not show: the next run can't see
// them either.
func (p *page) notConfirmed(r report.Report) {
	for _, k := range keepers {
		all := r.KeptBy(k.is)
		if len(all) == 0 {
			continue
		}
		p.blank()
		p.line(2, "not visible yet:")
		p.operations(all)
		p.line(4, k.text)
	}
}
