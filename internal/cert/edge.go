package cert

import "time"

// EdgeHost is where the CDN serves a certificate. Source: cps-api, section 4.3.
type EdgeHost struct {
	Region   string // the API's word, such as GlobalStandard
	Platform string // the API's word, such as HttpLarge
	Host     string // hex_url: the name that a domain's CNAME points to; "" until there is one
}

// EdgeFinding says how the certificate that is served compares with the one that the API
// names. The order is that of severity, the most urgent first, but for the last two.
type EdgeFinding int

// The findings of one handshake.
const (
	EdgeExpired    EdgeFinding = iota // the certificate on the wire has expired
	EdgeNotCovered                    // it is not valid for the domain
	EdgeOther                         // it is another certificate than the API names
	EdgeUntrusted                     // its chain is incomplete, or not trusted
	EdgeElsewhere                     // visitors reach another certificate than the CDN host serves
	EdgeNoAnswer                      // no handshake came about
	EdgeServed                        // it is the certificate that the API names
	EdgeNotChecked                    // nobody looked
)

// Words of the findings, as JSON and metrics have them.
var edgeWords = [...]string{
	EdgeExpired: "expired", EdgeNotCovered: "not-covered", EdgeOther: "other", EdgeUntrusted: "untrusted",
	EdgeElsewhere: "elsewhere", EdgeNoAnswer: "no-answer", EdgeServed: "served", EdgeNotChecked: "not-checked",
}

// Wrong reports whether something is served that should not be.
func (f EdgeFinding) Wrong() bool { return f < EdgeElsewhere }

func (f EdgeFinding) String() string { return edgeWords[f] }

// EdgeLook is one handshake: who was asked, and what was served.
type EdgeLook struct {
	Domain  string   // the server name that was sent
	At      EdgeHost // that was asked; zero for the domain's own address
	Visitor bool     // the domain's own address was asked, as a visitor does
	Finding EdgeFinding
	Why     string // of EdgeNoAnswer, EdgeUntrusted and EdgeNotChecked
	Leaf    *EdgeLeaf
}

// EdgeLeaf is the certificate that was served.
type EdgeLeaf struct {
	Thumbprint string // its SHA-1, in upper-case hexadecimal digits
	Issuer     string
	Begins     time.Time // of its validity: about when it was issued
	Expires    time.Time
	Earlier    bool // the request had it before, as the journal or the run knows
}

// Edge is what was seen of one certificate.
type Edge struct {
	Looks []EdgeLook
	// ByThumbprint is false where expiry and domains decided: the API's thumbprint has another
	// form, or no handshake of the run matched any. Source: cps-api, section 4.2, which infers
	// that the thumbprint is the SHA-1 of the certificate.
	ByThumbprint bool
}
