package sandbox

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// createBody is the body of POST /certificates/cdnprovided (cps-api, section 3.5).
type createBody struct {
	Label          string              `json:"certificate_label"`
	Authority      string              `json:"certificate_authority"`
	ValidationType string              `json:"validation_type"`
	DCVMethod      string              `json:"dcv_method"`
	Domains        []domainBody        `json:"domains"`
	Organization   *world.Organization `json:"organization"`
	AutoRenew      bool                `json:"auto_renew"`
	Description    *string             `json:"description"`
}

// create answers POST /certificates/cdnprovided.
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
	if org != nil {
		s.world.AddOrganization(org)
	}
	c := world.Certificate{
		Label: body.Label, Authority: body.Authority, ValidationType: body.ValidationType,
		DCVMethod: body.DCVMethod, AutoRenew: body.AutoRenew, Domains: domains, Organization: org,
	}
	if body.Description != nil {
		c.Description = s.describe(nil, *body.Description)
	}
	return s.single(s.world.Create(c, s.client())), nil
}

// checkCreate returns the domains and the organization, or all reasons against.
func (s *Server) checkCreate(body createBody, sent sent) ([]world.Domain, *world.Organization, error) {
	var reasons reasons
	for _, name := range []string{"certificate_label", "certificate_authority", "validation_type", "dcv_method", "domains"} {
		if !sent.has(name) {
			reasons.add(invalid("/"+name, "This member is needed."))
		}
	}
	if reasons.any() {
		return nil, nil, reasons.refusal()
	}
	reasons.add(s.checkLabel(body.Label, 0))
	reasons.add(oneOf("/certificate_authority", body.Authority, []string{"DigiCert"}))
	reasons.add(oneOf("/validation_type", body.ValidationType, []string{"DV", "OV", "EV"}))
	reasons.add(oneOf("/dcv_method", body.DCVMethod, world.DCVMethods))
	domains := s.domains(body.Domains, body.ValidationType, &reasons)
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
	reasons.add(err)
	return domains, org, reasons.refusal()
}

// patchBody is the body of PATCH /certificates/{id}: exactly these five members
// (cps-api, section 3.6). Null leaves domains, and description, as they are.
type patchBody struct {
	AutoRenew   *bool        `json:"auto_renew"`
	Label       *string      `json:"certificate_label"`
	Description *string      `json:"description"`
	DCVMethod   *string      `json:"dcv_method"`
	Domains     []domainBody `json:"domains"`
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
	s.edit(c, body, sent)
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
func (s *Server) checkPatch(c *world.Certificate, body patchBody, sent sent) ([]world.Domain, error) {
	var reasons, flaws reasons
	for _, name := range []string{"certificate_label", "auto_renew", "dcv_method"} {
		if sent.null(name) {
			reasons.add(invalid("/"+name, "This must not be null."))
		}
	}
	if reasons.any() {
		return nil, reasons.refusal()
	}
	var domains []world.Domain
	if body.Domains != nil {
		domains = s.domains(body.Domains, c.ValidationType, &flaws)
	}
	if !flaws.any() && slices.Equal(domainKeys(c.Live()), domainKeys(domains)) {
		domains = nil
	}
	for _, op := range []world.Operation{world.EditLabel, world.EditDescription, world.EditAutoRenew} {
		if sent.has(string(op)) {
			reasons.add(s.permit(op, c))
		}
	}
	if domains != nil || flaws.any() {
		reasons.add(s.permit(world.EditDomains, c))
	}
	if body.DCVMethod != nil && *body.DCVMethod != c.DCVMethod {
		reasons.add(s.permit(world.EditMethod, c))
	}
	if reasons.any() {
		return nil, reasons.refusal()
	}
	if body.Label != nil {
		reasons.add(s.checkLabel(*body.Label, c.ID))
	}
	if body.DCVMethod != nil {
		reasons.add(oneOf("/dcv_method", *body.DCVMethod, world.DCVMethods))
	}
	reasons.refusals = append(reasons.refusals, flaws.refusals...)
	return domains, reasons.refusal()
}

// edit makes the changes that take effect at once.
func (s *Server) edit(c *world.Certificate, body patchBody, sent sent) {
	if body.Label != nil {
		c.Label = *body.Label
	}
	if body.AutoRenew != nil {
		c.AutoRenew = *body.AutoRenew
	}
	if body.DCVMethod != nil {
		c.DCVMethod = *body.DCVMethod
	}
	if body.Description != nil {
		c.Description = s.describe(c.Description, *body.Description)
	}
	if sent.has("certificate_label") || sent.has("auto_renew") || sent.has("dcv_method") || sent.has("description") {
		s.world.Touch(c, s.client())
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

// labelAlphabet is what the documents allow, with the dot and the space that
// their own samples use.
const labelAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_. "

// checkLabel refuses a label that the certificate with this id cannot have (cps-api,
// section 7.1).
func (s *Server) checkLabel(label string, id int64) error {
	const pointer = "/certificate_label"
	if strings.TrimSpace(label) == "" {
		return invalid(pointer, "A label is needed.")
	}
	for _, r := range label {
		if !strings.ContainsRune(labelAlphabet, r) {
			return invalid(pointer, "A label has letters, digits, dashes, underscores, dots and spaces, not %q.", r)
		}
	}
	if s.world.LabelTaken(label, id) {
		return invalid(pointer, "This label is already in use.")
	}
	return nil
}

// domainBody is an element of domains in a request: no id, no status (cps-api,
// sections 3.5 and 3.6). Without is_common_name it is not the common name.
type domainBody struct {
	Name         string `json:"name"`
	IsCommonName bool   `json:"is_common_name"`
}

// domains checks a complete list of domains (cps-api, section 7.2) and returns it
// as it is stored. Without a common name the first one becomes it.
func (s *Server) domains(bodies []domainBody, validation string, reasons *reasons) []world.Domain {
	if len(bodies) == 0 {
		reasons.add(invalid("/domains", "At least one domain is needed."))
		return nil
	}
	var domains []world.Domain
	seen, common := map[string]bool{}, 0
	for i, b := range bodies {
		at := fmt.Sprintf("/domains/%d/name", i)
		key := strings.ToLower(b.Name)
		reasons.add(checkName(at, key, validation))
		if seen[key] {
			reasons.add(invalid(at, "This name is given twice."))
		}
		seen[key] = true
		if b.IsCommonName {
			common++
		}
		name := key
		if s.world.Switches.NameCase == "as-sent" {
			name = b.Name
		}
		domains = append(domains, world.Domain{Name: name, IsCommonName: b.IsCommonName})
	}
	if common > 1 {
		reasons.add(invalid("/domains", "Only one domain can be the common name."))
	}
	if common == 0 {
		domains[0].IsCommonName = true
	}
	return domains
}

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
	case len(name) > 253 || slices.ContainsFunc(labels, badLabel):
		return invalid(at, "This is not a domain name.")
	case wildcard && validation == "EV":
		return invalid(at, "An EV certificate cannot have a wildcard domain.")
	}
	return nil
}

// badLabel reports whether a label of a name is not letters, digits and dashes.
func badLabel(label string) bool {
	return label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
		strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != ""
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
