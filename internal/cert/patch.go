package cert

// Patch is the part of a request that one write replaces. Absent members are not
// sent. Domains is the complete list: the server replaces what it has.
//
// Source: cps-api, section 3.6: exactly these five can be edited.
type Patch struct {
	Description Opt[string]
	AutoRenew   Opt[bool]
	DCVMethod   Opt[DCVMethod]
	Domains     Opt[Domains]
	Label       Opt[string]
}

// SentOnce reports whether the write starts something at the certificate
// authority, or changes how it will be validated: it is then never repeated
// blindly.
func (p Patch) SentOnce() bool { return p.Domains.IsSet() || p.DCVMethod.IsSet() }
