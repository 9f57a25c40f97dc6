package sandbox

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// dcvShape is what the customer must do for one name (cps-api, section 4.7).
type dcvShape struct {
	DomainID int64    `json:"domain_id"`
	Method   string   `json:"dcv_method"`
	Token    any      `json:"dcv_token"`
	Emails   []string `json:"emails"`
}

// dcvMetadata answers GET /dcv/certificates/{id}. Where the rules know nothing
// it answers 404, or no items by switch (cps-api, sections 4.7 and 8.2).
func (s *Server) dcvMetadata(q *request) (any, error) {
	c, err := s.certificate(q, false)
	if err != nil {
		return nil, err
	}
	domains, err := chosen(c, q, c.DCVMethod != "Email")
	if err != nil {
		return nil, err
	}
	if !s.world.permits(readDCV, c) {
		return nil, refused(http.StatusNotFound, "", "There is no validation metadata in the current state.")
	}
	var shapes []dcvShape
	for _, d := range domains {
		if verdict(readDCV, c.phase(s.world.Clock)) == "A" {
			shapes = append(shapes, s.dcvShape(c, d))
		}
	}
	return collection(q, shapes), nil
}

func (s *Server) dcvShape(c *Certificate, d Domain) dcvShape {
	shape := dcvShape{DomainID: d.ID, Method: c.DCVMethod}
	if c.DCVMethod == "Email" {
		parent := strings.TrimPrefix(c.parent(d), "*.")
		for _, who := range []string{"admin", "administrator", "hostmaster", "postmaster", "webmaster"} {
			shape.Emails = append(shape.Emails, who+"@"+parent)
		}
		return shape
	}
	if s.world.Clock.Before(c.tokenReady()) {
		return shape
	}
	shape.Token = s.tokenShape(c.token(d))
	return shape
}

// tokenShape returns a token as a string or an object, as a switch says.
func (s *Server) tokenShape(token string) any {
	if s.world.Switches.DCVToken == "string" {
		return token
	}
	return map[string]string{"token": token}
}

// token returns the DCV token of a name: one for all names of a DV certificate,
// else one for each parent.
func (c *Certificate) token(d Domain) string {
	parent := ""
	if c.ValidationType != "DV" {
		parent = c.parent(d)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "certificate %d, token %d, %s", c.ID, c.Tokens, parent)))
	if c.DCVMethod == "DnsCnameToken" {
		return "_" + sum[:31]
	}
	return sum[:32]
}

// parent returns the name on whose validation a name rides.
func (c *Certificate) parent(d Domain) string {
	for _, g := range c.groups() {
		if slices.ContainsFunc(g.members, func(m Domain) bool { return m.ID == d.ID }) {
			return g.parent.Name
		}
	}
	return d.Name
}

// chosen returns the names that domain_ids selects: all without it, where that
// is allowed (cps-api, section 3.2).
func chosen(c *Certificate, q *request, needed bool) ([]Domain, error) {
	if !q.query.Has("domain_ids") {
		if needed {
			return nil, invalid("domain_ids", "This query parameter is needed for the DNS methods.")
		}
		return c.live(), nil
	}
	var domains []Domain
	for text := range strings.SplitSeq(q.query.Get("domain_ids"), ",") {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, invalid("domain_ids", "%q is not the id of a domain.", text)
		}
		i := slices.IndexFunc(c.Domains, func(d Domain) bool { return d.ID == id })
		if i < 0 {
			return nil, refused(http.StatusNotFound, "domain_ids", "Certificate %d has no domain %d.", c.ID, id)
		}
		domains = append(domains, c.Domains[i])
	}
	return domains, nil
}
