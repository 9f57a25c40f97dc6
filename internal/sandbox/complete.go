package sandbox

// complete fills in what a state file may leave out. Completing twice changes nothing.
func (w *World) complete() {
	w.Clock = w.Clock.UTC()
	var last int64 = 20000
	for _, c := range w.Certificates {
		last = max(last, c.ID)
		for _, d := range c.Domains {
			w.LastDomainID = max(w.LastDomainID, d.ID)
		}
	}
	for i := range w.Certificates {
		c := &w.Certificates[i]
		if c.ID == 0 {
			last++
			c.ID = last
		}
		w.completeCertificate(c)
	}
	for i := range w.Organizations {
		if w.Organizations[i].ID == 0 {
			w.Organizations[i].ID = int64(701 + i)
		}
	}
}

func (w *World) completeCertificate(c *Certificate) {
	c.AtID, c.AtType = "", ""
	defaults := []struct {
		member *string
		word   string
	}{
		{&c.Authority, "DigiCert"}, {&c.ValidationType, "DV"}, {&c.DCVMethod, "DnsTxtToken"}, {&c.RequestType, "Enterprise"},
	}
	for _, d := range defaults {
		if *d.member == "" {
			*d.member = d.word
		}
	}
	w.completeTimes(c)
	c.completeDomains(w)
	c.completeStatus(w.Clock)
	if c.issued() && c.Thumbprint == nil {
		c.Issues = max(c.Issues, 1)
		thumbprint := thumbprintOf(c.ID, c.Issues)
		c.Thumbprint = &thumbprint
	}
	if c.served() && len(c.Deployments) == 0 {
		c.Deployments = []Deployment{deploymentOf(c.ID)}
	}
	c.completeWorkflow(w.Clock)
	c.Tokens = max(c.Tokens, 1)
}

// completeTimes takes an issued certificate to have been requested when the CA
// issued it with full validity, and any other one now.
func (w *World) completeTimes(c *Certificate) {
	if c.Created.IsZero() {
		c.Created = w.Clock
		if lived := c.Expires.Add(-199 * day); !c.Expires.IsZero() && lived.Before(w.Clock) {
			c.Created = lived
		}
	}
	if c.LastModified.IsZero() {
		c.LastModified = c.Created
	}
}

// completeDomains gives names their ids, dates and the status that goes with
// the status of the certificate (cps-api, section 12.2).
func (c *Certificate) completeDomains(w *World) {
	for i := range c.Domains {
		d := &c.Domains[i]
		if d.ID == 0 {
			d.ID = w.domainID()
		}
		if d.Created.IsZero() {
			d.Created = c.Created
		}
		if d.Status == "" {
			d.Status = c.usualName()
		}
	}
}

// usualName is the status of a name of which the state file says nothing.
func (c *Certificate) usualName() string {
	status := ""
	if c.Status != nil {
		status = c.Status.Status
	}
	switch {
	case status == "Deleted":
		return "Delete"
	case status == "Deployment":
		return "PendingDns"
	case c.issued():
		return "Active"
	case status == "" || status == "Processing" && c.Status.OrderValidation == nil:
		return "ProvisioningInitiated"
	}
	return "AwaitingCertificateAuthority"
}
