package sandbox

import "slices"

// createBody is the body of POST /certificates/cdnprovided (cps-api, section 3.5).
type createBody struct {
	Label          string            `json:"certificate_label"`
	Authority      string            `json:"certificate_authority"`
	ValidationType string            `json:"validation_type"`
	DCVMethod      string            `json:"dcv_method"`
	Domains        []domainBody      `json:"domains"`
	Organization   *organizationBody `json:"organization"`
	AutoRenew      bool              `json:"auto_renew"`
	Description    *string           `json:"description"`
}

// create answers POST /certificates/cdnprovided.
func (s *Server) create(q *request) (any, error) {
	var body createBody
	sent, err := q.decode(&body)
	if err != nil {
		return nil, err
	}
	domains, org, err := s.checkCreate(body, sent)
	if err != nil {
		s.burn(body.Label)
		return nil, err
	}
	return s.single(s.request(body, domains, org)), nil
}

// checkCreate returns the names and the organization, or all reasons against.
func (s *Server) checkCreate(body createBody, sent reading) ([]Domain, *Organization, error) {
	if err := sent.needed("", "certificate_label", "certificate_authority", "validation_type", "dcv_method", "domains"); err != nil {
		return nil, nil, err
	}
	var reasons reasons
	reasons.add(s.world.checkLabel(body.Label, 0))
	reasons.add(oneOf("/certificate_authority", body.Authority, []string{"DigiCert"}))
	reasons.add(oneOf("/validation_type", body.ValidationType, []string{"DV", "OV", "EV"}))
	reasons.add(oneOf("/dcv_method", body.DCVMethod, dcvMethods))
	domains := s.names(body.Domains, body.ValidationType, &reasons)
	if body.ValidationType == "DV" || body.Organization == nil {
		reasons.add(organizationFits(body))
		return domains, nil, reasons.refusal()
	}
	org, err := s.world.choose(*body.Organization, body.ValidationType, "/organization")
	reasons.add(err)
	return domains, org, reasons.refusal()
}

// organizationFits refuses an organization for DV, and none for OV and EV.
func organizationFits(body createBody) error {
	switch {
	case body.ValidationType == "DV" && body.Organization != nil:
		return invalid("/organization", "A DV certificate has no organization.")
	case body.ValidationType != "DV" && body.Organization == nil:
		return invalid("/organization", "An %s certificate needs an organization.", body.ValidationType)
	}
	return nil
}

// request adds a certificate request and starts its order.
func (s *Server) request(body createBody, domains []Domain, org *Organization) *Certificate {
	w := &s.world
	for i := range domains {
		domains[i].ID, domains[i].Created, domains[i].Status = w.domainID(), w.Clock, "ProvisioningInitiated"
	}
	if org != nil {
		w.adopt(org)
	}
	w.Certificates = append(w.Certificates, Certificate{
		ID: w.certificateID(), Label: body.Label, Authority: body.Authority, ValidationType: body.ValidationType,
		DCVMethod: body.DCVMethod, AutoRenew: body.AutoRenew, RequestType: "Enterprise", Domains: domains,
		Organization: org, Created: w.Clock, LastModified: w.Clock, CreatedBy: s.client(),
		Workflow: &Workflow{Kind: kindFirst, Stage: stageQueued, Started: w.Clock, Since: w.Clock}, Tokens: 1,
	})
	c := &w.Certificates[len(w.Certificates)-1]
	if body.Description != nil {
		c.Description = s.describe(nil, *body.Description)
	}
	c.setStatus("Processing", "")
	w.count(c.ID)
	return c
}

func (w *World) certificateID() int64 {
	var last int64 = 20000
	for _, c := range w.Certificates {
		last = max(last, c.ID)
	}
	return last + 1
}

// burn takes the label of a create that failed, if a switch says so (cps-api, section 7.1).
func (s *Server) burn(label string) {
	if s.world.Switches.FailedCreateBurnsLabel == "yes" && s.world.checkLabel(label, 0) == nil &&
		!slices.Contains(s.world.BurntLabels, label) {
		s.world.BurntLabels = append(s.world.BurntLabels, label)
	}
}
