package sandbox

import (
	"slices"
	"time"
)

// tidy returns a copy of w without the members that complete fills in the same
// way, so that a state file keeps the size a person gave it.
func (w World) tidy() World {
	w.Certificates = slices.Clone(w.Certificates)
	for i := range w.Certificates {
		c := &w.Certificates[i]
		usual := []struct {
			member *string
			word   string
		}{{&c.Authority, "DigiCert"}, {&c.RequestType, "Enterprise"}}
		for _, u := range usual {
			if *u.member == u.word {
				*u.member = ""
			}
		}
		if len(c.Deployments) == 1 && c.Deployments[0] == deploymentOf(c.ID) && c.Status != nil && c.Status.Status == "Active" {
			c.Deployments = nil
		}
		if c.Tokens == 1 {
			c.Tokens = 0
		}
		c.Domains = slices.Clone(c.Domains)
		for j := range c.Domains {
			if c.Domains[j].Created.Equal(c.Created) {
				c.Domains[j].Created = time.Time{}
			}
		}
	}
	return w
}
