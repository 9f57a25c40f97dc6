package sandbox

import (
	"reflect"
	"slices"
	"time"
)

// tidy returns a copy of w without the members that complete fills in the same
// way, so that a state file keeps the size a person gave it.
func (w World) tidy() World {
	w.Certificates = append([]Certificate{}, w.Certificates...)
	for i := range w.Certificates {
		w.Certificates[i] = w.Certificates[i].tidy(w.Clock)
	}
	return w
}

func (c Certificate) tidy(now time.Time) Certificate {
	if c.Authority == "DigiCert" {
		c.Authority = ""
	}
	if c.RequestType == "Enterprise" {
		c.RequestType = ""
	}
	if c.LastModified.Equal(c.Created) {
		c.LastModified = time.Time{}
	}
	if c.Tokens == 1 {
		c.Tokens = 0
	}
	if c.served() && slices.Equal(c.Deployments, []Deployment{deploymentOf(c.ID)}) {
		c.Deployments = nil
	}
	if c.Workflow == nil && c.statusFollows(now) {
		c.Status = nil
	}
	c.Domains = slices.Clone(c.Domains)
	for i := range c.Domains {
		if c.Domains[i].Created.Equal(c.Created) {
			c.Domains[i].Created = time.Time{}
		}
	}
	return c
}

// served reports whether c is a certificate that complete gives a deployment.
func (c *Certificate) served() bool {
	return c.Status != nil && c.Status.Status == "Active" && c.issued()
}

// statusFollows reports whether complete would find the same status by itself.
func (c Certificate) statusFollows(now time.Time) bool {
	have := c.Status
	c.deriveStatus(now)
	return reflect.DeepEqual(have, c.Status)
}
