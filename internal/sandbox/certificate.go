package sandbox

import "time"

// Certificate is a certificate request as the state file keeps it: in the words
// of the API (cps-api, sections 4.1 and 4.6), followed by what the API hides.
// Pointers are shared between copies and never written through.
type Certificate struct {
	AtID   string `json:"@id,omitempty"`   // accepted, so that a recorded answer can be pasted
	AtType string `json:"@type,omitempty"` // accepted likewise

	ID              int64          `json:"id"`
	Label           string         `json:"certificate_label"`
	Description     *string        `json:"description,omitempty"`
	Authority       string         `json:"certificate_authority,omitempty"`
	ValidationType  string         `json:"validation_type,omitempty"`
	DCVMethod       string         `json:"dcv_method,omitempty"`
	AutoRenew       bool           `json:"auto_renew"`
	RequestType     string         `json:"request_type,omitempty"`
	Domains         []Domain       `json:"domains"`
	Organization    *Organization  `json:"organization,omitempty"`
	Deployments     []Deployment   `json:"deployments,omitempty"`
	Expires         time.Time      `json:"expiration_date,omitzero"`
	Thumbprint      *string        `json:"thumbprint,omitempty"`
	Created         time.Time      `json:"created,omitzero"`
	LastModified    time.Time      `json:"last_modified,omitzero"`
	CreatedBy       *Actor         `json:"created_by,omitempty"`
	ModifiedBy      *Actor         `json:"modified_by,omitempty"`
	WorkflowMessage *string        `json:"workflow_error_message,omitempty"`
	Status          *Status        `json:"status,omitempty"`
	Notifications   []Notification `json:"notifications,omitempty"`

	// ValidatesAfter is when its owner has proven control, counted from the order.
	// Without it, names are never validated and time out.
	ValidatesAfter Wait `json:"validates_after,omitempty"`
	// VettedAfter is how long the check of its organization takes.
	VettedAfter Wait `json:"vetted_after,omitempty"`
	// Revalidates is whether a renewal must prove control again.
	Revalidates bool `json:"revalidates,omitzero"`
	// Refused is whether the CA refuses its orders.
	Refused bool `json:"refused,omitzero"`
	// Stuck is whether automatic renewal fails to start.
	Stuck bool `json:"stuck,omitzero"`
	// Workflow is the order under way, nil when none is.
	Workflow *Workflow `json:"workflow,omitempty"`
	// Issues counts how often it was issued; thumbprints are made from it.
	Issues int `json:"issues,omitzero"`
	// Tokens counts how often its DCV tokens were made.
	Tokens int `json:"tokens,omitzero"`
}

// Domain is an element of domains (cps-api, section 4.2).
type Domain struct {
	ID           int64      `json:"id,omitzero"`
	Name         string     `json:"name"`
	IsCommonName bool       `json:"is_common_name"`
	Status       string     `json:"status,omitempty"`
	Created      time.Time  `json:"created,omitzero"`
	ActiveDate   *time.Time `json:"active_date,omitempty"`
	// Leaves is when a removed name stops being listed; zero means never.
	Leaves time.Time `json:"leaves,omitzero"`
}

// Deployment is where a certificate is served (cps-api, section 4.3).
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

// Status is the answer to GET .../status (cps-api, section 4.6). It is either
// left out of the state file, and then follows from the certificate, or written
// as the API says it; only step, organization_validation and domain_validations
// are then filled in.
type Status struct {
	AtID              string           `json:"@id,omitempty"`
	AtType            string           `json:"@type,omitempty"`
	ID                int64            `json:"id,omitzero"`
	Step              int              `json:"step,omitzero"`
	Status            string           `json:"status"`
	RequiresAttention bool             `json:"requires_attention,omitzero"`
	ErrorMessage      *string          `json:"error_message,omitempty"`
	OrderValidation   *OrderValidation `json:"order_validation"`
}

// OrderValidation is how the order at the CA stands.
type OrderValidation struct {
	Status                 string                  `json:"status"`
	OrganizationValidation *OrganizationValidation `json:"organization_validation"`
	DomainValidations      []DomainValidation      `json:"domain_validations"`
}

// OrganizationValidation is how the check of the organization stands.
type OrganizationValidation struct {
	ValidationType string `json:"validation_type"`
	Status         string `json:"status"`
}

// DomainValidation is how the check of one name, and of those that ride on it, stands.
type DomainValidation struct {
	DomainID    int64    `json:"domain_id"`
	DomainNames []string `json:"domain_names"`
	Status      string   `json:"status"`
}

// issued reports whether a certificate was ever made (cps-api, section 11).
func (c *Certificate) issued() bool {
	return c.Thumbprint != nil || !c.Expires.IsZero()
}

// order returns the status of the order at the CA, empty when there is none.
func (c *Certificate) order() string {
	if c.Status.OrderValidation == nil {
		return ""
	}
	return c.Status.OrderValidation.Status
}

// live returns the names that are not leaving or gone (cps-api, section 4.2).
func (c *Certificate) live() []Domain {
	var live []Domain
	for _, d := range c.Domains {
		if d.live() {
			live = append(live, d)
		}
	}
	return live
}

func (d Domain) live() bool { return d.Status != "PendingDelete" && d.Status != "Delete" }

// has reports whether any name has one of these statuses.
func (c *Certificate) has(statuses ...string) bool {
	for _, d := range c.Domains {
		if in(d.Status, statuses) {
			return true
		}
	}
	return false
}
