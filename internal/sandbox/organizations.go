package sandbox

import (
	"net/http"
	"strings"
)

// organizationBody is an organization in a request; only what selects or makes
// one is needed (cps-api, sections 3.5 and 4.4).
type organizationBody Organization

// choose returns the organization that a body selects: by id, else by its exact
// company name, else a new one made from the body, with id 0.
func (w *World) choose(body organizationBody, validation, at string) (*Organization, error) {
	if body.ID != 0 {
		if org := w.organization(body.ID); org != nil {
			return org, nil
		}
		return nil, invalid(at+"/id", "No organization has id %d.", body.ID)
	}
	for i := range w.Organizations {
		if body.CompanyName != "" && w.Organizations[i].CompanyName == body.CompanyName {
			org := w.Organizations[i]
			return &org, nil
		}
	}
	org := Organization(body)
	return &org, checkOrganization(org, validation, at)
}

// organization returns a copy of the one with this id, nil when there is none.
func (w *World) organization(id int64) *Organization {
	for _, org := range w.Organizations {
		if org.ID == id {
			return &org
		}
	}
	return nil
}

// adopt adds an organization that is new to the account.
func (w *World) adopt(org *Organization) {
	if org.ID != 0 {
		return
	}
	org.ID = 701
	for _, o := range w.Organizations {
		org.ID = max(org.ID, o.ID+1)
	}
	w.Organizations = append(w.Organizations, *org)
}

// checkOrganization refuses a new organization that lacks what OV or EV needs.
func checkOrganization(org Organization, validation, at string) error {
	type member struct{ name, value string }
	members := []member{
		{"company_name", org.CompanyName}, {"company_address", org.CompanyAddress}, {"city", org.City},
		{"country", org.Country}, {"contact_first_name", org.ContactFirstName},
		{"contact_last_name", org.ContactLastName}, {"contact_email", org.ContactEmail}, {"contact_phone", org.ContactPhone},
	}
	if org.Country == "US" {
		members = append(members, member{"state", text(org.State)}, member{"zip_code", text(org.ZipCode)})
	}
	var missing reasons
	for _, m := range members {
		if strings.TrimSpace(m.value) == "" {
			missing.add(invalid(at+"/"+m.name, "This member is needed for a new organization."))
		}
	}
	if org.Country != "" && (len(org.Country) != 2 || strings.ToUpper(org.Country) != org.Country) {
		missing.add(invalid(at+"/country", "This must be an ISO 3166 two-letter code."))
	}
	if validation == "EV" && len(org.AdditionalContacts) == 0 {
		missing.add(invalid(at+"/additional_contacts", "An EV certificate needs additional contacts."))
	}
	for _, contact := range org.AdditionalContacts {
		if !strings.EqualFold(contact.ContactType, "EvApprover") && !in(contact.ContactType, contactTypes) {
			missing.add(invalid(at+"/additional_contacts", "%q is not a contact type.", contact.ContactType))
		}
	}
	return missing.refusal()
}

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// putOrganization answers PUT /certificates/{id}/organization: a new request at
// the CA for a certificate that has one (cps-api, section 8.3).
func (s *Server) putOrganization(q *request) (any, error) {
	c, err := s.certificate(q, false)
	if err != nil {
		return nil, err
	}
	var body organizationBody
	if _, err := q.decode(&body); err != nil {
		return nil, err
	}
	if c.ValidationType != "OV" && c.ValidationType != "EV" {
		return nil, invalid("", "A %s certificate has no organization.", c.ValidationType)
	}
	if err := s.world.permit(editOrganization, c); err != nil {
		return nil, err
	}
	org, err := s.world.choose(body, c.ValidationType, "")
	if err != nil {
		return nil, err
	}
	s.world.adopt(org)
	if c.issued() {
		s.world.start(c, Workflow{Kind: kindOrganization, Organization: org}, s.client())
	} else {
		c.Organization = org
		s.world.touch(c, s.client())
	}
	return org, nil
}

// defaultOrganization answers GET /organizations/default.
func (s *Server) defaultOrganization(*request) (any, error) {
	if len(s.world.Organizations) == 0 {
		return nil, refused(http.StatusNotFound, "", "There is no organization.")
	}
	return s.world.Organizations[0], nil
}

// organization answers GET /organizations/{id}.
func (s *Server) organization(q *request) (any, error) {
	id, err := pathID(q.id)
	if err != nil {
		return nil, err
	}
	if org := s.world.organization(id); org != nil {
		return org, nil
	}
	return nil, refused(http.StatusNotFound, "", "No organization has id %d.", id)
}

// shortOrganization is one without contacts (cps-api, section 3.3).
type shortOrganization struct {
	ID              int64   `json:"id"`
	CompanyName     string  `json:"company_name"`
	CompanyAddress  string  `json:"company_address"`
	CompanyAddress2 *string `json:"company_address2"`
	City            string  `json:"city"`
	State           *string `json:"state"`
	ZipCode         *string `json:"zip_code"`
	Country         string  `json:"country"`
}

// organizationsByName answers GET /organizations/name/{name} with those whose
// name contains it, upper and lower case alike.
func (s *Server) organizationsByName(q *request) (any, error) {
	var found []shortOrganization
	for _, o := range s.world.Organizations {
		if strings.Contains(strings.ToLower(o.CompanyName), strings.ToLower(q.name)) {
			found = append(found, shortOrganization{o.ID, o.CompanyName, o.CompanyAddress, o.CompanyAddress2, o.City, o.State, o.ZipCode, o.Country})
		}
	}
	return collection(q, found), nil
}

// commits answers GET /customers/commits.
func (s *Server) commits(q *request) (any, error) {
	return map[string]any{"@id": q.public(), "@type": "Commits", "amount": s.world.Commits}, nil
}
