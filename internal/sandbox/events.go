package sandbox

import "time"

// How long things take (cps-api, sections 6.1, 9 and 13). The sheet has no
// figure for the first, the fourth and the last.
const (
	placedAfter   = time.Minute      // an order reaches the CA
	tokenAfter    = 20 * time.Minute // then its DCV tokens are there
	timeOutAfter  = 7 * day          // names are looked for
	refusedAfter  = time.Hour        // by a CA that refuses
	deployedAfter = 4 * time.Hour    // on the network, once issued
	renewedBefore = 60 * day         // automatic renewal, before the expiry
	vettedAfter   = Wait("24h")      // the organization, unless the certificate says otherwise
)

// An event is what time does to one certificate.
type event struct {
	at   time.Time
	does func(*World, *Certificate)
}

// nextOf returns what happens to c next, if nobody intervenes; the first of those that
// happen at once.
func (w *World) nextOf(c *Certificate) event {
	first := event{at: never}
	add := func(at time.Time, does func(*World, *Certificate)) {
		if at.Before(first.at) {
			first = event{at, does}
		}
	}
	if c.Workflow != nil {
		w.nextStage(c, add)
	} else {
		w.nextQuiet(c, add)
	}
	for _, d := range c.Domains {
		if !d.Leaves.IsZero() {
			add(d.Leaves, (*World).dropLeft)
		}
	}
	return first
}

// nextStage adds what may happen to an order under way.
func (w *World) nextStage(c *Certificate, add func(time.Time, func(*World, *Certificate))) {
	wf := c.Workflow
	switch wf.Stage {
	case stageHidden:
		add(wf.Started.Add(w.Switches.orderDelay()), func(w *World, c *Certificate) { w.show(c, nil) })
	case stageQueued:
		add(wf.Since.Add(w.queuedFor(wf)), (*World).place)
	case stagePlaced:
		switch {
		case c.Refused:
			add(wf.Started.Add(refusedAfter), (*World).refuse)
		case c.mustValidate():
			add(wf.Started.Add(tokenAfter), (*World).askForProof)
		case wf.Kind == kindOrganization:
			add(wf.Since, (*World).vet)
		default:
			add(wf.Since, (*World).deploy)
		}
	case stageValidation:
		add(wf.Started.Add(timeOutAfter), (*World).timeOut)
		if c.Refused {
			add(wf.Started.Add(refusedAfter), (*World).refuse)
		} else if at, ok := c.ValidatesAfter.after(wf.Started); ok {
			add(later(at, wf.Since), (*World).proven)
		}
	case stageVetting:
		if at, ok := c.vetting().after(wf.Since); ok {
			add(at, (*World).deploy)
		}
	case stageDeployment:
		add(wf.Since.Add(deployedAfter), (*World).finish)
	}
}

// queuedFor is how long an order waits on the CDN's side. A new request has
// nothing to show before, so its order waits as long as orders stay invisible.
func (w *World) queuedFor(wf *Workflow) time.Duration {
	if wf.Kind == kindFirst && wf.Since.Equal(wf.Started) {
		return max(placedAfter, w.Switches.orderDelay())
	}
	return placedAfter
}

// nextQuiet adds what may happen to a certificate without an order under way.
func (w *World) nextQuiet(c *Certificate, add func(time.Time, func(*World, *Certificate))) {
	if c.phase(time.Time{}) != active || c.Expires.IsZero() {
		return
	}
	add(c.Expires, (*World).expire)
	if c.AutoRenew && !c.Stuck && w.Clock.Before(c.Expires) {
		add(c.Expires.Add(-renewalLead(c.Expires)), (*World).autoRenew)
	}
}

func (c *Certificate) vetting() Wait {
	if c.VettedAfter == "" {
		return vettedAfter
	}
	return c.VettedAfter
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
