package sandbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// patchBody is the body of PATCH /certificates/{id}: exactly these five members
// (cps-api, section 3.6). Null leaves domains, and description, as they are.
type patchBody struct {
	AutoRenew   *bool        `json:"auto_renew"`
	Label       *string      `json:"certificate_label"`
	Description *string      `json:"description"`
	DCVMethod   *string      `json:"dcv_method"`
	Domains     []domainBody `json:"domains"`
}

// domainBody is an element of domains in a request: no id, no status (cps-api,
// sections 3.5 and 3.6). Without is_common_name it is not the common name.
type domainBody struct {
	Name         string `json:"name"`
	IsCommonName bool   `json:"is_common_name"`
}

// createBody is the body of POST /certificates/cdnprovided (cps-api, section 3.5).
type createBody struct {
	patchBody
	Authority      string              `json:"certificate_authority"`
	ValidationType string              `json:"validation_type"`
	Organization   *world.Organization `json:"organization"`
}

func (s *Server) create(q *request, _ *world.Certificate) (any, error) {
	var body createBody
	sent, err := q.decode(&body)
	if err != nil {
		return nil, err
	}
	domains, org, err := s.checkCreate(body, sent)
	if err != nil {
		return nil, err
	}
	s.world.AddOrganization(org)
	c := world.Certificate{Authority: body.Authority, ValidationType: body.ValidationType, Domains: domains, Organization: org}
	s.edit(&c, body.patchBody)
	return s.single(s.world.Create(c, s.client())), nil
}

// checkCreate returns the domains and the organization, or all reasons against.
func (s *Server) checkCreate(body createBody, sent map[string]json.RawMessage) ([]world.Domain, *world.Organization, error) {
	var reasons []error
	for _, name := range []string{"certificate_label", "certificate_authority", "validation_type", "dcv_method", "domains"} {
		if sent[name] == nil {
			reasons = append(reasons, invalid("/"+name, "This member is needed."))
		}
	}
	if len(reasons) > 0 {
		return nil, nil, errors.Join(reasons...)
	}
	domains, flaws := s.domains(body.Domains, body.ValidationType)
	var org *world.Organization
	var err error
	switch dv := body.ValidationType == "DV"; {
	case dv && body.Organization != nil && s.world.Switches.UnknownCells != "accepted": // the SDK's sample sends one (cps-api, section 14)
		err = invalid("/organization", "A DV certificate has no organization.")
	case !dv && body.Organization == nil:
		err = invalid("/organization", "An %s certificate needs an organization.", body.ValidationType)
	case !dv:
		org, err = s.chooseOrganization(*body.Organization, body.ValidationType, "/organization")
	}
	return domains, org, errors.Join(
		s.checkLabel(text(body.Label), 0),
		oneOf("/certificate_authority", body.Authority, []string{"DigiCert"}),
		oneOf("/validation_type", body.ValidationType, []string{"DV", "OV", "EV"}),
		oneOf("/dcv_method", text(body.DCVMethod), world.DCVMethods),
		flaws, err)
}

// patch answers PATCH /certificates/{id}: everything in the body, or nothing.
func (s *Server) patch(q *request, c *world.Certificate) (any, error) {
	var body patchBody
	sent, err := q.decode(&body)
	if err != nil {
		return nil, err
	}
	domains, err := s.checkPatch(c, body, sent)
	if err != nil {
		return nil, err
	}
	modified, by := c.LastModified, c.ModifiedBy
	s.edit(c, body)
	if delete(sent, "domains"); len(sent) > 0 {
		s.world.Touch(c, s.client())
	}
	if domains != nil {
		s.world.ChangeDomains(c, domains, s.client())
	}
	if s.world.Switches.PatchLastModified == "stays" {
		c.LastModified, c.ModifiedBy = modified, by
	}
	return s.single(c), nil
}

// checkPatch returns the wanted domains where they differ, or all reasons against a
// change. The list that is there already is no change, whatever is in progress: the
// vendor's own client sends it with every edit (cps-api, sections 3.6 and 10).
func (s *Server) checkPatch(c *world.Certificate, body patchBody, sent map[string]json.RawMessage) ([]world.Domain, error) {
	var nulls, forbidden, wrong []error
	for _, name := range []string{"certificate_label", "auto_renew", "dcv_method"} {
		if string(sent[name]) == "null" {
			nulls = append(nulls, invalid("/"+name, "This must not be null."))
		}
	}
	var domains []world.Domain
	var flaws error
	if body.Domains != nil {
		domains, flaws = s.domains(body.Domains, c.ValidationType)
	}
	if flaws == nil && slices.Equal(domainKeys(c.Live()), domainKeys(domains)) {
		domains = nil
	}
	for _, op := range []world.Operation{world.EditLabel, world.EditDescription, world.EditAutoRenew} {
		if sent[op.Name] != nil {
			forbidden = append(forbidden, s.permit(op, c))
		}
	}
	if domains != nil || flaws != nil {
		forbidden = append(forbidden, s.permit(world.EditDomains, c))
	}
	if body.DCVMethod != nil && *body.DCVMethod != c.DCVMethod {
		forbidden = append(forbidden, s.permit(world.EditMethod, c))
	}
	if body.Label != nil {
		wrong = append(wrong, s.checkLabel(*body.Label, c.ID))
	}
	if body.DCVMethod != nil {
		wrong = append(wrong, oneOf("/dcv_method", *body.DCVMethod, world.DCVMethods))
	}
	return domains, cmp.Or(errors.Join(nulls...), errors.Join(forbidden...), errors.Join(append(wrong, flaws)...))
}

