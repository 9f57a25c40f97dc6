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

// certificateShape is a certificate in answers (cps-api, sections 4 and 12).
type certificateShape struct {
	AtID            string               `json:"@id"`
	AtType          string               `json:"@type"`
	Domains         []domainShape        `json:"domains"`
	Authority       string               `json:"certificate_authority"`
	ValidationType  string               `json:"validation_type"`
	DCVMethod       string               `json:"dcv_method"`
	Label           string               `json:"certificate_label"`
	Description     *string              `json:"description"`
	LastModified    string               `json:"last_modified"`
	Created         string               `json:"created"`
	Expires         string               `json:"expiration_date"`
	RequestType     string               `json:"request_type"`
	Thumbprint      *string              `json:"thumbprint"`
	Deployments     []world.Deployment   `json:"deployments"`
	CreatedBy       world.Actor          `json:"created_by"`
	ModifiedBy      *world.Actor         `json:"modified_by"`
	WorkflowMessage *string              `json:"workflow_error_message"`
	AutoRenew       bool                 `json:"auto_renew"`
	ID              int64                `json:"id"`
	Organization    **world.Organization `json:"organization,omitempty"` // lists leave it out, nothing else does
}

type domainShape struct {
	Name         string     `json:"name"`
	Status       string     `json:"status"`
	ActiveDate   *time.Time `json:"active_date"`
	IsCommonName bool       `json:"is_common_name"`
	Created      string     `json:"created"`
	ID           int64      `json:"id"`
}

// Two forms of timestamps (cps-api, section 4.9): microseconds, but whole
// seconds for the expiry and its sentinel.
const (
	microseconds = "2006-01-02T15:04:05.000000Z"
	seconds      = "2006-01-02T15:04:05Z"
)

// shape returns c as it is listed.
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

func (s *Server) single(c *world.Certificate) certificateShape {
	shape := s.shape(c)
	shape.Organization = &c.Organization
	return shape
}

func (s *Server) domainShapes(c *world.Certificate) []domainShape {
	shapes := make([]domainShape, 0, len(c.Domains))
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

func (s *Server) read(_ *request, c *world.Certificate) (any, error) { return s.single(c), nil }

// readStatus answers GET /certificates/{id}/status (cps-api, section 4.6). What
// was deleted keeps a status (section 6.6).
func (s *Server) readStatus(_ *request, c *world.Certificate) (any, error) {
	st := c.Detailed()
	return object{
		"@id": s.shape(c).AtID + "/status", "@type": "Certificate", "id": c.ID, "step": st.Step, "status": st.Status,
		"requires_attention": st.RequiresAttention, "error_message": st.ErrorMessage, "order_validation": st.OrderValidation,
	}, nil
}

// renew answers PUT /certificates/{id}/renew (cps-api, section 6.4).
func (s *Server) renew(_ *request, c *world.Certificate) (any, error) {
	if c.Workflow != nil && c.Workflow.Kind == world.Renewal && s.world.Switches.RenewDuringRenewal == "second-order" {
		s.world.CountOrder(c.ID)
		s.world.TouchByOrder(c, s.client())
		return nil, nil
	}
	return nil, s.start(world.Renew, world.Renewal, c)
}

// retrigger answers PUT /certificates/{id}/retrigger (cps-api, section 6.3).
func (s *Server) retrigger(_ *request, c *world.Certificate) (any, error) {
	return nil, s.start(world.Retrigger, world.First, c)
}

func (s *Server) start(op world.Operation, kind world.Kind, c *world.Certificate) error {
	err := s.permit(op, c)
	if err == nil {
		s.world.Start(c, world.Workflow{Kind: kind}, s.client())
	}
	return err
}

// cancel answers PUT /certificates/{id}/cancel (cps-api, section 6.5).
func (s *Server) cancel(q *request, c *world.Certificate) (any, error) {
	op, ok := map[string]world.Operation{"true": world.Cancel, "false": world.PreviewCancel}[q.query.Get("apply")]
	if !ok {
		return nil, invalid("apply", "This must be true or false.")
	}
	if err := s.permit(op, c); err != nil {
		return nil, err
	}
	if op == world.PreviewCancel {
		return object{"@id": q.public(), "@type": "CancelAction", "name": c.CancelAction()}, nil
	}
	s.world.CancelOrder(c, s.client())
	return nil, nil
}

// remove answers DELETE /certificates/{id} (cps-api, section 6.6).
func (s *Server) remove(_ *request, c *world.Certificate) (any, error) {
	if s.deleted(c) {
		return nil, notFound(c.ID)
	}
	err := s.permit(world.Delete, c)
	if err == nil {
		s.world.Remove(c, "Deleted", s.client())
	}
	return nil, err
}
