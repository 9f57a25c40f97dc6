package sandbox

import "net/http"

// renew answers PUT /certificates/{id}/renew (cps-api, section 6.4).
func (s *Server) renew(q *request) (any, error) {
	c, err := s.certificate(q, false)
	if err != nil {
		return nil, err
	}
	if s.renewing(c) && s.world.Switches.RenewDuringRenewal == "second-order" {
		s.world.count(c.ID)
		s.world.orderTouches(c, s.client())
		return nil, nil
	}
	if err := s.world.permit(doRenew, c); err != nil {
		return nil, err
	}
	s.world.start(c, Workflow{Kind: kindRenewal}, s.client())
	return nil, nil
}

func (s *Server) renewing(c *Certificate) bool {
	return c.Workflow != nil && c.Workflow.Kind == kindRenewal
}

// retrigger answers PUT /certificates/{id}/retrigger (cps-api, section 6.3).
func (s *Server) retrigger(q *request) (any, error) {
	c, err := s.certificate(q, false)
	if err != nil {
		return nil, err
	}
	if err := s.world.permit(doRetrigger, c); err != nil {
		return nil, err
	}
	s.world.start(c, Workflow{Kind: kindFirst}, s.client())
	return nil, nil
}

// cancel answers PUT /certificates/{id}/cancel (cps-api, section 6.5). A first
// request ends as deleted; any other one goes back to what was issued.
func (s *Server) cancel(q *request) (any, error) {
	c, err := s.certificate(q, false)
	if err != nil {
		return nil, err
	}
	op, ok := map[string]operation{"true": doCancel, "false": doCancelPreview}[q.query.Get("apply")]
	if !ok {
		return nil, invalid("apply", "This must be true or false.")
	}
	if err := s.world.permit(op, c); err != nil {
		return nil, err
	}
	action := actionCancel
	if c.issued() {
		action = actionRevert
	}
	if op == doCancelPreview {
		return map[string]any{"@id": q.public(), "@type": "CancelAction", "name": action}, nil
	}
	s.applyCancel(c, action)
	return nil, nil
}

func (s *Server) applyCancel(c *Certificate, action string) {
	switch {
	case action == actionRevert && c.Workflow != nil:
		s.world.revert(c, s.client())
	case action == actionRevert: // nothing runs: the failure is what is taken back
		c.Domains = withoutFailed(c.Domains)
		c.setStatus("Active", "Issued")
		s.world.touch(c, s.client())
	case c.order() == "":
		s.world.remove(c, "", s.client())
	default:
		s.world.remove(c, "Canceled", s.client())
	}
}

// withoutFailed returns the names that are in service. Where all failed, it was a renewal
// of the same names.
func withoutFailed(names []Domain) []Domain {
	var served, same []Domain
	for _, d := range names {
		if !in(d.Status, []string{"TimedOut", "Rejected", "SecretRejected"}) {
			served = append(served, d)
		}
		d.Status = "Active"
		same = append(same, d)
	}
	if len(served) == 0 {
		return same
	}
	return served
}

// remove answers DELETE /certificates/{id} (cps-api, section 6.6).
func (s *Server) remove(q *request) (any, error) {
	c, err := s.certificate(q, false)
	if err != nil {
		return nil, err
	}
	if c.phase(s.world.Clock) == deleted {
		return nil, refused(http.StatusNotFound, "", "No certificate has id %d.", c.ID)
	}
	if err := s.world.permit(doDelete, c); err != nil {
		return nil, err
	}
	s.world.remove(c, "Deleted", s.client())
	return nil, nil
}
