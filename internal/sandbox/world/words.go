package world

// The words of the API, in full (cps-api, section 5).
var (
	DomainStatuses = []string{
		"ProvisioningInitiated", "AwaitingCertificateAuthority", "PendingDns", "Active", "PendingReissue",
		"PendingDelete", "Delete", "Rejected", "TimedOut", "SecretRejected",
	}
	RequestStatuses = []string{
		"Processing", "DomainControlValidation", "OtherValidation", "Deployment", "Active", "Deleted",
	}
	OrderStatuses = []string{
		"Pending", "Issued", "Deleted", "Rejected", "Revoked", "Canceled", "AwaitingRenewal", "PendingRenewal",
		"Renewed", "PendingReissue", "AwaitingReissue", "PendingOrgUpdate", "OrgUpdated", "RenewalRejected",
		"ReissueRejected", "Expired", "AwaitingOrgUpdate",
	}
	DCVMethods             = []string{"Email", "DnsCnameToken", "DnsTxtToken"}
	ValidationTypes        = []string{"None", "DV", "OV", "EV"}
	CertificateAuthorities = []string{"DigiCert", "LetsEncrypt"}
	NotificationTypes      = []string{"CertificateRenewal", "CertificateExpiring", "PendingValidations"}
	Platforms              = []string{"HttpLarge", "HttpSmall", "Adn"}
	DeliveryRegions        = []string{
		"GlobalPremiumPlusAsia", "NorthAmericaAndEurope", "GlobalStandard", "Internal",
		"GlobalPremiumAsiaPlusChina", "GlobalPremiumAsiaPlusIndia", "GlobalPremiumAsiaPlusChinaAndIndia",
		"GlobalPremiumAsiaPlusLatam", "GlobalPremiumAsiaPremiumChinaPlusLatam",
	}
)
