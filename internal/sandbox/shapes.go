package sandbox

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// The shapes of answers (cps-api, sections 4 and 12).

type certificateShape struct {
	AtID            string             `json:"@id"`
	AtType          string             `json:"@type"`
	Domains         []domainShape      `json:"domains"`
	Authority       string             `json:"certificate_authority"`
	ValidationType  string             `json:"validation_type"`
	DCVMethod       string             `json:"dcv_method"`
	Label           string             `json:"certificate_label"`
	Description     *string            `json:"description"`
	LastModified    string             `json:"last_modified"`
	Created         string             `json:"created"`
	Expires         string             `json:"expiration_date"`
	RequestType     string             `json:"request_type"`
	Thumbprint      *string            `json:"thumbprint"`
	Deployments     []world.Deployment `json:"deployments"`
	CreatedBy       world.Actor        `json:"created_by"`
	ModifiedBy      *world.Actor       `json:"modified_by"`
	WorkflowMessage *string            `json:"workflow_error_message"`
	AutoRenew       bool               `json:"auto_renew"`
	ID              int64              `json:"id"`
}

// singleShape is a certificate outside of lists, which leave the organization out.
type singleShape struct {
	certificateShape
	Organization *world.Organization `json:"organization"`
}

type domainShape struct {
	Name         string     `json:"name"`
	Status       string     `json:"status"`
	ActiveDate   *time.Time `json:"active_date"`
	IsCommonName bool       `json:"is_common_name"`
	Created      string     `json:"created"`
	ID           int64      `json:"id"`
}

type statusShape struct {
	AtID              string      `json:"@id"`
	AtType            string      `json:"@type"`
	ID                int64       `json:"id"`
	Step              int         `json:"step"`
	Status            string      `json:"status"`
	RequiresAttention bool        `json:"requires_attention"`
	ErrorMessage      *string     `json:"error_message"`
	OrderValidation   *orderShape `json:"order_validation"`
}

// orderShape is a world.OrderValidation of which nothing is left out.
type orderShape struct {
	Status                 string                        `json:"status"`
	OrganizationValidation *world.OrganizationValidation `json:"organization_validation"`
	DomainValidations      []world.DomainValidation      `json:"domain_validations"`
}

type collectionShape struct {
	AtID       string `json:"@id"`
	AtType     string `json:"@type"`
	Links      any    `json:"@links,omitempty"`
	Items      any    `json:"items"`
	TotalItems int    `json:"total_items"`
}

// collection returns the shape of a list that has no pages.
func collection[T any](q *request, items []T) collectionShape {
	if items == nil {
		items = []T{}
	}
	return collectionShape{AtID: q.public(), AtType: "Collection", Items: items, TotalItems: len(items)}
}

// Two forms of timestamps (cps-api, section 4.9): microseconds, but whole
// seconds for the expiry and its sentinel.
const (
	microseconds = "2006-01-02T15:04:05.000000Z"
	seconds      = "2006-01-02T15:04:05Z"
)

func (s *Server) shape(c *world.Certificate) certificateShape {
	shape := certificateShape{
		AtID: "/v2.0/certificates/" + strconv.FormatInt(c.ID, 10), AtType: "Certificate",
		Domains: s.domainShapes(c), Authority: cmp.Or(c.Authority, "DigiCert"), ValidationType: c.ValidationType,
		DCVMethod: c.DCVMethod, Label: c.Label, Description: c.Description,
		LastModified: c.Modified().UTC().Format(microseconds), Created: c.Created.UTC().Format(microseconds),
		Expires: c.Expires.UTC().Format(seconds), RequestType: cmp.Or(c.RequestType, "Enterprise"), Thumbprint: c.Thumbprint,
		Deployments: c.DeployedAt(), ModifiedBy: c.ModifiedBy, WorkflowMessage: c.WorkflowMessage, AutoRenew: c.AutoRenew, ID: c.ID,
	}
	if c.CreatedBy != nil {
		shape.CreatedBy = *c.CreatedBy
	}
	return shape
}

func (s *Server) single(c *world.Certificate) singleShape {
	return singleShape{s.shape(c), c.Organization}
}

func (s *Server) statusShape(c *world.Certificate) statusShape {
	st := c.Detailed()
	shape := statusShape{
		AtID: s.shape(c).AtID + "/status", AtType: "Certificate", ID: c.ID, Step: st.Step, Status: st.Status,
		RequiresAttention: st.RequiresAttention, ErrorMessage: st.ErrorMessage,
	}
	if st.OrderValidation != nil {
		order := orderShape(*st.OrderValidation)
		shape.OrderValidation = &order
	}
	return shape
}

// domainShapes returns the names in the case and the order that switches ask for.
func (s *Server) domainShapes(c *world.Certificate) []domainShape {
	shapes := []domainShape{}
	for _, d := range c.Domains {
		if s.world.Switches.NameCase == "upper" {
			d.Name = strings.ToUpper(d.Name)
		}
		shapes = append(shapes, domainShape{d.Name, d.Status, d.ActiveDate, d.IsCommonName, cmp.Or(d.Created, c.Created).UTC().Format(microseconds), d.ID})
	}
	switch s.world.Switches.NameOrder {
	case "reversed":
		slices.Reverse(shapes)
	case "shuffled":
		slices.SortStableFunc(shapes, func(a, b domainShape) int { return cmp.Compare(scatter(a.ID), scatter(b.ID)) })
	}
	return shapes
}

// scatter returns a number that looks unrelated to id, the same each time.
func scatter(id int64) uint32 {
	h := fnv.New32a()
	h.Write(strconv.AppendInt(nil, id, 10))
	return h.Sum32()
}
