package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// notificationBody is an element of the array that is sent (cps-api, section 3.7).
type notificationBody struct {
	Type    string   `json:"notification_type"`
	Enabled bool     `json:"enabled"`
	Emails  []string `json:"emails"`
}

// notifications answers GET /certificates/{id}/notifications.
func (s *Server) notifications(q *request) (any, error) {
	c, err := s.certificate(q, false)
	if err != nil {
		return nil, err
	}
	return collection(q, s.settings(c)), nil
}

// settings returns those of c: its own, or the defaults when it never had any.
func (s *Server) settings(c *Certificate) []Notification {
	if c.Notifications == nil {
		return everyType(s.world.Notifications)
	}
	return everyType(c.Notifications)
}

// patchNotifications answers PATCH /certificates/{id}/notifications.
func (s *Server) patchNotifications(q *request) (any, error) {
	c, err := s.certificate(q, false)
	if err != nil {
		return nil, err
	}
	wanted, err := s.notificationBodies(q)
	if err != nil {
		return nil, err
	}
	if err := s.world.permit(editNotifications, c); err != nil {
		return nil, err
	}
	c.Notifications = merged(s.settings(c), wanted)
	if s.world.Switches.NotifyLastModified == "moves" {
		s.world.touch(c, s.client())
	}
	return collection(q, c.Notifications), nil
}

// defaultNotifications answers GET /customers/notifications.
func (s *Server) defaultNotifications(q *request) (any, error) {
	return collection(q, everyType(s.world.Notifications)), nil
}

// patchDefaultNotifications answers PATCH /customers/notifications.
func (s *Server) patchDefaultNotifications(q *request) (any, error) {
	wanted, err := s.notificationBodies(q)
	if err != nil {
		return nil, err
	}
	s.world.Notifications = merged(everyType(s.world.Notifications), wanted)
	return collection(q, s.world.Notifications), nil
}

// notificationBodies reads and checks a body.
func (s *Server) notificationBodies(q *request) ([]Notification, error) {
	var bodies []notificationBody
	sent, err := q.decode(&bodies)
	if err != nil {
		return nil, err
	}
	if string(q.body[sent.places[""]]) != "[" {
		return nil, invalid("", "This must be an array.")
	}
	var reasons reasons
	var settings []Notification
	for i, b := range bodies {
		at := fmt.Sprintf("/%d", i)
		reasons.add(oneOf(at+"/notification_type", b.Type, notificationTypes))
		if slices.ContainsFunc(settings, func(n Notification) bool { return n.Type == b.Type }) {
			reasons.add(invalid(at+"/notification_type", "This type is given twice."))
		}
		if b.Enabled && len(b.Emails) == 0 {
			reasons.add(invalid(at+"/emails", "An enabled notification needs addresses."))
		}
		for j, address := range b.Emails {
			reasons.add(s.checkAddress(fmt.Sprintf("%s/emails/%d", at, j), address))
		}
		settings = append(settings, Notification{b.Type, b.Enabled, append([]string{}, b.Emails...)})
	}
	return settings, reasons.refusal()
}

// checkAddress refuses anybody but portal users of the account.
func (s *Server) checkAddress(pointer, address string) error {
	users := s.world.PortalUsers
	known := func(user string) bool { return strings.EqualFold(user, address) }
	if strings.Count(address, "@") != 1 || len(users) > 0 && !slices.ContainsFunc(users, known) {
		return invalid(pointer, "This is not the address of a portal user.")
	}
	return nil
}

// everyType returns one setting of each type, disabled where there is none.
func everyType(have []Notification) []Notification {
	var all []Notification
	for _, t := range notificationTypes {
		n := Notification{Type: t, Emails: []string{}}
		for _, h := range have {
			if h.Type == t {
				n = Notification{t, h.Enabled, append([]string{}, h.Emails...)}
			}
		}
		all = append(all, n)
	}
	return all
}

// merged returns have with the wanted settings in place of those of their types.
func merged(have, wanted []Notification) []Notification {
	for _, want := range wanted {
		for i := range have {
			if have[i].Type == want.Type {
				have[i] = want
			}
		}
	}
	return have
}
