package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
)

// TestNothingIsSaidOfAnEditThatIsHeldBack by a limit, or for lack of an approval, as if it went out.
func TestNothingIsSaidOfAnEditThatIsHeldBack(t *testing.T) {
	t.Parallel()
	awaiting := inService(timedOut, func(l *cert.Live) { l.SetDomains(names(cert.DomainAwaitingCertificateAuthority, "a.example.com")) })
	edits := both(description("new"), method(cert.Email))
	for name, c := range map[string]struct {
		want       cert.Spec
		have       cert.Live
		goes       string // what is said where the edit goes out
		held       string // in place of that
		renewsByIt RenewalKind
	}{
		"auto_renew is switched on late": {asks(edits, autoRenew(true)), inService(endsIn(17 * day)),
			"this run switches auto_renew on", "the edit that switches it on is not sent", RenewalNone},
		"the DCV method changes": {asks(edits), awaiting,
			"apply this plan, which changes the DCV method", "", RenewalNotIssued},
		"a renewal waits for auto_renew to be off": {asks(edits, autoRenew(false), renewBefore(30*day)), inService(endsIn(12*day), autoRenews),
			"this run switches auto_renew off", "the edit that switches it off is not sent: ", RenewalWithheld},
	} {
		for _, how := range []struct {
			change func(*Options)
			do     string // "" where the edit goes out
		}{
			{func(*Options) {}, ""},
			{func(o *Options) { o.MaxEdits = 1 }, "raise the exceeded limit"},
			{func(o *Options) { o.Approval = Approval{} }, "have a new plan approved"},
		} {
			o := opts
			how.change(&o)
			s := Build(Account{Pairs: []Pair{{Want: c.want, Have: c.have, Found: true}}}, now, o).Steps[0]
			r := s.Renewal(now)
			said := []string{r.Because, r.Do.String()}
			for _, w := range s.Warnings {
				said = append(said, w.Text, w.Do.String())
			}
			for _, x := range s.Withheld {
				said = append(said, x.Because, x.Do.String())
			}
			all := strings.Join(said, "\n")
			held := how.do != ""
			if strings.Contains(all, c.goes) == held || held && (!strings.Contains(all, c.held) || !strings.Contains(all, how.do) || r.Kind != c.renewsByIt) {
				t.Errorf("%s: %q in\n%s\nrenewal %s", name, how.do, all, r.Kind)
			}
		}
	}
}
