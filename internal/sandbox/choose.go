package sandbox

import (
	"slices"
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
	for _, org := range w.organizations() {
		if body.CompanyName != "" && org.CompanyName == body.CompanyName {
			return &org, nil
		}
	}
	org := Organization(body)
	return &org, checkOrganization(org, validation, at)
}

// organizations are those of the account, then those that its certificates name beside
// them, by the id they have there.
func (w *World) organizations() []Organization {
	all, known := slices.Clone(w.Organizations), map[int64]bool{}
	for _, org := range all {
		known[org.ID] = true
	}
	for _, c := range w.Certificates {
		if org := c.Organization; org != nil && org.ID != 0 && !known[org.ID] {
			known[org.ID] = true
			all = append(all, *org)
		}
	}
	return all
}

// organization returns a copy of the one with this id, nil when there is none.
func (w *World) organization(id int64) *Organization {
	for _, org := range w.organizations() {
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
	for _, o := range w.organizations() {
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
