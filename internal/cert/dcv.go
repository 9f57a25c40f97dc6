package cert

import (
	"slices"
	"strings"
	"time"
)

// DomainValidation is what shows the certificate authority control of some names.
type DomainValidation struct {
	Names    []string // that it is for, sorted
	Method   DCVMethod
	Records  []Record // to set, all of them; empty with Email, and until there is a token
	Emails   []string // who got the mail; empty with the DNS methods
	Inferred bool     // where the records go is not in the vendor's documentation
}

// Record is one DNS record. Names are absolute, without a trailing dot.
type Record struct {
	Name, Type string
	Value      string // "" when it is not known
	Lookup     Lookup // what DNS says of it; zero where nobody asked
}

// Ready reports whether there is something to set or to answer yet.
func (p DomainValidation) Ready() bool { return len(p.Records) > 0 || len(p.Emails) > 0 }

// RecordFor returns the record that carries a token for a host name.
//
// Source: cps-api, section 4.7. That a TXT record stands at the name itself, and
// what a CNAME record points to, is inferred from what the CA documents.
func RecordFor(m DCVMethod, a Authority, host, token string) Record {
	if m != DNSCnameToken {
		return Record{Name: host, Type: "TXT", Value: token}
	}
	name := token
	if !strings.HasSuffix(token, "."+host) {
		name += "." + host
	}
	r := Record{Name: name, Type: "CNAME"}
	if a == DigiCert {
		r.Value = "dcv.digicert.com"
	}
	return r
}

// Host is the name that control is proved of: of a wildcard, what it is below.
func Host(name string) string { return strings.TrimPrefix(name, "*.") }

// Unvalidated returns the live names that the CA has not approved for its order, those that
// failed included.
func (l Live) Unvalidated() []Domain {
	return slices.DeleteFunc(slices.Clone(l.Domains), func(d Domain) bool {
		_, approved := slices.BinarySearch(l.Approved, d.Name)
		return approved
	})
}

// AwaitsDCV reports whether the CA waits for the validation of a domain (DCV).
func (l Live) AwaitsDCV() bool {
	return l.Status == StatusDomainControlValidation && !l.Order.Refused() && !l.Validated() &&
		slices.ContainsFunc(l.Unvalidated(), func(d Domain) bool { return !d.hasFailed() })
}

// Validated reports whether the workflow still stands at the validation of names and none
// of them is left to validate: the CA goes on by itself.
func (l Live) Validated() bool {
	through := l.Order.Complete() && l.Order != NoOrder
	return l.Status == StatusDomainControlValidation && len(l.Domains) > 0 && len(l.FailedDomains()) == 0 &&
		!l.Order.Refused() && (through || len(l.Unvalidated()) == 0)
}

// LookupResult is what DNS says of a record.
type LookupResult uint8

// The results. The first ones answer the question, the others say why there is no answer.
const (
	NotLookedUp LookupResult = iota // nobody asked for it
	Found                           // it is there, with its value
	Absent                          // the name exists, and has no such record
	OtherValue                      // the name has such records, and none with the value
	NoSuchName                      // the name does not exist
	Present                         // it is there; what it has to say is not known
	Looped                          // aliases lead in a circle, or too far
	Disagree                        // servers of the zone say different things
	NoAnswer                        // silence
	Failed                          // an answer without information: an error, or of a server that does not know the zone
	NotAsked                        // the run has used up its queries
)

// String returns the word used in JSON.
func (r LookupResult) String() string {
	return [...]string{"not-looked-up", "found", "absent", "other-value", "no-such-domain", "present", "loop",
		"servers-disagree", "no-answer", "failed", "not-asked"}[r]
}

// Answers reports whether a server said something of the record.
func (r LookupResult) Answers() bool { return r > NotLookedUp && r < NoAnswer }

// Lookup is what DNS says of a record.
type Lookup struct {
	Result  LookupResult
	Name    string         // that was asked for: the record's, or another that the CA takes too
	Zone    string         // whose own servers were asked; "" when a resolver was
	Why     string         // a resolver was asked although no one chose it
	Servers []ServerAnswer // in the order they were asked
}

// ServerAnswer is what one server says of a record.
type ServerAnswer struct {
	Server string // its name, or its address
	Result LookupResult
	Values []string // that it holds, sorted; "" of those that are as wanted
	Via    []string // names that aliases lead over, in order
	Err    string   // why it says nothing of the record; "" when it does
}

// Elsewhere is another name at which the CA takes the record; "" when there is none.
//
// Source: cps-api, section 4.7, which infers it from what the CA documents.
func (r Record) Elsewhere() string {
	if r.Type != "TXT" {
		return ""
	}
	return "_dnsauth." + r.Name
}

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
