package sandbox

// read answers GET /certificates/{id} (cps-api, section 3.1).
func (s *Server) read(q *request) (any, error) {
	c, err := s.certificate(q, false)
	if err != nil {
		return nil, err
	}
	return s.single(c), nil
}

// readStatus answers GET /certificates/{id}/status (cps-api, section 4.6). What
// was deleted keeps a status (section 6.6).
func (s *Server) readStatus(q *request) (any, error) {
	c, err := s.certificate(q, true)
	if err != nil {
		return nil, err
	}
	id, st := s.shape(c).AtID, c.Status
	return statusShape{id + "/status", "Certificate", c.ID, st.Step, st.Status, st.RequiresAttention, st.ErrorMessage, shown(st.OrderValidation)}, nil
}

// shown returns an order with an array of validations that is never null.
func shown(order *OrderValidation) *OrderValidation {
	if order == nil {
		return nil
	}
	copied := *order
	copied.DomainValidations = append([]DomainValidation{}, order.DomainValidations...)
	return &copied
}