// edit makes the changes that take effect at once.
func (s *Server) edit(c *world.Certificate, body patchBody) {
	if body.Label != nil {
		c.Label = *body.Label
	}
	if body.AutoRenew != nil {
		c.AutoRenew = *body.AutoRenew
	}
	if body.DCVMethod != nil {
		c.DCVMethod = *body.DCVMethod
	}
	if d := body.Description; d != nil {
		switch { // (cps-api, section 7.3)
		case *d != "" || s.world.Switches.EmptyDescription == "empty":
			c.Description = d
		case s.world.Switches.EmptyDescription != "ignored":
			c.Description = nil
		}
	}
}

// labelAlphabet is what the documents allow, with the dot and the space that
// their own samples use.
const labelAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_. "

// checkLabel refuses a label that the certificate with this id cannot have (cps-api,
// section 7.1).
func (s *Server) checkLabel(label string, id int64) error {
	const pointer = "/certificate_label"
	strange := strings.TrimLeft(label, labelAlphabet)
	switch {
	case strings.TrimSpace(label) == "":
		return invalid(pointer, "A label is needed.")
	case strange != "":
		return invalid(pointer, "A label has letters, digits, dashes, underscores, dots and spaces, not %q.", []rune(strange)[0])
	case s.world.LabelTaken(label, id):
		return invalid(pointer, "This label is already in use.")
	}
	return nil
}

// domains checks a complete list of domains (cps-api, section 7.2) and returns it
// as it is stored. Without a common name the first one becomes it.
func (s *Server) domains(bodies []domainBody, validation string) (domains []world.Domain, flaws error) {
	if len(bodies) == 0 {
		return nil, invalid("/domains", "At least one domain is needed.")
	}
	var reasons []error
	seen, common := map[string]bool{}, 0
	for i, b := range bodies {
		at := fmt.Sprintf("/domains/%d/name", i)
		key := strings.ToLower(b.Name)
		reasons = append(reasons, checkName(at, key, validation))
		if seen[key] {
			reasons = append(reasons, invalid(at, "This name is given twice."))
		}
		seen[key] = true
		if b.IsCommonName {
			common++
		}
		d := world.Domain{Name: key, IsCommonName: b.IsCommonName}
		if s.world.Switches.NameCase == "as-sent" {
			d.Name = b.Name
		}
		domains = append(domains, d)
	}
	if common > 1 {
		reasons = append(reasons, invalid("/domains", "Only one domain can be the common name."))
	}
	if common == 0 {
		domains[0].IsCommonName = true
	}
	return domains, errors.Join(reasons...)
}

var domainLabel = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

// checkName refuses a name that no public certificate can have.
func checkName(at, name, validation string) error {
	bare, wildcard := strings.CutPrefix(name, "*.")
	_, err := netip.ParseAddr(strings.Trim(name, "[]"))
	labels := strings.Split(bare, ".")
	switch {
	case err == nil:
		return invalid(at, "This is an IP address.")
	case len(labels) < 2:
		return invalid(at, "A domain has at least two labels.")
	case len(name) > 253 || slices.ContainsFunc(labels, func(label string) bool { return !domainLabel.MatchString(label) }):
		return invalid(at, "This is not a domain name.")
	case wildcard && validation == "EV":
		return invalid(at, "An EV certificate cannot have a wildcard domain.")
	}
	return nil
}

// domainKeys returns the names in lower case, sorted, the common name marked.
func domainKeys(domains []world.Domain) []string {
	var keys []string
	for _, d := range domains {
		keys = append(keys, fmt.Sprint(strings.ToLower(d.Name), " ", d.IsCommonName))
	}
	slices.Sort(keys)
	return keys
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
	org, flaws := s.chooseOrganization(body, c.ValidationType, "")
	if err := cmp.Or(s.permit(world.EditOrganization, c), flaws); err != nil {
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
	var missing []error
	if body.CompanyName == "" {
		missing = append(missing, invalid(at+"/company_name", "This member is needed for a new organization."))
	}
	if validation == "EV" && len(body.AdditionalContacts) == 0 {
		missing = append(missing, invalid(at+"/additional_contacts", "An EV certificate needs additional contacts."))
	}
	return &body, errors.Join(missing...)
}

func (s *Server) notifications(q *request, c *world.Certificate) (any, error) {
	return collection(q, s.settings(c)), nil
}

// patchNotifications answers PATCH /certificates/{id}/notifications: settings of other
// types stay (cps-api, section 3.7).
func (s *Server) patchNotifications(q *request, c *world.Certificate) (any, error) {
	var wanted []world.Notification
	if _, err := q.decode(&wanted); err != nil {
		return nil, err
	}
	if wanted == nil {
		return nil, invalid("", "This must be an array.")
	}
	var reasons []error
	for i, n := range wanted {
		reasons = append(reasons, oneOf(fmt.Sprintf("/%d/notification_type", i), n.Type, world.NotificationTypes))
	}
	if err := cmp.Or(errors.Join(reasons...), s.permit(world.EditNotifications, c)); err != nil {
		return nil, err
	}
	c.Notifications = s.settings(c, wanted...)
	return collection(q, c.Notifications), nil
}

// settings returns those of c, or the defaults when it never had any, and then more: the last
// one of each type, disabled where there is none.
func (s *Server) settings(c *world.Certificate, more ...world.Notification) []world.Notification {
	have := c.Notifications
	if have == nil {
		have = s.world.Notifications
	}
	var all []world.Notification
	for _, t := range world.NotificationTypes {
		n := world.Notification{Type: t, Emails: []string{}}
		for _, h := range slices.Concat(have, more) {
			if h.Type == t {
				n.Enabled, n.Emails = h.Enabled, append([]string{}, h.Emails...)
			}
		}
		all = append(all, n)
	}
	return all
}
