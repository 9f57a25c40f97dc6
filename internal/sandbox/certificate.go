package sandbox

import (
	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// read answers GET /certificates/{id} (cps-api, section 3.1).
func (s *Server) read(_ *request, c *world.Certificate) (any, error) {
	return s.single(c), nil
}

// readStatus answers GET /certificates/{id}/status (cps-api, section 4.6). What
// was deleted keeps a status (section 6.6).
func (s *Server) readStatus(_ *request, c *world.Certificate) (any, error) {
	return s.statusShape(c), nil
}

// renew answers PUT /certificates/{id}/renew (cps-api, section 6.4).
func (s *Server) renew(_ *request, c *world.Certificate) (any, error) {
	if c.Workflow != nil && c.Workflow.Kind == world.Renewal && s.world.Switches.RenewDuringRenewal == "second-order" {
		s.world.CountOrder(c.ID)
		s.world.TouchByOrder(c, s.client())
		return nil, nil
	}
	if err := s.permit(world.Renew, c); err != nil {
		return nil, err
	}
	s.world.Start(c, world.Workflow{Kind: world.Renewal}, s.client())
	return nil, nil
}

// retrigger answers PUT /certificates/{id}/retrigger (cps-api, section 6.3).
func (s *Server) retrigger(_ *request, c *world.Certificate) (any, error) {
	if err := s.permit(world.Retrigger, c); err != nil {
		return nil, err
	}
	s.world.Start(c, world.Workflow{Kind: world.First}, s.client())
	return nil, nil
}

// cancel answers PUT /certificates/{id}/cancel (cps-api, section 6.5).
func (s *Server) cancel(q *request, c *world.Certificate) (any, error) {
	op, ok := map[string]world.Operation{"true": world.Cancel, "false": world.PreviewCancel}[q.query.Get("apply")]
	if !ok {
		return nil, invalid("apply", "This must be true or false.")
	}
	if err := s.permit(op, c); err != nil {
		return nil, err
	}
	if op == world.PreviewCancel {
		return object{"@id": q.public(), "@type": "CancelAction", "name": c.CancelAction()}, nil
	}
	s.world.CancelOrder(c, s.client())
	return nil, nil
}

// remove answers DELETE /certificates/{id} (cps-api, section 6.6).
func (s *Server) remove(_ *request, c *world.Certificate) (any, error) {
	if c.Phase(s.world.Clock) == world.Deleted {
		return nil, notFound(c.ID)
	}
	if err := s.permit(world.Delete, c); err != nil {
		return nil, err
	}
	s.world.Remove(c, "Deleted", s.client())
	return nil, nil
}
