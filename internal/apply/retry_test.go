package apply_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// refusal is a 401 or 429.
type refusal struct{}

func (refusal) Error() string { return "429" }

func (refusal) Is(target error) bool {
	return target == cert.ErrRetryLater || target == cert.ErrRefused
}

// TestADeniedWriteIsLookedFor: an order that was answered 401 or 429 is sent once more only
// where a reading shows that nothing moved; an edit is no failure where it shows.
func TestADeniedWriteIsLookedFor(t *testing.T) {
	t.Parallel()
	moved := func(l *cert.Live) { l.Modified = now.Add(time.Second) }
	for name, tt := range map[string]struct {
		want    cert.Spec
		call    string
		first   accident
		happens func(*cert.Live) // between the first answer and the reading after it
		second  accident         // what goes wrong with the second attempt
		told    string
	}{
		"it was not applied":             {asks(1, renews), "renew 1", accident{}, nil, accident{}, "done by answer, sent 2"},
		"it was, and shows":              {asks(1, renews), "renew 1", accident{takes: true}, nil, accident{}, "done by reading, sent 1"},
		"it was, and shows in 40 s":      {asks(1, renews), "renew 1", accident{takes: true, shows: 40 * time.Second}, moved, accident{}, "done by reading, sent 1"},
		"something else moved":           {asks(1, renews), "renew 1", accident{}, moved, accident{}, "unknown by answer, sent 1"},
		"denied again":                   {asks(1, renews), "renew 1", accident{}, nil, accident{err: refusal{}}, "failed by answer, sent 2"},
		"denied again, and applied":      {asks(1, renews), "renew 1", accident{}, nil, accident{err: refusal{}, takes: true}, "done by reading, sent 2"},
		"refused then":                   {asks(1, renews), "renew 1", accident{}, nil, accident{err: cert.ErrRefused}, "unknown by answer, sent 2"},
		"not sent then":                  {asks(1, renews), "renew 1", accident{}, nil, accident{err: cert.ErrNotSent}, "failed by answer, sent 1"},
		"names were not changed":         {asks(1, addsC), "patch 1 domains", accident{}, nil, accident{}, "done by answer, sent 2"},
		"names were changed":             {asks(1, addsC), "patch 1 domains", accident{takes: true}, nil, accident{}, "done by reading, sent 1"},
		"a DCV method was changed":       {asks(1, proves), "patch 1 dcv_method", accident{takes: true}, nil, accident{}, "done by reading, sent 1"},
		"an edit was not applied":        {asks(1, describes), "patch 1 description", accident{}, nil, accident{}, "failed by answer, sent 1"},
		"an edit was applied":            {asks(1, describes), "patch 1 description", accident{takes: true}, nil, accident{}, "done by reading, sent 1"},
		"an edit, and somebody moved it": {asks(1, describes), "patch 1 description", accident{}, moved, accident{}, "unknown by answer, sent 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(inService(1))
			p := planned(s, limits, tt.want)
			tt.first.err = refusal{}
			s.breaks[tt.call] = tt.first
			calls := 0
			s.before = func(call string) {
				switch {
				case call == tt.call:
					if calls++; calls == 2 {
						s.breaks[tt.call] = tt.second
					}
				case calls == 1 && tt.happens != nil:
					l := s.live[1]
					tt.happens(&l)
					s.live[1] = l
				}
			}
			_, outcomes := applyPlan(t, s, p, limits)
			o := outcomes[0]
			if got := fmt.Sprintf("%s by %s, sent %d", o.Result, o.By, o.Attempts); got != tt.told {
				t.Errorf("%s (%s), want %s; %q", got, o.Err, tt.told, s.saw)
			}
			if s.again != max(0, calls-1) {
				t.Errorf("%d of %d calls are counted as sent again", s.again, calls)
			}
			if calls > 2 || o.Result == report.Done && o.By == report.Answer && calls != 2 {
				t.Errorf("%d calls", calls)
			}
		})
	}
}
