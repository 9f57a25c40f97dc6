package world

import "time"

// How long things take (cps-api, sections 6.1, 9 and 13). The sheet has no
// figure for the first, the fourth, the last, and a region.
const (
	placedAfter   = time.Minute      // an order reaches the CA
	tokenAfter    = 20 * time.Minute // then its DCV tokens are available
	timeOutAfter  = 7 * day          // the CA looks for the proof of control
	refusedAfter  = time.Hour        // by a CA that refuses
	deployedAfter = 4 * time.Hour    // in the first region, once issued
	regionAfter   = time.Hour        // in each further one
	renewedBefore = 60 * day         // automatic renewal, before the expiry
	vettedAfter   = Wait("24h")      // the organization, unless the certificate says otherwise
)

// never is after everything that happens by itself.
var never = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

// MoveTo sets the clock. Everything due happens first, in the order of its time; what was
// due before the clock happens now. It returns when something happens next.
func (w *World) MoveTo(target time.Time) (next time.Time) {
	c, e := w.next()
	for c != nil && !target.Before(w.Clock) && !e.at.After(target) {
		w.Clock = later(e.at, w.Clock)
		e.does(w, c)
		c, e = w.next()
	}
	w.Clock = target
	return e.at
}

// An event is what time does to one certificate.
type event struct {
	at   time.Time
	does func(*World, *Certificate)
}

// next returns what happens first, if nobody intervenes.
func (w *World) next() (c *Certificate, first event) {
	first.at = never
	for i := range w.Certificates {
		if e := w.nextOf(&w.Certificates[i]); e.at.Before(first.at) {
			c, first = &w.Certificates[i], e
		}
	}
	return c, first
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
		w.nextOfIdle(c, add)
	}
	c.nextRegion(add)
	for _, d := range c.Domains {
		if !d.Leaves.IsZero() {
			add(d.Leaves, (*World).unlist)
		}
	}
	return first
}

// nextStage adds what may happen to an order in progress.
func (w *World) nextStage(c *Certificate, add func(time.Time, func(*World, *Certificate))) {
	wf := c.Workflow
	switch wf.Stage {
	case stageHidden:
		add(wf.Started.Add(w.Switches.orderDelay()), func(w *World, c *Certificate) { w.show(c, nil) })
	case stageQueued:
		wait := placedAfter
		if wf.Kind == First && wf.Since.Equal(wf.Started) {
			// A new request shows nothing else, so its order waits as long as orders stay invisible.
			wait = max(placedAfter, w.Switches.orderDelay())
		}
		add(wf.Since.Add(wait), (*World).place)
	case stagePlaced:
		switch {
		case c.Refused:
			add(wf.Started.Add(refusedAfter), (*World).refuse)
		case c.mustValidate():
			add(wf.Started.Add(tokenAfter), (*World).awaitDCV)
		case wf.Kind == OrganizationUpdate:
			add(wf.Since, (*World).vet)
		default:
			add(wf.Since, (*World).deploy)
		}
	case stageValidation:
		add(wf.Started.Add(timeOutAfter), (*World).timeOut)
		if c.Refused {
			add(wf.Started.Add(refusedAfter), (*World).refuse)
		} else if at, ok := c.ValidatesAfter.after(wf.Started); ok {
			add(later(at, wf.Since), (*World).validated)
		}
	case stageVetting:
		wait := c.VettedAfter
		if wait == "" {
			wait = vettedAfter
		}
		if at, ok := wait.after(wf.Since); ok {
			add(at, (*World).deploy)
		}
	case stageDeployment:
		add(wf.Since.Add(deployedAfter), (*World).finish)
	}
}

// mustValidate reports whether control of any domain is to be proven.
func (c *Certificate) mustValidate() bool {
	for _, d := range c.Live() {
		if c.awaitsDCV(d) {
			return true
		}
	}
	return false
}

// nextOfIdle adds what may happen to a certificate without an order in progress.
func (w *World) nextOfIdle(c *Certificate, add func(time.Time, func(*World, *Certificate))) {
	if c.Expires.IsZero() || c.Phase(time.Time{}) != active {
		return
	}
	add(c.Expires, (*World).expire)
	if c.AutoRenew && !c.Stuck && w.Clock.Before(c.Expires) {
		add(c.Expires.Add(-renewalLead(c.Expires)), func(w *World, c *Certificate) { w.Start(c, Workflow{Kind: Renewal}, nil) })
	}
}

// expire ends the validity of the active certificate.
func (w *World) expire(c *Certificate) {
	c.setStatus(statusOf("Active", "Expired"))
	w.Touch(c, nil)
}

// maxValidity is the longest validity the CA gives to what it issues at an
// instant (cps-api, section 9).
func maxValidity(issued time.Time) time.Duration {
	switch {
	case issued.Before(time.Date(2026, 2, 24, 0, 0, 0, 0, time.UTC)):
		return 397 * day
	case issued.Before(time.Date(2027, 3, 15, 0, 0, 0, 0, time.UTC)):
		return 199 * day
	case issued.Before(time.Date(2029, 3, 15, 0, 0, 0, 0, time.UTC)):
		return 99 * day
	}
	return 46 * day
}

// renewalLead is how long before its expiry a certificate is renewed: 60 days,
// but a third of the validity once that is shorter than 60 days.
func renewalLead(expires time.Time) time.Duration {
	if short := maxValidity(expires.Add(-46 * day)); short < renewedBefore {
		return short / 3
	}
	return renewedBefore
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
