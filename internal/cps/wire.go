package cps

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// What the server sends. Members we have no use for are left out and ignored. A
// null string or object reads as "" or nothing; where a decision rests on a member
// that is documented as never null, a pointer tells whether it was there.
//
// Source: cps-api, sections 4.1 to 4.6.
type (
	wireCertificate struct {
		ID             int64            `json:"id"`
		Label          string           `json:"certificate_label"`
		Description    string           `json:"description"`
		AutoRenew      *bool            `json:"auto_renew"`
		DCVMethod      string           `json:"dcv_method"`
		ValidationType string           `json:"validation_type"`
		Authority      string           `json:"certificate_authority"`
		Domains        []wireDomain     `json:"domains"`
		Organization   wireOrganization `json:"organization"` // null for DV; not in a list
		Expires        wireTime         `json:"expiration_date"`
		Created        wireTime         `json:"created"`
		Modified       wireTime         `json:"last_modified"`
		ModifiedBy     wireActor        `json:"modified_by"`
		Thumbprint     string           `json:"thumbprint"`
		ErrorMessage   string           `json:"workflow_error_message"`
	}

	wireDomain struct {
		ID     int64  `json:"id"`
		Name   string `json:"name"`
		Common bool   `json:"is_common_name"`
		Status string `json:"status"`
	}

	wireOrganization struct {
		CompanyName string `json:"company_name"`
	}

	wireActor struct {
		UserID       int64  `json:"user_id"`
		IdentityID   string `json:"identity_id"`
		IdentityType string `json:"identity_type"`
	}

	wireStatus struct {
		ID                *int64     `json:"id"` // not in every description of the answer
		Status            string     `json:"status"`
		RequiresAttention *bool      `json:"requires_attention"`
		ErrorMessage      string     `json:"error_message"`
		Order             *wireOrder `json:"order_validation"`
	}

	wireOrder struct {
		Status      string           `json:"status"`
		Validations []wireValidation `json:"domain_validations"`
	}

	wireValidation struct {
		Names  []string `json:"domain_names"` // sub-domains ride on their parent's validation
		Status string   `json:"status"`
	}
)

// wireTime reads a timestamp with 0 to 9 digits of fraction. null, "" and the year
// 1, which stands for "not issued yet", are the zero time.
//
// Source: cps-api, section 4.9.
type wireTime struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (t *wireTime) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		return fmt.Errorf("%.40s is not a time", data)
	}
	if text == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return fmt.Errorf("%.40q is not a time", text)
	}
	if at = at.UTC(); at.Year() > 1 {
		t.Time = at
	}
	return nil
}

// objectError says that one object cannot be read while the answer as a whole can.
type objectError struct {
	what string
	err  error
}

func (e *objectError) Error() string { return e.what + " cannot be read: " + e.err.Error() }

func (e *objectError) Unwrap() error { return e.err }

// Is reports whether the answer has a form that another reading does not change. One that is
// no JSON may have been cut off.
func (e *objectError) Is(target error) bool {
	var cutOff *json.SyntaxError
	return target == cert.ErrMalformed && !errors.As(e.err, &cutOff) && !errors.Is(e.err, io.ErrUnexpectedEOF)
}

// decodeCertificate reads one certificate object. The error is an objectError.
func decodeCertificate(raw json.RawMessage) (cert.Live, error) {
	var w wireCertificate
	err := decode(raw, &w)
	if err == nil {
		err = w.check()
	}
	if err != nil {
		return cert.Live{}, &objectError{"the certificate object", err}
	}
	return w.live(), nil
}

// check refuses what would be taken for something it does not say.
func (w wireCertificate) check() error {
	switch {
	case w.AutoRenew == nil:
		return errors.New("it does not say auto_renew")
	case w.Domains == nil:
		return errors.New("it has no domains")
	}
	for _, d := range w.Domains {
		if d.Name == "" {
			return errors.New("it has a domain without a name")
		}
	}
	return nil
}

// decodeID reads the id alone, as far as it can be read.
func decodeID(raw json.RawMessage) cert.ID {
	var w struct {
		ID int64 `json:"id"`
	}
	_ = json.Unmarshal(raw, &w)
	return cert.ID(w.ID)
}

// decodeStatus reads a status answer. The error is an objectError.
func decodeStatus(raw json.RawMessage) (wireStatus, error) {
	var w wireStatus
	err := decode(raw, &w)
	switch {
	case err != nil:
	case w.Status == "":
		err = errors.New("it does not say status")
	case w.RequiresAttention == nil:
		err = errors.New("it does not say requires_attention")
	}
	if err != nil {
		return wireStatus{}, &objectError{"the status answer", err}
	}
	return w, nil
}
