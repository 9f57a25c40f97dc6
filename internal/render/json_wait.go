package render

import (
	"time"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

type jsonWait struct {
	Ended      string       `json:"ended"`
	State      string       `json:"state"`
	Phase      *string      `json:"phase"` // null: never read
	At         *time.Time   `json:"at"`    // of the last reading
	Expires    *time.Time   `json:"expires"`
	Thumbprint *string      `json:"thumbprint"`
	Do         string       `json:"do"`
	Undone     []jsonChange `json:"undone"`
	Readings   int          `json:"readings"`
	Error      *string      `json:"error"`
}

// wait is nil for a request that was not followed.
func wait(r report.Report, s plan.Step) *jsonWait {
	w, followed := r.Wait(s.Want.ID)
	if !followed {
		return nil
	}
	j := &jsonWait{Ended: w.Ended.String(), State: w.State, At: instant(w.At), Do: w.Do,
		Undone: each(w.Undone, change), Readings: w.Reads, Error: orNull(w.Err)}
	if !w.At.IsZero() {
		phase := w.Phase.String()
		j.Phase, j.Expires, j.Thumbprint = &phase, instant(w.Have.Expires), orNull(w.Have.Thumbprint)
	}
	return j
}
