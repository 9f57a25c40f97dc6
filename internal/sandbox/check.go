package sandbox

import (
	"fmt"
	"strings"
)

// check returns what is wrong in a world whose JSON has the right shape.
func (w *World) check(r reading) []flaw {
	c := checker{reading: r}
	if w.Clock.IsZero() {
		c.wrong("/clock", "must be given, such as \"2026-11-22T09:00:00Z\"")
	}
	c.switches(w.Switches)
	for i, f := range w.Faults {
		if err := f.check(); err != nil {
			c.wrong(fmt.Sprintf("/faults/%d", i), err.Error())
		}
	}
	ids, labels := map[int64]bool{}, map[string]bool{}
	for i := range w.Certificates {
		c.certificate(fmt.Sprintf("/certificates/%d", i), &w.Certificates[i], ids, labels)
	}
	return c.flaws
}

// A checker collects flaws and knows where members stand.
type checker struct {
	reading
	flaws []flaw
}

// wrong adds a flaw at a member, or at its parent when the member is absent.
func (c *checker) wrong(pointer, text string) {
	at := pointer
	for at != "" && !c.sent(at) {
		at = at[:strings.LastIndexByte(at, '/')]
	}
	if len(c.flaws) < maxFlaws {
		c.flaws = append(c.flaws, flaw{pointer, c.places[at], text})
	}
}

// word checks that an enum word is known; empty is the default.
func (c *checker) word(pointer, word string, words []string) {
	if word != "" && !in(word, words) {
		c.wrong(pointer, fmt.Sprintf("%q is not one of %s", word, strings.Join(words, ", ")))
	}
}

func (c *checker) switches(s Switches) {
	for _, sw := range SwitchTable {
		if err := sw.check(*sw.at(&s)); err != nil {
			c.wrong("/switches/"+sw.Name, err.Error())
		}
	}
}

func (c *checker) certificate(at string, have *Certificate, ids map[int64]bool, labels map[string]bool) {
	label := strings.ToLower(have.Label)
	if have.ID != 0 && ids[have.ID] {
		c.wrong(at+"/id", "another certificate has this id")
	}
	if have.ID < 0 {
		c.wrong(at+"/id", "must be positive")
	}
	if label == "" {
		c.wrong(at+"/certificate_label", "must be given")
	}
	if labels[label] {
		c.wrong(at+"/certificate_label", "another certificate has this label")
	}
	ids[have.ID], labels[label] = true, true
	c.word(at+"/certificate_authority", have.Authority, certificateAuthorities)
	c.word(at+"/validation_type", have.ValidationType, validationTypes)
	c.word(at+"/dcv_method", have.DCVMethod, dcvMethods)
	c.word(at+"/request_type", have.RequestType, requestTypes)
	for i, d := range have.Domains {
		c.word(fmt.Sprintf("%s/domains/%d/status", at, i), d.Status, domainStatuses)
		if d.Name == "" {
			c.wrong(fmt.Sprintf("%s/domains/%d/name", at, i), "must be given")
		}
	}
	for i, d := range have.Deployments {
		c.word(fmt.Sprintf("%s/deployments/%d/delivery_region", at, i), d.DeliveryRegion, deliveryRegions)
		c.word(fmt.Sprintf("%s/deployments/%d/platform", at, i), d.Platform, platforms)
	}
	c.actor(at+"/created_by", have.CreatedBy)
	c.actor(at+"/modified_by", have.ModifiedBy)
	c.hidden(at, have)
}

func (c *checker) actor(at string, have *Actor) {
	if have != nil {
		c.word(at+"/portal_type_id", text(have.PortalTypeID), portalTypes)
		c.word(at+"/identity_type", text(have.IdentityType), identityTypes)
	}
}

// hidden checks the status and what the API does not show.
func (c *checker) hidden(at string, have *Certificate) {
	if s := have.Status; s != nil {
		c.word(at+"/status/status", s.Status, requestStatuses)
		if s.OrderValidation != nil {
			c.word(at+"/status/order_validation/status", s.OrderValidation.Status, orderStatuses)
		}
	}
	if have.VettedAfter == "check" {
		c.wrong(at+"/vetted_after", "must be a duration or never")
	}
	if wf := have.Workflow; wf != nil {
		c.word(at+"/workflow/kind", string(wf.Kind), kinds)
		c.word(at+"/workflow/stage", string(wf.Stage), stages)
	}
	for i, n := range have.Notifications {
		c.word(fmt.Sprintf("%s/notifications/%d/notification_type", at, i), n.Type, notificationTypes)
	}
}
