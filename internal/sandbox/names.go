package sandbox

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// domainBody is an element of domains in a request: no id, no status (cps-api,
// sections 3.5 and 3.6). Without is_common_name it is not the common name.
type domainBody struct {
	Name         string `json:"name"`
	IsCommonName bool   `json:"is_common_name"`
}

// names checks a complete list of names (cps-api, section 7.2) and returns it
// as it is stored. Without a common name the first one becomes it.
func (s *Server) names(bodies []domainBody, validation string, reasons *reasons) []Domain {
	if len(bodies) == 0 {
		reasons.add(invalid("/domains", "At least one domain is needed."))
		return nil
	}
	var domains []Domain
	seen, common := map[string]bool{}, 0
	for i, b := range bodies {
		at := fmt.Sprintf("/domains/%d/name", i)
		key := strings.ToLower(b.Name)
		reasons.add(checkName(at, key, validation))
		if seen[key] {
			reasons.add(invalid(at, "This name is given twice."))
		}
		seen[key] = true
		if b.IsCommonName {
			common++
		}
		name := key
		if s.world.Switches.NameCase == "as-sent" {
			name = b.Name
		}
		domains = append(domains, Domain{Name: name, IsCommonName: b.IsCommonName})
	}
	if common > 1 {
		reasons.add(invalid("/domains", "Only one domain can be the common name."))
	}
	if common == 0 {
		domains[0].IsCommonName = true
	}
	return domains
}

// checkName refuses what no public certificate can carry.
func checkName(at, name, validation string) error {
	bare, wildcard := strings.CutPrefix(name, "*.")
	_, err := netip.ParseAddr(strings.Trim(name, "[]"))
	labels := strings.Split(bare, ".")
	switch {
	case err == nil:
		return invalid(at, "This is an IP address.")
	case len(labels) < 2:
		return invalid(at, "A domain has at least two labels.")
	case len(name) > 253 || slices.ContainsFunc(labels, badLabel):
		return invalid(at, "This is not a domain name.")
	case wildcard && validation == "EV":
		return invalid(at, "An EV certificate cannot have a wildcard domain.")
	}
	return nil
}

// badLabel reports whether a label of a name is not letters, digits and dashes.
func badLabel(label string) bool {
	return label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
		strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != ""
}

// nameKeys returns the names in lower case, sorted, the common name marked.
func nameKeys(domains []Domain) []string {
	var keys []string
	for _, d := range domains {
		keys = append(keys, fmt.Sprint(strings.ToLower(d.Name), " ", d.IsCommonName))
	}
	slices.Sort(keys)
	return keys
}
