package sandbox

import "slices"

// The words of the API, in full (cps-api, section 5). Their order is the order
// of the look-ups, whose numeric ids are counted from 1: the real ids are unknown.
var (
	domainStatuses = []string{
		"ProvisioningInitiated", "AwaitingCertificateAuthority", "PendingDns", "Active", "PendingReissue",
		"PendingDelete", "Delete", "Rejected", "TimedOut", "SecretRejected",
	}
	requestStatuses = []string{
		"Processing", "DomainControlValidation", "OtherValidation", "Deployment", "Active", "Deleted",
	}
	orderStatuses = []string{
		"Pending", "Issued", "Deleted", "Rejected", "Revoked", "Canceled", "AwaitingRenewal", "PendingRenewal",
		"Renewed", "PendingReissue", "AwaitingReissue", "PendingOrgUpdate", "OrgUpdated", "RenewalRejected",
		"ReissueRejected", "Expired", "AwaitingOrgUpdate",
	}
	dcvMethods             = []string{"Email", "DnsCnameToken", "DnsTxtToken"}
	validationTypes        = []string{"None", "DV", "OV", "EV"}
	validationStatuses     = []string{"Unknown", "Pending", "Rejected", "Approved", "NA"}
	requestTypes           = []string{"Basic", "Enterprise", "Custom", "AzureCustom"}
	certificateAuthorities = []string{"DigiCert", "LetsEncrypt"}
	cancelActions          = []string{actionCancel, actionRevert}
	productTypes           = []string{"Standard"} // values unknown (cps-api, section 3.4)
	identityTypes          = []string{"User", "Client"}
	portalTypes            = []string{"Customer", "Partner", "Wholesaler", "Uber", "OpenCdn"}
	contactTypes           = []string{"EvApprover", "OrganizationContact", "TechnicalContact", "Unknown"}
	notificationTypes      = []string{"CertificateRenewal", "CertificateExpiring", "PendingValidations"}
	platforms              = []string{"HttpLarge", "HttpSmall", "Adn"}
	deliveryRegions        = []string{
		"GlobalPremiumPlusAsia", "NorthAmericaAndEurope", "GlobalStandard", "Internal",
		"GlobalPremiumAsiaPlusChina", "GlobalPremiumAsiaPlusIndia", "GlobalPremiumAsiaPlusChinaAndIndia",
		"GlobalPremiumAsiaPlusLatam", "GlobalPremiumAsiaPremiumChinaPlusLatam",
	}
)

// What a cancel does (cps-api, section 5.9: in words only, the names are ours).
const (
	actionCancel = "Cancel"
	actionRevert = "Revert"
)

// steps are the numbers of the request statuses; 3 is certain, the others are
// inferred (cps-api, section 5.2). An order that is placed moves Processing to 2.
var steps = map[string]int{
	"Deleted": 0, "Processing": 1, "DomainControlValidation": 3, "OtherValidation": 4, "Deployment": 5, "Active": 6,
}

func in(word string, words []string) bool { return slices.Contains(words, word) }
