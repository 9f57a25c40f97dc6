package sandbox

import "slices"

// patchBody is the body of PATCH /certificates/{id}: exactly these five members
// (cps-api, section 3.6). Null leaves domains, and description, as they are.
type patchBody struct {
	AutoRenew   bool         `json:"auto_renew"`
	Label       string       `json:"certificate_label"`
	Description *string      `json:"description"`
	DCVMethod   string       `json:"dcv_method"`
	Domains     []domainBody `json:"domains"`
}

// patch answers PATCH /certificates/{id}: everything in the body, or nothing.
func (s *Server) patch(q *request) (any, error) {
	c, err := s.certificate(q, false)
	if err != nil {
		return nil, err
	}
	var body patchBody
	sent, err := q.decode(&body)
	if err != nil {
		return nil, err
	}
	domains, err := s.checkPatch(c, body, sent)
	if err != nil {
		return nil, err
	}
	was, by := c.LastModified, c.ModifiedBy
	s.edit(c, body, sent)
	if domains != nil {
		s.changeDomains(c, domains)
	}
	if s.world.Switches.PatchLastModified == "stays" {
		c.LastModified, c.ModifiedBy = was, by
	}
	return s.single(c), nil
}

// checkPatch returns the wanted names where they are others, or all reasons against a
// change. The list that is there already is no change, whatever is under way: the
// vendor's own client sends it with every edit (cps-api, sections 3.6 and 10).
func (s *Server) checkPatch(c *Certificate, body patchBody, sent reading) ([]Domain, error) {
	var reasons, flaws reasons
	var domains []Domain
	if body.Domains != nil {
		domains = s.names(body.Domains, c.ValidationType, &flaws)
	}
	if !flaws.any() && sameNames(c, domains) {
		domains = nil
	}
	for _, op := range []operation{editLabel, editDescription, editAutoRenew} {
		if sent.sent("/" + string(op)) {
			reasons.add(s.world.permit(op, c))
		}
	}
	if domains != nil || flaws.any() {
		reasons.add(s.world.permit(editDomains, c))
	}
	if sent.sent("/dcv_method") && body.DCVMethod != c.DCVMethod {
		reasons.add(s.world.permit(editMethod, c))
	}
	if reasons.any() {
		return nil, reasons.refusal()
	}
	if sent.sent("/certificate_label") {
		reasons.add(s.world.checkLabel(body.Label, c.ID))
	}
	if sent.sent("/dcv_method") {
		reasons.add(oneOf("/dcv_method", body.DCVMethod, dcvMethods))
	}
	reasons.refusals = append(reasons.refusals, flaws.refusals...)
	return domains, reasons.refusal()
}

// edit makes the changes that take effect at once.
func (s *Server) edit(c *Certificate, body patchBody, sent reading) {
	if sent.sent("/certificate_label") {
		c.Label = body.Label
	}
	if sent.sent("/auto_renew") {
		c.AutoRenew = body.AutoRenew
	}
	if sent.sent("/dcv_method") {
		c.DCVMethod = body.DCVMethod
	}
	if body.Description != nil {
		c.Description = s.describe(c.Description, *body.Description)
	}
	for _, op := range []operation{editLabel, editAutoRenew, editMethod, editDescription} {
		if sent.sent("/" + string(op)) {
			s.world.touch(c, s.client())
		}
	}
}

// describe returns what a description becomes (cps-api, section 7.3).
func (s *Server) describe(old *string, wanted string) *string {
	switch {
	case wanted != "":
		return &wanted
	case s.world.Switches.EmptyDescription == "ignored":
		return old
	case s.world.Switches.EmptyDescription == "empty":
		return &wanted
	}
	return nil
}

// changeDomains replaces the names. What was issued is issued anew (cps-api,
// section 8.4); anything else waits for its next order.
func (s *Server) changeDomains(c *Certificate, wanted []Domain) {
	if c.issued() {
		s.world.start(c, Workflow{Kind: kindReissue, Domains: wanted}, s.client())
		return
	}
	status := c.usualName()
	if len(c.Domains) > 0 {
		status = c.Domains[0].Status
	}
	for i := range wanted {
		wanted[i].ID, wanted[i].Created, wanted[i].Status = s.world.domainID(), s.world.Clock, status
	}
	c.Domains = wanted
	s.world.touch(c, s.client())
}

// sameNames reports whether the wanted names and common name are the live ones.
func sameNames(c *Certificate, wanted []Domain) bool {
	return slices.Equal(nameKeys(c.live()), nameKeys(wanted))
}
