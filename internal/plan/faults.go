package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// faultOf says why a pair can't be planned, or nil.
func faultOf(p Pair, phase cert.Phase) *Fault {
	switch {
	case errors.Is(p.Err, cert.ErrOtherID):
		return &Fault{Code: "other-id", Message: p.Err.Error(), At: "metadata.id",
			Hint: "Run again."}
	case errors.Is(p.Err, cert.ErrMalformed):
		return &Fault{Code: "unreadable", Message: p.Err.Error(),
			Hint: "Look for a newer cpsync: running again does not change the answer. The other certificates are not affected."}
	case p.Err != nil:
		return &Fault{Code: "unreadable", Message: p.Err.Error(), Hint: "Run again. The other certificates are not affected."}
	case !p.Found:
		return &Fault{Code: "not-found", At: "metadata.id",
			Message: Missing(p.Want.ID),
			Hint:    "Check metadata.id."}
	case phase == cert.Deleted:
		return &Fault{Code: "deleted", At: "metadata.id",
			Message: fmt.Sprintf("request %s is deleted; it can't be brought back, and its label stays taken", p.Want.ID),
			Hint:    "Remove the manifest."}
	case isOtherRequest(p) && !p.Want.Policy.Accepts(cert.OtherDomains):
		what, unless := otherRequest(p)
		return &Fault{Code: string(cert.OtherDomains), At: "metadata.id", Message: what + unless, Hint: "Check metadata.id."}
	default:
		return nil
	}
}

// Missing says that the account does not have a request, of every output.
func Missing(id cert.ID) string {
	return fmt.Sprintf("there is no request %s in this account: it was deleted, or the id is wrong", id)
}

// otherRequest returns what about a request is not what the manifest says, and what the
// manifest needs if its id is right.
func otherRequest(p Pair) (what, unless string) {
	if comparesDomains(p) {
		return fmt.Sprintf("request %s serves %s", p.Want.ID, serves(p.Have)),
			": wrong id? If it is right, policy needs  accept: [other-domains]"
	}
	return fmt.Sprintf("request %s has the label %q, the manifest wants %q", p.Want.ID, p.Have.Label, p.Want.Label.Or("")),
		": a rename needs  accept: [other-domains]  under policy, or its domains in the manifest"
}

// isOtherRequest reports whether manifest and request share neither label nor domains, as far as
// both have them. A request without domains is judged by its label alone.
func isOtherRequest(p Pair) bool {
	label, hasLabel := p.Want.Label.Get()
	if hasLabel && strings.EqualFold(label, p.Have.Label) {
		return false
	}
	live := p.Have.Names()
	known := func(n string) bool { return slices.Contains(live, n) }
	return comparesDomains(p) && !slices.ContainsFunc(wantedNames(p.Want), known) || hasLabel && !comparesDomains(p)
}

// comparesDomains reports whether the domains can say that the request is another.
func comparesDomains(p Pair) bool { return p.Want.Domains.IsSet() && len(p.Have.Domains) > 0 }

// serves names a request by its common name or its first name.
func serves(have cert.Live) string {
	if have.Common != "" {
		return have.Common
	}
	return have.Names()[0]
}
