package cert

import "strings"

// Status is the server's word for where the workflow of a request is. It is in
// the status answer only.
//
// Source: cps-api, section 5.2.
type Status uint8

// The statuses. The first two are ours.
const (
	StatusNotRead Status = iota // the status answer was not asked for
	StatusUnknown               // a word this build does not know
	StatusProcessing
	StatusDomainControlValidation
	StatusOtherValidation
	StatusDeployment
	StatusActive
	StatusDeleted
)

// Statuses lists the server's words, by constant.
var Statuses = map[Status]string{
	StatusProcessing:              "Processing",
	StatusDomainControlValidation: "DomainControlValidation",
	StatusOtherValidation:         "OtherValidation",
	StatusDeployment:              "Deployment",
	StatusActive:                  "Active",
	StatusDeleted:                 "Deleted",
}

// OrderStatus is the server's word for the order at the certificate authority.
// It is in the status answer only.
//
// Source: cps-api, section 5.3.
type OrderStatus uint8

// The order statuses. The first three are ours.
const (
	OrderNotRead OrderStatus = iota // the status answer was not asked for
	OrderUnknown                    // a word this build does not know
	NoOrder                         // the status answer holds no order
	OrderPending
	OrderIssued
	OrderDeleted
	OrderRejected
	OrderRevoked
	OrderCanceled
	OrderAwaitingRenewal
	OrderPendingRenewal
	OrderRenewed
	OrderPendingReissue
	OrderAwaitingReissue
	OrderPendingOrgUpdate
	OrderOrgUpdated
	OrderRenewalRejected
	OrderReissueRejected
	OrderExpired
	OrderAwaitingOrgUpdate
)

// OrderStatuses lists the server's words, by constant.
var OrderStatuses = map[OrderStatus]string{
	OrderPending:           "Pending",
	OrderIssued:            "Issued",
	OrderDeleted:           "Deleted",
	OrderRejected:          "Rejected",
	OrderRevoked:           "Revoked",
	OrderCanceled:          "Canceled",
	OrderAwaitingRenewal:   "AwaitingRenewal",
	OrderPendingRenewal:    "PendingRenewal",
	OrderRenewed:           "Renewed",
	OrderPendingReissue:    "PendingReissue",
	OrderAwaitingReissue:   "AwaitingReissue",
	OrderPendingOrgUpdate:  "PendingOrgUpdate",
	OrderOrgUpdated:        "OrgUpdated",
	OrderRenewalRejected:   "RenewalRejected",
	OrderReissueRejected:   "ReissueRejected",
	OrderExpired:           "Expired",
	OrderAwaitingOrgUpdate: "AwaitingOrgUpdate",
}

// DomainStatus is the server's word for one name of a request.
//
// Source: cps-api, section 5.1.
type DomainStatus uint8

// The domain statuses. The first is ours.
const (
	DomainUnknown DomainStatus = iota // a word this build does not know, or none
	DomainProvisioningInitiated
	DomainAwaitingCertificateAuthority
	DomainPendingDNS
	DomainActive
	DomainPendingReissue
	DomainPendingDelete
	DomainDelete
	DomainRejected
	DomainTimedOut
	DomainSecretRejected
)

// DomainStatuses lists the server's words, by constant.
var DomainStatuses = map[DomainStatus]string{
	DomainProvisioningInitiated:        "ProvisioningInitiated",
	DomainAwaitingCertificateAuthority: "AwaitingCertificateAuthority",
	DomainPendingDNS:                   "PendingDns",
	DomainActive:                       "Active",
	DomainPendingReissue:               "PendingReissue",
	DomainPendingDelete:                "PendingDelete",
	DomainDelete:                       "Delete",
	DomainRejected:                     "Rejected",
	DomainTimedOut:                     "TimedOut",
	DomainSecretRejected:               "SecretRejected",
}

// ParseStatus returns the constant of a server's word, or StatusUnknown.
func ParseStatus(word string) Status { return parse(Statuses, word, StatusUnknown) }

// ParseOrderStatus returns the constant of a server's word, or OrderUnknown.
func ParseOrderStatus(word string) OrderStatus { return parse(OrderStatuses, word, OrderUnknown) }

// ParseDomainStatus returns the constant of a server's word, or DomainUnknown.
func ParseDomainStatus(word string) DomainStatus { return parse(DomainStatuses, word, DomainUnknown) }

// String returns the server's word, or one of ours.
func (s Status) String() string {
	return text(Statuses, s, [...]string{"not read", "unknown"}[min(s, 1)])
}

// String returns the server's word, or one of ours.
func (s OrderStatus) String() string {
	return text(OrderStatuses, s, [...]string{"not read", "unknown", "none"}[min(s, 2)])
}

// String returns the server's word, or "unknown".
func (s DomainStatus) String() string { return text(DomainStatuses, s, "unknown") }

// parse finds the constant of a word. Words are compared without regard to case,
// as the vendor's own client does.
func parse[T comparable](words map[T]string, word string, unknown T) T {
	for constant, w := range words {
		if strings.EqualFold(w, word) {
			return constant
		}
	}
	return unknown
}

func text[T comparable](words map[T]string, constant T, ours string) string {
	if w, ok := words[constant]; ok {
		return w
	}
	return ours
}

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

// DCVMethods lists the methods in the order that messages list them.
var DCVMethods = []DCVMethod{Email, DNSCnameToken, DNSTxtToken}

// InDNS reports whether a method is proved by DNS records.
func (m DCVMethod) InDNS() bool { return m == DNSCnameToken || m == DNSTxtToken }

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

// Allows reports whether a certificate of this level may hold a name: no CA puts a wildcard
// on an EV certificate.
//
// Source: cps-api, section 7.2.
func (t ValidationType) Allows(name string) bool { return t != EV || !strings.HasPrefix(name, "*.") }

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
