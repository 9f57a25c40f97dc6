package cps

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/cpsync/cpsync/internal/cert"
)

// live returns the normalized form.
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
	l.Place(w.domains())
	l.Common = w.common(l.Names())
	l.Unheard = w.unheard()
	return l
}

// domains returns the names in the order sent, each once with each of its statuses.
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

// common returns the one name of live, which is sorted, that is marked, or "" when
// none is, or several.
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

// unheard returns the statuses of names that this build does not know.
func (w wireCertificate) unheard() []string {
	var words []string
	for _, d := range w.Domains {
		if cert.ParseDomainStatus(d.Status) == cert.DomainUnheard {
			words = append(words, odd("domain status", d.Status))
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// text says who, as "user 501" or "client 2cd2", or "" when the server does not.
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

// with returns a copy of have that holds the status answer, in place of an earlier
// one.
func (w wireStatus) with(have cert.Live) cert.Live {
	l := have
	l.Status = cert.ParseStatus(w.Status)
	l.Order = w.order()
	l.RequiresAttention = *w.RequiresAttention
	l.Approved = w.approved()
	if w.ErrorMessage != "" {
		l.ErrorMessage = w.ErrorMessage
	}
	l.Unheard = slices.DeleteFunc(slices.Clone(have.Unheard), func(s string) bool {
		return !strings.HasPrefix(s, "domain ")
	})
	if l.Status == cert.StatusUnheard {
		l.Unheard = append(l.Unheard, odd("status", w.Status))
	}
	if l.Order == cert.OrderUnheard {
		l.Unheard = append(l.Unheard, odd("order status", w.Order.Status))
	}
	slices.Sort(l.Unheard)
	return l
}

// order returns the order's status; no order_validation means that no order has
// reached the CA.
//
// Source: cps-api, section 4.6.
func (w wireStatus) order() cert.OrderStatus {
	if w.Order == nil {
		return cert.NoOrder
	}
	return cert.ParseOrderStatus(w.Order.Status)
}

// approved returns the names whose control the CA has approved, sorted.
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

// odd names a word that nobody has heard of, shortened.
func odd(field, word string) string { return fmt.Sprintf("%s %.60q", field, word) }

// word returns the known word that text is but for case, else text as it is.
func word[T ~string](text string, known []T) T {
	for _, k := range known {
		if strings.EqualFold(string(k), text) {
			return k
		}
	}
	return T(text)
}
