package cert

// DCVMethod says how control of the names is proved. The zero value is a word
// this build does not know, or none.
//
// Source: cps-api, section 5.4.
type DCVMethod string

// The methods.
const (
	Email         DCVMethod = "Email"
	DNSCnameToken DCVMethod = "DnsCnameToken"
	DNSTxtToken   DCVMethod = "DnsTxtToken"
)

// DCVMethods lists the methods in the order people are told of them.
var DCVMethods = []DCVMethod{Email, DNSCnameToken, DNSTxtToken}

// ValidationType is the level of validation.
//
// Source: cps-api, section 5.5.
type ValidationType string

// The levels a manifest can expect. The server also knows None.
const (
	DV ValidationType = "DV"
	OV ValidationType = "OV"
	EV ValidationType = "EV"
)

// Vetted reports whether the CA vets the organization of the request.
func (t ValidationType) Vetted() bool { return t == OV || t == EV }

// ValidationTypes lists the levels.
var ValidationTypes = []ValidationType{DV, OV, EV}

// Authority is a certificate authority.
//
// Source: cps-api, section 5.8.
type Authority string

// The authorities.
const (
	DigiCert    Authority = "DigiCert"
	LetsEncrypt Authority = "LetsEncrypt"
)

// Authorities lists the authorities.
var Authorities = []Authority{DigiCert, LetsEncrypt}
