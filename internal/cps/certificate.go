package cps

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/cpsync/cpsync/internal/cert"
)

// The JSON of the server, without members that are not used. A null string or object reads
// as the zero value. A pointer is a member that is never null by the documentation and that
// a decision depends on: nil shows that it was missing.
//
// Source: cps-api, sections 4.1 to 4.6.
type (
	wireCertificate struct {
		ID             int64        `json:"id"`
		Label          string       `json:"certificate_label"`
		Description    string       `json:"description"`
		AutoRenew      *bool        `json:"auto_renew"`
		DCVMethod      string       `json:"dcv_method"`
		ValidationType string       `json:"validation_type"`
		Authority      string       `json:"certificate_authority"`
		Domains        []wireDomain `json:"domains"`
		Deployments    []struct {
			Region   string `json:"delivery_region"`
			Platform string `json:"platform"`
			Host     string `json:"hex_url"`
		} `json:"deployments"`
		Organization struct { // null for DV; not in a list
			CompanyName string `json:"company_name"`
		} `json:"organization"`
		Expires      wireTime  `json:"expiration_date"`
		Created      wireTime  `json:"created"`
		Modified     wireTime  `json:"last_modified"`
		ModifiedBy   wireActor `json:"modified_by"`
		Thumbprint   string    `json:"thumbprint"`
		ErrorMessage string    `json:"workflow_error_message"`
	}

	wireDomain struct {
		ID     int64  `json:"id"`
		Name   string `json:"name"`
		Common bool   `json:"is_common_name"`
		Status string `json:"status"`
	}

	wireActor struct {
		UserID       int64  `json:"user_id"`
		IdentityID   string `json:"identity_id"`
		IdentityType string `json:"identity_type"`
	}

	wireStatus struct {
		ID                *int64 `json:"id"` // missing in some descriptions of the answer
		Status            string `json:"status"`
		RequiresAttention *bool  `json:"requires_attention"`
		ErrorMessage      string `json:"error_message"`
		Order             *struct {
			Status      string `json:"status"`
			Validations []struct {
				Names  []string `json:"domain_names"` // the domain and its subdomains, which share one validation
				Status string   `json:"status"`
			} `json:"domain_validations"`
		} `json:"order_validation"` // without it no order has reached the CA
	}
)

// decodeCertificate reads one certificate object. The error is an objectError.
func decodeCertificate(raw json.RawMessage) (cert.Live, error) {
	var w wireCertificate
	err := decode(raw, &w)
	switch {
	case err != nil:
	case w.AutoRenew == nil:
		err = errors.New("it does not say auto_renew")
	case w.Domains == nil:
		err = errors.New("it has no domains")
	case slices.ContainsFunc(w.Domains, func(d wireDomain) bool { return d.Name == "" }):
		err = errors.New("it has a domain without a name")
	}
	if err != nil {
		return cert.Live{}, &objectError{"the certificate object", err}
	}
	return w.live(), nil
}

// live returns the normalized certificate.
func (w wireCertificate) live() cert.Live {
	l := cert.Live{
		ID: cert.ID(w.ID), Label: w.Label, AutoRenew: *w.AutoRenew,
		Description: strings.TrimRightFunc(strings.ReplaceAll(w.Description, "\r\n", "\n"), unicode.IsSpace),
		DCVMethod:   word(w.DCVMethod, cert.DCVMethods), ValidationType: word(w.ValidationType, cert.ValidationTypes),
		Authority: word(w.Authority, cert.Authorities), Organization: w.Organization.CompanyName,
		Expires: w.Expires.Time, Created: w.Created.Time, Modified: w.Modified.Time, ModifiedBy: w.ModifiedBy.text(),
		Thumbprint: w.Thumbprint, ErrorMessage: w.ErrorMessage,
	}
	for _, d := range w.Deployments {
		l.Deployments = append(l.Deployments, cert.EdgeHost(d))
	}
	var domains []cert.Domain // in the order sent
	seen := map[cert.Domain]bool{}
	for _, d := range w.Domains {
		n := cert.Domain{Name: cert.LooseName(d.Name), Status: cert.ParseDomainStatus(d.Status)}
		if n.Status == cert.DomainUnknown {
			l.UnknownWords = append(l.UnknownWords, unknownWord("domain status", d.Status))
		}
		if !seen[n] { // a domain is repeated only with another status
			seen[n] = true
			n.ID = d.ID
			domains = append(domains, n)
		}
	}
	l.SetDomains(domains)
	l.Common = w.common(l.Names())
	slices.Sort(l.UnknownWords)
	l.UnknownWords = slices.Compact(l.UnknownWords)
	return l
}

// common returns the common name: the one domain of the sorted list live that is marked as
// such, or "" if none is, or several are.
//
// Source: cps-api, section 4.2.
func (w wireCertificate) common(live []string) string {
	var marked []string
	for _, d := range w.Domains {
		name := cert.LooseName(d.Name)
		if _, found := slices.BinarySearch(live, name); d.Common && found && !slices.Contains(marked, name) {
			marked = append(marked, name)
		}
	}
	if len(marked) != 1 {
		return ""
	}
	return marked[0]
}

// text returns "user 501" or "client 2cd2", or "" if the server names nobody.
//
// Source: cps-api, section 4.5.
func (a wireActor) text() string {
	id := a.IdentityID
	if id == "" && a.UserID != 0 {
		id = strconv.FormatInt(a.UserID, 10)
	}
	if id == "" || a.IdentityType == "" {
		return ""
	}
	return strings.ToLower(a.IdentityType) + " " + id
}

// word returns the known word that equals text without regard to case, else text.
func word[T ~string](text string, known []T) T {
	for _, k := range known {
		if strings.EqualFold(string(k), text) {
			return k
		}
	}
	return T(text)
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

// with returns a copy of have with this status in place of an earlier one.
func (w wireStatus) with(have cert.Live) cert.Live {
	l := have
	l.Status, l.RequiresAttention = cert.ParseStatus(w.Status), *w.RequiresAttention
	l.Order, l.Approved = cert.NoOrder, nil
	if w.Order != nil {
		l.Order = cert.ParseOrderStatus(w.Order.Status)
		for _, v := range w.Order.Validations {
			for _, name := range v.Names {
				if strings.EqualFold(v.Status, "Approved") { // Source: cps-api, sections 4.6 and 5.6
					l.Approved = append(l.Approved, cert.LooseName(name))
				}
			}
		}
		slices.Sort(l.Approved)
		l.Approved = slices.Compact(l.Approved)
	}
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

// unknownWord names a word that this version does not know, shortened.
func unknownWord(field, word string) string { return fmt.Sprintf("%s %.60q", field, word) }
