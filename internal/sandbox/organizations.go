package sandbox

import (
	"net/http"
	"strings"
)

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
	all := s.world.organizations()
	if len(all) == 0 {
		return nil, refused(http.StatusNotFound, "", "There is no organization.")
	}
	return all[0], nil
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
	for _, o := range s.world.organizations() {
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
