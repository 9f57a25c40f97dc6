package world

import (
	"cmp"
	"slices"
	"time"
)

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

type event struct {
	at   time.Time
	does func(*World, *Certificate)
}

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
	} else if !c.Expires.IsZero() && c.Phase(time.Time{}) == active {
		add(c.Expires, (*World).expire)
		if c.AutoRenew && !c.Stuck && w.Clock.Before(c.Expires) {
			lead := renewedBefore
			if short := maxValidity(c.Expires.Add(-46 * day)); short < renewedBefore {
				lead = short / 3
			}
			add(c.Expires.Add(-lead), func(w *World, c *Certificate) { w.Start(c, Workflow{Kind: Renewal}, nil) })
		}
	}
	if n := c.newest(); n != nil && n.Regions > 0 && n.Regions < len(c.places()) {
		add(n.Since.Add(regionAfter), (*World).reachRegion)
	}
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
		case slices.ContainsFunc(c.Live(), c.awaitsDCV):
			add(wf.Started.Add(tokenAfter), (*World).awaitDCV)
		case wf.Kind == OrganizationUpdate:
			add(wf.Since, (*World).vet)
		default:
			add(wf.Since, (*World).deploy)
		}
	case stageValidation:
		add(wf.Started.Add(timeOutAfter), func(w *World, c *Certificate) { w.fail(c, "TimedOut", messageTimedOut) }) // (cps-api, section 6.2)
		if c.Refused {
			add(wf.Started.Add(refusedAfter), (*World).refuse)
		} else if at, ok := c.ValidatesAfter.after(wf.Started); ok {
			add(later(at, wf.Since), (*World).validated)
		}
	case stageVetting:
		if at, ok := cmp.Or(c.VettedAfter, vettedAfter).after(wf.Since); ok {
			add(at, (*World).deploy)
		}
	case stageDeployment:
		add(wf.Since.Add(deployedAfter), (*World).finish)
	}
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

func later(a, b time.Time) time.Time { return slices.MaxFunc([]time.Time{a, b}, time.Time.Compare) }

// expire ends the validity of the active certificate.
func (w *World) expire(c *Certificate) {
	c.setStatus(statusOf("Active", "Expired"))
	w.Touch(c, nil)
}

// place sends the order to the CA.
func (w *World) place(c *Certificate) {
	w.enter(c, stagePlaced)
	request := c.State().Status
	if c.Workflow.Kind == First {
		c.setDomains("AwaitingCertificateAuthority")
		request = "Processing"
	}
	c.setStatus(statusOf(request, orderWords[c.Workflow.Kind].pending))
	w.TouchByOrder(c, nil)
}

// awaitDCV asks the customer for domain control validation: the DCV tokens are available.
func (w *World) awaitDCV(c *Certificate) {
	w.enter(c, stageValidation)
	c.setStatus(statusOf("DomainControlValidation", c.State().order()).failedWith(""))
	w.Touch(c, nil)
}

// CheckDomains lets the CA look for the proof of control now.
func (w *World) CheckDomains(c *Certificate) {
	if c.ValidatesAfter == "check" && c.Workflow != nil && c.Workflow.Stage == stageValidation && !c.Refused {
		w.validated(c)
	}
}

// validated continues the order: every domain is validated.
func (w *World) validated(c *Certificate) {
	if c.ValidationType != "DV" && (c.Workflow.Kind == First || c.Revalidates) {
		w.vet(c)
	} else {
		w.deploy(c)
	}
}

// vet lets the CA check the organization.
func (w *World) vet(c *Certificate) {
	w.enter(c, stageVetting)
	c.setStatus(statusOf("OtherValidation", c.State().order()))
	w.Touch(c, nil)
}

// deploy begins the deployment of what the CA issued. A first certificate is visible at
// once; a later one when it is active.
func (w *World) deploy(c *Certificate) {
	w.enter(c, stageDeployment)
	if c.Workflow.Kind == First {
		w.issue(c, w.Clock)
		c.setDomains("PendingDns")
		c.setStatus(statusOf("Deployment", "Issued"))
	} else {
		c.setStatus(statusOf("Active", c.State().order()))
	}
	w.Touch(c, nil)
}

// finish makes the new certificate the active one. Removed domains stay listed as long as
// the switch says.
func (w *World) finish(c *Certificate) {
	kind := c.Workflow.Kind
	if kind != First {
		w.issue(c, c.Workflow.Since)
	}
	if c.newest() != nil {
		w.reachRegion(c)
	}
	c.Workflow = nil
	c.setDomains("Active")
	if w.Switches.RemovedNames != "stay" {
		wait, _ := ParseDuration(w.Switches.RemovedNames) // "gone" is no time
		for i, d := range c.Domains {
			if d.Status == "PendingDelete" {
				c.Domains[i].Leaves = w.Clock.Add(wait)
			}
		}
	}
	c.setStatus(statusOf("Active", orderWords[kind].done))
	w.unlist(c)
}

// unlist ends the listing of removed domains whose time is over.
func (w *World) unlist(c *Certificate) {
	c.Domains = slices.DeleteFunc(slices.Clone(c.Domains), func(d Domain) bool { return !d.Leaves.IsZero() && !d.Leaves.After(w.Clock) })
	w.Touch(c, nil)
}

func (w *World) refuse(c *Certificate) { w.fail(c, "Rejected", messageRejected) }

// fail ends the order in progress, or leaves it open with domains that failed. An active
// certificate stays active, with its domains but for the new ones.
func (w *World) fail(c *Certificate, word, message string) {
	first, words := c.Workflow.Kind == First, orderWords[c.Workflow.Kind]
	open := word == "TimedOut" && w.Switches.TimedOutOrder == "stays-open"
	request, order := "Active", words.rejected
	if open || first {
		request = "DomainControlValidation"
	}
	if open {
		order = words.pending
	} else if first && word == "TimedOut" {
		order = "Canceled"
	}
	c.Domains = slices.Clone(c.Domains)
	for i, d := range c.Domains {
		switch {
		case first && d.isLive(), !first && d.Status == "AwaitingCertificateAuthority":
			c.Domains[i].Status = word
		case !first && (d.Status == "PendingReissue" || d.Status == "PendingDelete" && d.Leaves.IsZero()):
			c.Domains[i].Status = "Active"
		}
	}
	if open && !c.has(word) && len(c.Domains) > 0 { // its domains are listed as active meanwhile
		c.Domains[len(c.Domains)-1].Status = word
	}
	c.Workflow = nil
	c.setStatus(statusOf(request, order).failedWith(message))
	w.Touch(c, nil)
}
