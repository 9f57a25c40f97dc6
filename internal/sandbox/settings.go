package sandbox

import (
	"fmt"
	"slices"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// notifications answers GET /certificates/{id}/notifications.
func (s *Server) notifications(q *request, c *world.Certificate) (any, error) {
	return collection(q, s.settings(c)), nil
}

// patchNotifications answers PATCH /certificates/{id}/notifications: settings of other
// types stay (cps-api, section 3.7).
func (s *Server) patchNotifications(q *request, c *world.Certificate) (any, error) {
	wanted, err := notificationBodies(q)
	if err != nil {
		return nil, err
	}
	if err := s.permit(world.EditNotifications, c); err != nil {
		return nil, err
	}
	c.Notifications = everyType(slices.Concat(s.settings(c), wanted))
	return collection(q, c.Notifications), nil
}

// settings returns those of c: its own, or the defaults when it never had any.
func (s *Server) settings(c *world.Certificate) []world.Notification {
	if c.Notifications == nil {
		return everyType(s.world.Notifications)
	}
	return everyType(c.Notifications)
}

// everyType returns one setting of each type: the last one, disabled where there is none.
func everyType(have []world.Notification) []world.Notification {
	var all []world.Notification
	for _, t := range world.NotificationTypes {
		n := world.Notification{Type: t, Emails: []string{}}
		for _, h := range have {
			if h.Type == t {
				n = world.Notification{Type: t, Enabled: h.Enabled, Emails: append([]string{}, h.Emails...)}
			}
		}
		all = append(all, n)
	}
	return all
}

// notificationBodies reads and checks a body.
func notificationBodies(q *request) ([]world.Notification, error) {
	var settings []world.Notification
	if _, err := q.decode(&settings); err != nil {
		return nil, err
	}
	if settings == nil {
		return nil, invalid("", "This must be an array.")
	}
	var reasons reasons
	for i, n := range settings {
		reasons.add(oneOf(fmt.Sprintf("/%d/notification_type", i), n.Type, world.NotificationTypes))
	}
	return settings, reasons.refusal()
}

// putOrganization answers PUT /certificates/{id}/organization: a new request at
// the CA for a certificate that has one (cps-api, section 8.3).
func (s *Server) putOrganization(q *request, c *world.Certificate) (any, error) {
	var body world.Organization
	if _, err := q.decode(&body); err != nil {
		return nil, err
	}
	if c.ValidationType != "OV" && c.ValidationType != "EV" {
		return nil, invalid("", "A %s certificate has no organization.", c.ValidationType)
	}
	if err := s.permit(world.EditOrganization, c); err != nil {
		return nil, err
	}
	org, err := s.chooseOrganization(body, c.ValidationType, "")
	if err != nil {
		return nil, err
	}
	s.world.ChangeOrganization(c, org, s.client())
	return org, nil
}

// chooseOrganization returns the organization that a body selects: by id, else by its exact
// company name, else a new one made from the body, with id 0 (cps-api, section 3.5).
func (s *Server) chooseOrganization(body world.Organization, validation, at string) (*world.Organization, error) {
	for _, org := range s.world.AllOrganizations() {
		if body.ID != 0 && org.ID == body.ID || body.ID == 0 && body.CompanyName != "" && org.CompanyName == body.CompanyName {
			return &org, nil
		}
	}
	if body.ID != 0 {
		return nil, invalid(at+"/id", "No organization has id %d.", body.ID)
	}
	return &body, checkOrganization(body, validation, at)
}

// checkOrganization refuses a new organization that lacks what OV or EV needs.
func checkOrganization(org world.Organization, validation, at string) error {
	var missing reasons
	if org.CompanyName == "" {
		missing.add(invalid(at+"/company_name", "This member is needed for a new organization."))
	}
	if validation == "EV" && len(org.AdditionalContacts) == 0 {
		missing.add(invalid(at+"/additional_contacts", "An EV certificate needs additional contacts."))
	}
	return missing.refusal()
}
