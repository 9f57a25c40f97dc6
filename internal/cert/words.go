package cert

import (
	"cmp"
	"slices"
	"strings"
)

// Status is the server's word for where the workflow of a request is. It is in the status answer only.
//
// Source: cps-api, section 5.2.
type Status string

// The statuses. The first two are ours.
const (
	StatusNotRead                 Status = ""        // the status answer was not asked for
	StatusUnknown                 Status = "unknown" // a word this build does not know
	StatusProcessing              Status = "Processing"
	StatusDomainControlValidation Status = "DomainControlValidation"
	StatusOtherValidation         Status = "OtherValidation"
	StatusDeployment              Status = "Deployment"
	StatusActive                  Status = "Active"
	StatusDeleted                 Status = "Deleted"
)

// OrderStatus is the server's word for the order at the certificate authority.
// It is in the status answer only.
//
// Source: cps-api, section 5.3.
type OrderStatus string

// The order statuses. The first three are ours.
const (
	OrderNotRead           OrderStatus = ""        // the status answer was not asked for
	OrderUnknown           OrderStatus = "unknown" // a word this build does not know
	NoOrder                OrderStatus = "none"    // the status answer holds no order
	OrderPending           OrderStatus = "Pending"
	OrderIssued            OrderStatus = "Issued"
	OrderDeleted           OrderStatus = "Deleted"
	OrderRejected          OrderStatus = "Rejected"
	OrderRevoked           OrderStatus = "Revoked"
	OrderCanceled          OrderStatus = "Canceled"
	OrderAwaitingRenewal   OrderStatus = "AwaitingRenewal"
	OrderPendingRenewal    OrderStatus = "PendingRenewal"
	OrderRenewed           OrderStatus = "Renewed"
	OrderPendingReissue    OrderStatus = "PendingReissue"
	OrderAwaitingReissue   OrderStatus = "AwaitingReissue"
	OrderPendingOrgUpdate  OrderStatus = "PendingOrgUpdate"
	OrderOrgUpdated        OrderStatus = "OrgUpdated"
	OrderRenewalRejected   OrderStatus = "RenewalRejected"
	OrderReissueRejected   OrderStatus = "ReissueRejected"
	OrderExpired           OrderStatus = "Expired"
	OrderAwaitingOrgUpdate OrderStatus = "AwaitingOrgUpdate"
)

// DomainStatus is the server's word for one name of a request.
//
// Source: cps-api, section 5.1.
type DomainStatus string

// The domain statuses. The first is ours.
const (
	DomainUnknown                      DomainStatus = "" // a word this build does not know, or none
	DomainProvisioningInitiated        DomainStatus = "ProvisioningInitiated"
	DomainAwaitingCertificateAuthority DomainStatus = "AwaitingCertificateAuthority"
	DomainPendingDNS                   DomainStatus = "PendingDns"
	DomainActive                       DomainStatus = "Active"
	DomainPendingReissue               DomainStatus = "PendingReissue"
	DomainPendingDelete                DomainStatus = "PendingDelete"
	DomainDelete                       DomainStatus = "Delete"
	DomainRejected                     DomainStatus = "Rejected"
	DomainTimedOut                     DomainStatus = "TimedOut"
	DomainSecretRejected               DomainStatus = "SecretRejected"
)

// The server's own words.
var (
	Statuses      = []Status{StatusProcessing, StatusDomainControlValidation, StatusOtherValidation, StatusDeployment, StatusActive, StatusDeleted}
	OrderStatuses = []OrderStatus{
		OrderPending, OrderIssued, OrderDeleted, OrderRejected, OrderRevoked, OrderCanceled, OrderAwaitingRenewal, OrderPendingRenewal, OrderRenewed,
		OrderPendingReissue, OrderAwaitingReissue, OrderPendingOrgUpdate, OrderOrgUpdated, OrderRenewalRejected, OrderReissueRejected,
		OrderExpired, OrderAwaitingOrgUpdate,
	}
	DomainStatuses = []DomainStatus{
		DomainProvisioningInitiated, DomainAwaitingCertificateAuthority, DomainPendingDNS, DomainActive, DomainPendingReissue,
		DomainPendingDelete, DomainDelete, DomainRejected, DomainTimedOut, DomainSecretRejected,
	}
)

// ParseStatus returns the constant of a server's word, or StatusUnknown.
func ParseStatus(word string) Status { return parse(Statuses, word, StatusUnknown) }

// ParseOrderStatus returns the constant of a server's word, or OrderUnknown.
func ParseOrderStatus(word string) OrderStatus { return parse(OrderStatuses, word, OrderUnknown) }

// ParseDomainStatus returns the constant of a server's word, or DomainUnknown.
func ParseDomainStatus(word string) DomainStatus { return parse(DomainStatuses, word, DomainUnknown) }

// parse compares without regard to case, as the vendor's own client does.
func parse[T ~string](words []T, word string, unknown T) T {
	if i := slices.IndexFunc(words, func(w T) bool { return strings.EqualFold(string(w), word) }); i >= 0 {
		return words[i]
	}
	return unknown
}

// String returns the server's word, or one of ours.
func (s Status) String() string { return cmp.Or(string(s), "not read") }

// String returns the server's word, or one of ours.
func (s OrderStatus) String() string { return cmp.Or(string(s), "not read") }

// String returns the server's word, or "unknown".
func (s DomainStatus) String() string { return cmp.Or(string(s), "unknown") }

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

// Authority is a certificate authority.
//
// Source: cps-api, section 5.8.
type Authority string

// The authorities.
const (
	DigiCert    Authority = "DigiCert"
	LetsEncrypt Authority = "LetsEncrypt"
)

// The words that a manifest can hold, in the order that messages list them.
var (
	DCVMethods      = []DCVMethod{Email, DNSCnameToken, DNSTxtToken}
	ValidationTypes = []ValidationType{DV, OV, EV}
	Authorities     = []Authority{DigiCert, LetsEncrypt}
)
