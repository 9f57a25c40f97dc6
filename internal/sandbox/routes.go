package sandbox

// A route is one endpoint (cps-api, section 3).
type route struct {
	method, pattern string
	call            string // the kind of request, for faults
	access          access
	query           []string // parameters it knows
	body            bool     // whether it takes one
	status          int      // of an answer with a body; without one it is 204
	serve           func(*Server, *request) (any, error)
}

var routes = []route{
	// Section 3.1.
	{"GET", "/certificates", "list", reads, []string{"page", "page_size", "query", "sort"}, false, 200, (*Server).list},
	{"POST", "/certificates/cdnprovided", "create", creates, nil, true, 201, (*Server).create},
	{"GET", "/certificates/{id}", "get", reads, nil, false, 200, (*Server).read},
	{"PATCH", "/certificates/{id}", "patch", changes, nil, true, 200, (*Server).patch},
	{"DELETE", "/certificates/{id}", "delete", deletes, nil, false, 204, (*Server).remove},
	{"GET", "/certificates/{id}/status", "status", reads, nil, false, 200, (*Server).readStatus},
	{"PUT", "/certificates/{id}/renew", "renew", changes, nil, false, 204, (*Server).renew},
	{"PUT", "/certificates/{id}/retrigger", "retrigger", changes, nil, false, 204, (*Server).retrigger},
	{"PUT", "/certificates/{id}/cancel", "cancel", changes, []string{"apply"}, false, 200, (*Server).cancel},
	{"PUT", "/certificates/{id}/organization", "other", changes, nil, true, 200, (*Server).putOrganization},
	{"GET", "/certificates/{id}/notifications", "other", reads, nil, false, 200, (*Server).notifications},
	{"PATCH", "/certificates/{id}/notifications", "other", changes, nil, true, 200, (*Server).patchNotifications},
	// Section 3.2.
	{"GET", "/dcv/certificates/{id}", "dcv", reads, []string{"domain_ids"}, false, 200, (*Server).dcvMetadata},
	{"PUT", "/dcv/certificates/{id}/token", "dcv", changes, []string{"domain_ids"}, false, 200, (*Server).dcvToken},
	{"PUT", "/dcv/certificates/{id}/check", "dcv", changes, []string{"domain_ids"}, false, 204, (*Server).dcvCheck},
	{"POST", "/dcv/certificates/{id}/emails/resend", "dcv", changes, []string{"domain_ids"}, false, 204, (*Server).dcvResend},
	{"PUT", "/dcv/certificates/{id}/method", "dcv", changes, nil, true, 204, (*Server).dcvMethod},
	// Section 3.3.
	{"GET", "/organizations/default", "other", reads, nil, false, 200, (*Server).defaultOrganization},
	{"GET", "/organizations/{id}", "other", reads, []string{"name"}, false, 200, (*Server).organization},
	{"GET", "/organizations/name/{name}", "other", reads, nil, false, 200, (*Server).organizationsByName},
	{"GET", "/customers/commits", "other", reads, nil, false, 200, (*Server).commits},
	{"GET", "/customers/notifications", "other", reads, nil, false, 200, (*Server).defaultNotifications},
	{"PATCH", "/customers/notifications", "other", changes, nil, true, 200, (*Server).patchDefaultNotifications},
	// Section 3.4, without the internal tasks.
	{"GET", "/appendix/certificate-statuses", "other", reads, nil, false, 200, lookUp(requestStatuses)},
	{"GET", "/appendix/order-statuses", "other", reads, nil, false, 200, lookUp(orderStatuses)},
	{"GET", "/appendix/domain-statuses", "other", reads, nil, false, 200, lookUp(domainStatuses)},
	{"GET", "/appendix/dcv-types", "other", reads, nil, false, 200, lookUp(dcvMethods)},
	{"GET", "/appendix/validation-types", "other", reads, nil, false, 200, lookUp(validationTypes)},
	{"GET", "/appendix/validation-statuses", "other", reads, nil, false, 200, lookUp(validationStatuses)},
	{"GET", "/appendix/cancel-actions", "other", reads, nil, false, 200, lookUp(cancelActions)},
	{"GET", "/appendix/certificate-authorities", "other", reads, nil, false, 200, lookUp(certificateAuthorities)},
	{"GET", "/appendix/request-types", "other", reads, nil, false, 200, lookUp(requestTypes)},
	{"GET", "/appendix/product-types", "other", reads, nil, false, 200, lookUp(productTypes)},
	{"GET", "/appendix/country-codes", "other", reads, []string{"name"}, false, 200, (*Server).countryCodes},
}
