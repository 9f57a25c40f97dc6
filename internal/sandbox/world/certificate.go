package world

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"
)

// Certificate is a certificate request as the state file keeps it: in the words
// of the API (cps-api, sections 4.1 and 4.6), followed by what the API hides.
// Pointers are shared between copies and never written through.
type Certificate struct {
	AtID   string `json:"@id,omitempty"`   // accepted, so that a recorded answer can be pasted
	AtType string `json:"@type,omitempty"` // accepted likewise

	ID              int64          `json:"id"`
	Label           string         `json:"certificate_label"`
	Description     *string        `json:"description,omitempty"`
	Authority       string         `json:"certificate_authority,omitempty"` // empty means DigiCert
	ValidationType  string         `json:"validation_type,omitempty"`
	DCVMethod       string         `json:"dcv_method,omitempty"`
	AutoRenew       bool           `json:"auto_renew"`
	RequestType     string         `json:"request_type,omitempty"` // empty means Enterprise
	Domains         []Domain       `json:"domains"`
	Organization    *Organization  `json:"organization,omitempty"`
	Deployments     []Deployment   `json:"deployments,omitempty"` // see DeployedAt
	Expires         time.Time      `json:"expiration_date,omitzero"`
	Thumbprint      *string        `json:"thumbprint,omitempty"`
	Created         time.Time      `json:"created,omitzero"`
	LastModified    time.Time      `json:"last_modified,omitzero"` // see Modified
	CreatedBy       *Actor         `json:"created_by,omitempty"`
	ModifiedBy      *Actor         `json:"modified_by,omitempty"`
	WorkflowMessage *string        `json:"workflow_error_message,omitempty"`
	Status          *Status        `json:"status,omitempty"` // see State
	Notifications   []Notification `json:"notifications,omitempty"`

	// ValidatesAfter is when its owner has proven control, counted from the order.
	// Without it, domains are never validated and time out.
	ValidatesAfter Wait      `json:"validates_after,omitempty"`
	VettedAfter    Wait      `json:"vetted_after,omitempty"` // how long the check of its organization takes
	Revalidates    bool      `json:"revalidates,omitzero"`   // whether a renewal needs DCV again
	Refused        bool      `json:"refused,omitzero"`       // whether the CA refuses its orders
	Stuck          bool      `json:"stuck,omitzero"`         // whether automatic renewal fails to start
	Workflow       *Workflow `json:"workflow,omitempty"`     // the order in progress, nil when none is
	Issues         int       `json:"issues,omitzero"`        // how often it was issued
	Made           []Made    `json:"made,omitempty"`         // by the simulated CA: the last two, the newest one last
	Tokens         int       `json:"tokens,omitzero"`        // how often its DCV tokens were made, 0 meaning once
}

// Domain is an element of domains (cps-api, section 4.2).
type Domain struct {
	ID           int64      `json:"id,omitzero"`
	Name         string     `json:"name"`
	IsCommonName bool       `json:"is_common_name"`
	Status       string     `json:"status,omitempty"`
	Created      time.Time  `json:"created,omitzero"` // zero means that of the certificate
	ActiveDate   *time.Time `json:"active_date,omitempty"`
	Leaves       time.Time  `json:"leaves,omitzero"` // when a removed domain stops being listed; zero means never
}

// Deployment is where a certificate is active (cps-api, section 4.3).
type Deployment struct {
	DeliveryRegion string `json:"delivery_region"`
	Platform       string `json:"platform"`
	HexURL         string `json:"hex_url"`
}

// Actor is who did something (cps-api, section 4.5).
type Actor struct {
	UserID       *int64  `json:"user_id"`
	PortalTypeID *string `json:"portal_type_id"`
	IdentityID   *string `json:"identity_id"`
	IdentityType *string `json:"identity_type"`
}

// Organization is who a certificate is issued to (cps-api, section 4.4).
type Organization struct {
	ID                 int64     `json:"id"`
	CompanyName        string    `json:"company_name"`
	CompanyAddress     string    `json:"company_address"`
	CompanyAddress2    *string   `json:"company_address2"`
	City               string    `json:"city"`
	State              *string   `json:"state"`
	ZipCode            *string   `json:"zip_code"`
	Country            string    `json:"country"`
	OrganizationalUnit *string   `json:"organizational_unit"`
	ContactFirstName   string    `json:"contact_first_name"`
	ContactLastName    string    `json:"contact_last_name"`
	ContactEmail       string    `json:"contact_email"`
	ContactPhone       string    `json:"contact_phone"`
	ContactTitle       *string   `json:"contact_title"`
	AdditionalContacts []Contact `json:"additional_contacts"`
}

