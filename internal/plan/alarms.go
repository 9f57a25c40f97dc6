package plan

import "github.com/cpsync/cpsync/internal/cert"

// Alarms are the certificates that no output leaves out, each in one group, the soonest end
// first. Those of which the manifest says that this is fine are in none.
type Alarms struct {
	Revoked  []Step // by the CA
	Ended    []Step
	Unsaved  []Step // end soon, and nothing renews them
	Failed   []Step // end soon, and their last order failed, or what renews them is not known
	Renewing []Step // end soon, while their renewal or another order is open
}

// Alarms returns the groups.
func (p Plan) Alarms() Alarms {
	var a Alarms
	for _, s := range p.SoonestFirst() {
		switch r := s.Renewal(p.Now); {
		case s.Is(cert.Revoked):
			a.Revoked = append(a.Revoked, s)
		case s.Is(cert.PastEnd):
			a.Ended = append(a.Ended, s)
		case !s.Is(cert.EndsSoon):
		case r.Open():
			a.Renewing = append(a.Renewing, s)
		case r.Unsure():
			a.Failed = append(a.Failed, s)
		default:
			a.Unsaved = append(a.Unsaved, s)
		}
	}
	return a
}

// EndSoon counts what ends soon, whether it is being renewed or not.
func (a Alarms) EndSoon() int { return len(a.Unsaved) + len(a.Failed) + len(a.Renewing) }
