package sandbox

import "time"

// tokenReady returns when the tokens of the order under way are there.
func (c *Certificate) tokenReady() time.Time {
	if c.Workflow == nil || c.Workflow.Stage != stageQueued && c.Workflow.Stage != stagePlaced && c.Workflow.Stage != stageHidden {
		return time.Time{}
	}
	return c.Workflow.Started.Add(tokenAfter)
}

// dcvCall checks what the calls below /dcv have in common. DNS tells whether
// a call is for the two DNS methods, or for Email alone.
func (s *Server) dcvCall(q *request, op operation, dns bool) (*Certificate, []Domain, error) {
	c, err := s.certificate(q, false)
	if err != nil {
		return nil, nil, err
	}
	if (c.DCVMethod == "Email") == dns {
		return nil, nil, invalid("", "This is not possible with the method %s.", c.DCVMethod)
	}
	if err := s.world.permit(op, c); err != nil {
		return nil, nil, err
	}
	domains, err := chosen(c, q, false)
	return c, domains, err
}

// dcvToken answers PUT /dcv/certificates/{id}/token: new tokens.
func (s *Server) dcvToken(q *request) (any, error) {
	c, domains, err := s.dcvCall(q, doDCVToken, true)
	if err != nil {
		return nil, err
	}
	c.Tokens++
	s.world.touch(c, s.client())
	type shape struct {
		DomainID int64  `json:"domain_id"`
		Method   string `json:"dcv_method"`
		Token    any    `json:"dcv_token"`
	}
	var shapes []shape
	for _, d := range domains {
		shapes = append(shapes, shape{d.ID, c.DCVMethod, s.tokenShape(c.token(d))})
	}
	return collection(q, shapes), nil
}

// dcvCheck answers PUT /dcv/certificates/{id}/check: the CA looks now.
func (s *Server) dcvCheck(q *request) (any, error) {
	c, _, err := s.dcvCall(q, doDCVCheck, true)
	if err != nil {
		return nil, err
	}
	if c.ValidatesAfter == "check" && c.Workflow != nil && c.Workflow.Stage == stageValidation && !c.Refused {
		s.world.proven(c)
	}
	return nil, nil
}

// dcvResend answers POST /dcv/certificates/{id}/emails/resend.
func (s *Server) dcvResend(q *request) (any, error) {
	_, _, err := s.dcvCall(q, doDCVResend, false)
	return nil, err
}

// dcvMethod answers PUT /dcv/certificates/{id}/method.
func (s *Server) dcvMethod(q *request) (any, error) {
	c, err := s.certificate(q, false)
	if err != nil {
		return nil, err
	}
	var body struct {
		Method string `json:"dcv_method"`
	}
	sent, err := q.decode(&body)
	if err != nil {
		return nil, err
	}
	if err := sent.needed("", "dcv_method"); err != nil {
		return nil, err
	}
	if err := oneOf("/dcv_method", body.Method, dcvMethods); err != nil {
		return nil, err
	}
	if body.Method == c.DCVMethod {
		return nil, nil
	}
	if err := s.world.permit(editMethod, c); err != nil {
		return nil, err
	}
	c.DCVMethod = body.Method
	s.world.touch(c, s.client())
	return nil, nil
}
