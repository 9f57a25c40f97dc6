package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// faultOf says why a pair can't be planned, or nil.
func faultOf(p Pair) *Fault {
	switch {
	case errors.Is(p.Err, cert.ErrOtherID):
		return &Fault{Code: "other-id", Message: p.Err.Error(), At: "metadata.id",
			Hint: "Run again; when it stays, report it to the vendor."}
	case p.Err != nil:
		return &Fault{Code: "unreadable", Message: p.Err.Error(), Hint: "Run again; the other certificates are not affected."}
	case !p.Found:
		return &Fault{Code: "not-found", At: "metadata.id",
			Message: fmt.Sprintf("there is no request %s in this account", p.Want.ID),
			Hint:    "Correct metadata.id, or remove the manifest."}
	case isStranger(p) && !p.Want.Policy.Accepts(cert.OtherNames):
		return &Fault{Code: string(cert.OtherNames), At: "metadata.id",
			Message: fmt.Sprintf("request %s serves %s: wrong id?", p.Want.ID, serves(p.Have)),
			Hint:    "Correct metadata.id. If it is the right one, add  accept: [other-names]  under policy."}
	default:
		return nil
	}
}

func deleted(want cert.Spec) *Fault {
	return &Fault{Code: "deleted", At: "metadata.id",
		Message: fmt.Sprintf("request %s is deleted", want.ID),
		Hint:    "Remove the manifest. A deleted request can't be brought back, and its label stays taken."}
}

// isStranger: the manifest gives a label or names, and none of them is the request's.
func isStranger(p Pair) bool {
	label, hasLabel := p.Want.Label.Get()
	domains, hasNames := p.Want.Domains.Get()
	if !hasLabel && !hasNames {
		return false
	}
	live := p.Have.Names()
	known := func(n string) bool { return slices.Contains(live, n) }
	return !(hasLabel && strings.EqualFold(label, p.Have.Label)) && !slices.ContainsFunc(domains.Names, known)
}

// serves names a request by its common name, its first name or its label.
func serves(have cert.Live) string {
	switch names := have.Names(); {
	case have.Common != "":
		return have.Common
	case len(names) > 0:
		return names[0]
	default:
		return fmt.Sprintf("no name, under the label %q", have.Label)
	}
}
