package cps

import (
	"encoding/json"
	"errors"
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
		ID             int64            `json:"id"`
		Label          string           `json:"certificate_label"`
		Description    string           `json:"description"`
		AutoRenew      *bool            `json:"auto_renew"`
		DCVMethod      string           `json:"dcv_method"`
		ValidationType string           `json:"validation_type"`
		Authority      string           `json:"certificate_authority"`
		Domains        []wireDomain     `json:"domains"`
		Deployments    []wireDeployment `json:"deployments"`
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

	wireDeployment struct {
		Region   string `json:"delivery_region"`
		Platform string `json:"platform"`
		Host     string `json:"hex_url"`
	}

	wireOrganization struct {
		CompanyName string `json:"company_name"`
	}

	wireActor struct {
		UserID       int64  `json:"user_id"`
		IdentityID   string `json:"identity_id"`
		IdentityType string `json:"identity_type"`
	}
)

// decodeCertificate reads one certificate object. The error is an objectError.
func decodeCertificate(raw json.RawMessage) (cert.Live, error) {
	var w wireCertificate
	err := decode(raw, &w)
	if err == nil {
		err = w.validate()
	}
	if err != nil {
		return cert.Live{}, &objectError{"the certificate object", err}
	}
	return w.live(), nil
}

// validate returns an error if a member is missing that a decision depends on.
func (w wireCertificate) validate() error {
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

// live returns the normalized certificate.
func (w wireCertificate) live() cert.Live {
	l := cert.Live{
		ID:             cert.ID(w.ID),
		Label:          w.Label,
		Description:    strings.TrimRightFunc(strings.ReplaceAll(w.Description, "\r\n", "\n"), unicode.IsSpace),
		AutoRenew:      *w.AutoRenew,
		DCVMethod:      word(w.DCVMethod, cert.DCVMethods),
		ValidationType: word(w.ValidationType, cert.ValidationTypes),
		Authority:      word(w.Authority, cert.Authorities),
		Expires:        w.Expires.Time,
		Created:        w.Created.Time,
		Modified:       w.Modified.Time,
		ModifiedBy:     w.ModifiedBy.text(),
		Thumbprint:     w.Thumbprint,
		Organization:   w.Organization.CompanyName,
		ErrorMessage:   w.ErrorMessage,
	}
	for _, d := range w.Deployments {
		l.Deployments = append(l.Deployments, cert.EdgeHost(d))
	}
	l.SetDomains(w.domains())
	l.Common = w.common(l.Names())
	l.UnknownWords = w.unknownWords()
	return l
}

// domains returns the domains in the order sent. A domain is repeated only with another
// status.
func (w wireCertificate) domains() []cert.Domain {
	var all []cert.Domain
	seen := map[cert.Domain]bool{}
	for _, d := range w.Domains {
		n := cert.Domain{Name: cert.LooseName(d.Name), Status: cert.ParseDomainStatus(d.Status)}
		if !seen[n] {
			seen[n] = true
			n.ID = d.ID
			all = append(all, n)
		}
	}
	return all
}

// common returns the common name: the one domain of the sorted list live that is marked as
// such, or "" if none is, or several are.
//
// Source: cps-api, section 4.2.
func (w wireCertificate) common(live []string) string {
	marked := ""
	for _, d := range w.Domains {
		name := cert.LooseName(d.Name)
		if _, found := slices.BinarySearch(live, name); !d.Common || !found || name == marked {
			continue
		}
		if marked != "" {
			return ""
		}
		marked = name
	}
	return marked
}

// unknownWords returns the domain statuses that this version does not know.
func (w wireCertificate) unknownWords() []string {
	var words []string
	for _, d := range w.Domains {
		if cert.ParseDomainStatus(d.Status) == cert.DomainUnknown {
			words = append(words, unknownWord("domain status", d.Status))
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
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
