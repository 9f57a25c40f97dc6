package cps

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// The JSON of a status answer.
//
// Source: cps-api, section 4.6.
type (
	wireStatus struct {
		ID                *int64     `json:"id"` // missing in some descriptions of the answer
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
		Names  []string `json:"domain_names"` // the domain and its subdomains, which share one validation
		Status string   `json:"status"`
	}
)

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

// with returns a copy of have with this status in place of an earlier one.
func (w wireStatus) with(have cert.Live) cert.Live {
	l := have
	l.Status = cert.ParseStatus(w.Status)
	l.Order = w.order()
	l.RequiresAttention = *w.RequiresAttention
	l.Approved = w.approved()
	if w.ErrorMessage != "" {
		l.ErrorMessage = w.ErrorMessage
	}
	l.UnknownWords = slices.DeleteFunc(slices.Clone(have.UnknownWords), func(s string) bool {
		return !strings.HasPrefix(s, "domain ")
	})
	if l.Status == cert.StatusUnknown {
		l.UnknownWords = append(l.UnknownWords, unknownWord("status", w.Status))
	}
	if l.Order == cert.OrderUnknown {
		l.UnknownWords = append(l.UnknownWords, unknownWord("order status", w.Order.Status))
	}
	slices.Sort(l.UnknownWords)
	return l
}

// order returns the order's status. Without order_validation no order has reached the CA.
//
// Source: cps-api, section 4.6.
func (w wireStatus) order() cert.OrderStatus {
	if w.Order == nil {
		return cert.NoOrder
	}
	return cert.ParseOrderStatus(w.Order.Status)
}

// approved returns the sorted domains that the CA has validated.
//
// Source: cps-api, sections 4.6 and 5.6.
func (w wireStatus) approved() []string {
	if w.Order == nil {
		return nil
	}
	var names []string
	for _, v := range w.Order.Validations {
		if !strings.EqualFold(v.Status, "Approved") {
			continue
		}
		for _, n := range v.Names {
			names = append(names, cert.LooseName(n))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// unknownWord names a word that this version does not know, shortened.
func unknownWord(field, word string) string { return fmt.Sprintf("%s %.60q", field, word) }