// Contact is a further person of an organization.
type Contact struct {
	ID          int64  `json:"id"`
	ContactType string `json:"contact_type"`
	FirstName   string `json:"first_name"`
	LastName    string `json:"last_name"`
	Email       string `json:"email"`
	Phone       string `json:"phone"`
	Title       string `json:"title"`
}

// Notification is one setting (cps-api, section 3.7).
type Notification struct {
	Type    string   `json:"notification_type"`
	Enabled bool     `json:"enabled"`
	Emails  []string `json:"emails"`
}

// Issued reports whether a certificate was ever made (cps-api, section 11).
func (c *Certificate) Issued() bool { return c.Thumbprint != nil || !c.Expires.IsZero() }

// Modified returns last_modified: what was never modified has the date of its creation.
func (c *Certificate) Modified() time.Time { return cmp.Or(c.LastModified, c.Created) }

// Live returns the domains that are not being removed or gone (cps-api, section 4.2).
func (c *Certificate) Live() []Domain {
	return slices.DeleteFunc(slices.Clone(c.Domains), func(d Domain) bool { return !d.isLive() })
}

func (d Domain) isLive() bool { return d.Status != "PendingDelete" && d.Status != "Delete" }

func (c *Certificate) has(statuses ...string) bool {
	return slices.ContainsFunc(c.Domains, func(d Domain) bool { return in(d.Status, statuses...) })
}

// setDomains gives every live domain a status. The old list is left as it was.
func (c *Certificate) setDomains(status string) {
	c.Domains = slices.Clone(c.Domains)
	for i, d := range c.Domains {
		if d.isLive() {
			c.Domains[i].Status = status
		}
	}
}

// issue gives c a new thumbprint and a new expiry: a certificate that the CA made at an
// instant, and that no region serves yet.
func (w *World) issue(c *Certificate, at time.Time) {
	if c.Issued() {
		c.Issues = max(c.Issues, 1)
	}
	c.Issues++
	c.Expires = w.Clock.Truncate(day).Add(maxValidity(w.Clock))
	c.make(at, 0)
}

// Token returns the DCV token of a domain: one for all domains of a DV certificate,
// else one for each parent.
func (c *Certificate) Token(d Domain) string {
	parent := ""
	if c.ValidationType != "DV" {
		parent = c.Parent(d)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "certificate %d, token %d, %s", c.ID, max(c.Tokens, 1), parent)))
	if c.DCVMethod == "DnsCnameToken" {
		return "_" + sum[:31]
	}
	return sum[:32]
}

// NewTokens replaces the tokens of all domains.
func (c *Certificate) NewTokens() { c.Tokens = max(c.Tokens, 1) + 1 }

// TokensReady returns when the tokens of the order in progress are available.
func (c *Certificate) TokensReady() time.Time {
	if c.Workflow == nil || !in(c.Workflow.Stage, stageHidden, stageQueued, stagePlaced) {
		return time.Time{}
	}
	return c.Workflow.Started.Add(tokenAfter)
}

func in[T comparable](word T, words ...T) bool { return slices.Contains(words, word) }

// The words of the API, in full (cps-api, section 5).
var (
	DomainStatuses = []string{
		"ProvisioningInitiated", "AwaitingCertificateAuthority", "PendingDns", "Active", "PendingReissue",
		"PendingDelete", "Delete", "Rejected", "TimedOut", "SecretRejected",
	}
	RequestStatuses = []string{"Processing", "DomainControlValidation", "OtherValidation", "Deployment", "Active", "Deleted"}
	OrderStatuses   = []string{
		"Pending", "Issued", "Deleted", "Rejected", "Revoked", "Canceled", "AwaitingRenewal", "PendingRenewal",
		"Renewed", "PendingReissue", "AwaitingReissue", "PendingOrgUpdate", "OrgUpdated", "RenewalRejected",
		"ReissueRejected", "Expired", "AwaitingOrgUpdate",
	}
	DCVMethods             = []string{"Email", "DnsCnameToken", "DnsTxtToken"}
	ValidationTypes        = []string{"None", "DV", "OV", "EV"}
	CertificateAuthorities = []string{"DigiCert", "LetsEncrypt"}
	NotificationTypes      = []string{"CertificateRenewal", "CertificateExpiring", "PendingValidations"}
	Platforms              = []string{"HttpLarge", "HttpSmall", "Adn"}
	DeliveryRegions        = []string{
		"GlobalPremiumPlusAsia", "NorthAmericaAndEurope", "GlobalStandard", "Internal", "GlobalPremiumAsiaPlusChina",
		"GlobalPremiumAsiaPlusIndia", "GlobalPremiumAsiaPlusChinaAndIndia", "GlobalPremiumAsiaPlusLatam",
		"GlobalPremiumAsiaPremiumChinaPlusLatam",
	}
)
