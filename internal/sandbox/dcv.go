package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// dcvMetadata answers what the customer must do for each domain. Where the rules know nothing
// it answers 404, or no items by switch (cps-api, sections 4.7 and 8.2).
func (s *Server) dcvMetadata(q *request, c *world.Certificate) (any, error) {
	domains, err := chosenDomains(c, q, c.DCVMethod != "Email")
	if err != nil {
		return nil, err
	}
	documented, permitted := s.world.Verdict(world.ReadDCV, c)
	if !permitted {
		return nil, refused(http.StatusNotFound, "", "There is no validation metadata in the current state.")
	}
	if !documented {
		domains = nil
	}
	var items []object
	for _, d := range domains {
		item := object{"domain_id": d.ID, "dcv_method": c.DCVMethod, "dcv_token": nil, "emails": nil}
		if c.DCVMethod == "Email" {
			var emails []string
			for _, who := range []string{"admin", "administrator", "hostmaster", "postmaster", "webmaster"} {
				emails = append(emails, who+"@"+strings.TrimPrefix(c.Parent(d), "*."))
			}
			item["emails"] = emails
		} else if !s.world.Clock.Before(c.TokensReady()) {
			item["dcv_token"] = s.tokenShape(c.Token(d))
		}
		items = append(items, item)
	}
	return collection(q, items), nil
}

func (s *Server) tokenShape(token string) any {
	if s.world.Switches.DCVToken == "string" {
		return token
	}
	return map[string]string{"token": token}
}

// chosenDomains returns the domains that domain_ids selects: all without it, where that
// is allowed (cps-api, section 3.2).
func chosenDomains(c *world.Certificate, q *request, needed bool) ([]world.Domain, error) {
	if !q.query.Has("domain_ids") {
		if needed {
			return nil, invalid("domain_ids", "This query parameter is needed for the DNS methods.")
		}
		return c.Live(), nil
	}
	var domains []world.Domain
	for text := range strings.SplitSeq(q.query.Get("domain_ids"), ",") {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, invalid("domain_ids", "%q is not the id of a domain.", text)
		}
		i := slices.IndexFunc(c.Domains, func(d world.Domain) bool { return d.ID == id })
		if i < 0 {
			return nil, refused(http.StatusNotFound, "domain_ids", "Certificate %d has no domain %d.", c.ID, id)
		}
		domains = append(domains, c.Domains[i])
	}
	return domains, nil
}

// dcvWrite checks what the writes below /dcv have in common. DNS tells whether
// one is for the two DNS methods, or for Email alone.
func (s *Server) dcvWrite(q *request, c *world.Certificate, op world.Operation, dns bool) ([]world.Domain, error) {
	if (c.DCVMethod == "Email") == dns {
		return nil, invalid("", "This is not possible with the method %s.", c.DCVMethod)
	}
	if err := s.permit(op, c); err != nil {
		return nil, err
	}
	return chosenDomains(c, q, false)
}

// dcvToken answers PUT /dcv/certificates/{id}/token: new tokens.
func (s *Server) dcvToken(q *request, c *world.Certificate) (any, error) {
	domains, err := s.dcvWrite(q, c, world.NewDCVToken, true)
	if err != nil {
		return nil, err
	}
	c.NewTokens()
	s.world.Touch(c, s.client())
	var items []object
	for _, d := range domains {
		items = append(items, object{"domain_id": d.ID, "dcv_method": c.DCVMethod, "dcv_token": s.tokenShape(c.Token(d))})
	}
	return collection(q, items), nil
}

// dcvCheck answers PUT /dcv/certificates/{id}/check: the CA looks now.
func (s *Server) dcvCheck(q *request, c *world.Certificate) (any, error) {
	_, err := s.dcvWrite(q, c, world.CheckDCV, true)
	if err == nil {
		s.world.CheckDomains(c)
	}
	return nil, err
}

func (s *Server) dcvResend(q *request, c *world.Certificate) (any, error) {
	_, err := s.dcvWrite(q, c, world.ResendDCVEmail, false)
	return nil, err
}

func (s *Server) dcvMethod(q *request, c *world.Certificate) (any, error) {
	var body struct {
		Method string `json:"dcv_method"`
	}
	if _, err := q.decode(&body); err != nil {
		return nil, err
	}
	if err := oneOf("/dcv_method", body.Method, world.DCVMethods); err != nil || body.Method == c.DCVMethod {
		return nil, err
	}
	err := s.permit(world.EditMethod, c)
	if err == nil {
		c.DCVMethod = body.Method
		s.world.Touch(c, s.client())
	}
	return nil, err
}
