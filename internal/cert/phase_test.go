package cert_test

import (
	"slices"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// never is a request that was never issued, with one name of each status.
func never(s cert.Status, o cert.OrderStatus, names ...cert.DomainStatus) cert.Live {
	l := cert.Live{ID: 1, Status: s, Order: o}
	l.SetDomains(domains(names))
	return l
}

// issued is never with a certificate that ends in 50 days.
func issued(s cert.Status, o cert.OrderStatus, names ...cert.DomainStatus) cert.Live {
	l := never(s, o, names...)
	l.Thumbprint, l.Expires = "ab12", now.AddDate(0, 0, 50)
	return l
}

// with returns l after a change.
func with(l cert.Live, change func(*cert.Live)) cert.Live {
	change(&l)
	return l
}

func domains(statuses []cert.DomainStatus) []cert.Domain {
	var all []cert.Domain
	for i, s := range statuses {
		all = append(all, cert.Domain{Name: string(rune('a'+i)) + ".example.com", Status: s})
	}
	return all
}

func ended(l *cert.Live)    { l.Expires = now }
func noExpiry(l *cert.Live) { l.Expires = time.Time{} }
func noThumb(l *cert.Live)  { l.Thumbprint = "" }
func attention(l *cert.Live) {
	l.RequiresAttention = true
}

// Short names, so that a row of the table is one line.
const (
	notRead, processing, dcv, vetting = cert.StatusNotRead, cert.StatusProcessing, cert.StatusDomainControlValidation, cert.StatusOtherValidation
	deploying, inService, gone        = cert.StatusDeployment, cert.StatusActive, cert.StatusDeleted

	orderNotRead, none = cert.OrderNotRead, cert.NoOrder

	start, atCA, dns, live, reissue = cert.DomainProvisioningInitiated, cert.DomainAwaitingCertificateAuthority, cert.DomainPendingDNS, cert.DomainActive, cert.DomainPendingReissue
	leaving, left, refused, late    = cert.DomainPendingDelete, cert.DomainDelete, cert.DomainRejected, cert.DomainTimedOut
	badSecret                       = cert.DomainSecretRejected
)

// TestPhaseOf holds a row for each combination of cps-api, section 11, and of the
// table of states of section 12.2.
func TestPhaseOf(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		have cert.Live
		want cert.Phase
	}{
		// Section 11, rule 1.
		"the workflow says Deleted":                             {issued(gone, none, live), cert.Deleted},
		"the workflow says Deleted and nothing was ever issued": {never(gone, cert.OrderCanceled, start), cert.Deleted},
		"every name is deleted":                                 {issued(inService, none, left, left), cert.Deleted},
		"every name is being deleted, status not read":          {issued(notRead, orderNotRead, leaving, leaving), cert.Deleted},
		"names deleted and being deleted, never issued":         {never(notRead, orderNotRead, left, leaving), cert.Deleted},
		// Rule 2.
		"never issued and a name timed out":                     {never(dcv, cert.OrderPending, late), cert.TimedOut},
		"never issued and one name of two timed out":            {never(processing, none, atCA, late), cert.TimedOut},
		"timed out goes before refused":                         {never(dcv, cert.OrderRejected, refused, late), cert.TimedOut},
		"timed out in the list, status not read":                {never(notRead, orderNotRead, late), cert.TimedOut},
		"timed out, order canceled":                             {never(dcv, cert.OrderCanceled, late), cert.TimedOut},
		"timed out, order expired":                              {never(dcv, cert.OrderExpired, late), cert.TimedOut},
		"a name being deleted does not hide that one timed out": {never(dcv, cert.OrderPending, late, leaving), cert.TimedOut},
		// Rule 3.
		"never issued and a name was refused":                 {never(dcv, cert.OrderPending, atCA, refused), cert.Rejected},
		"never issued and a secret was refused":               {never(notRead, orderNotRead, badSecret), cert.Rejected},
		"never issued and the order was rejected":             {never(dcv, cert.OrderRejected, atCA), cert.Rejected},
		"never issued and the order was canceled":             {never(processing, cert.OrderCanceled, atCA), cert.Rejected},
		"never issued and the order was revoked":              {never(vetting, cert.OrderRevoked, atCA), cert.Rejected},
		"never issued and the order is deleted: still a step": {never(dcv, cert.OrderDeleted, atCA), cert.DomainControlValidation},
		// Rule 4.
		"issued, being deployed":                           {issued(deploying, cert.OrderIssued, dns), cert.Deployment},
		"issued, on its way, the names still at the CA":    {issued(deploying, none, atCA), cert.Deployment},
		"on its way goes before a refused order":           {issued(deploying, cert.OrderRejected, live), cert.Deployment},
		"on its way with the first order still Pending":    {issued(deploying, cert.OrderPending, dns), cert.Deployment},
		"on its way with a renewal queued is under way":    {issued(deploying, cert.OrderAwaitingRenewal, live), cert.InFlight},
		"on its way with a renewal at the CA is under way": {issued(deploying, cert.OrderPendingRenewal, live), cert.InFlight},
		"on its way with a reissue at the CA is under way": {issued(deploying, cert.OrderPendingReissue, live), cert.InFlight},
		"on its way with an update queued is under way":    {issued(deploying, cert.OrderAwaitingOrgUpdate, live), cert.InFlight},
		"on its way with an update at the CA is under way": {issued(deploying, cert.OrderPendingOrgUpdate, live), cert.InFlight},
		"on its way past the end of what it replaces":      {with(issued(deploying, cert.OrderIssued, dns), ended), cert.Deployment},
		"on its way with a thumbprint and no end yet":      {with(issued(deploying, cert.OrderIssued, dns), noExpiry), cert.Deployment},
		// Rule 5.
		"the renewal was rejected":                       {issued(inService, cert.OrderRenewalRejected, live), cert.OrderFailed},
		"the reissue was rejected":                       {issued(inService, cert.OrderReissueRejected, live), cert.OrderFailed},
		"issued and the order rejected":                  {issued(inService, cert.OrderRejected, live), cert.OrderFailed},
		"issued and the order revoked":                   {issued(inService, cert.OrderRevoked, live), cert.OrderFailed},
		"issued and the order canceled":                  {issued(inService, cert.OrderCanceled, live), cert.OrderFailed},
		"issued and the order deleted":                   {issued(inService, cert.OrderDeleted, live), cert.OrderFailed},
		"issued and a name refused":                      {issued(notRead, orderNotRead, live, refused), cert.OrderFailed},
		"issued and a secret refused":                    {issued(notRead, orderNotRead, live, badSecret), cert.OrderFailed},
		"issued and a name timed out: never a retrigger": {issued(dcv, cert.OrderPendingReissue, live, late), cert.OrderFailed},
		"a name refused while others wait":               {issued(inService, cert.OrderPendingReissue, refused, atCA), cert.OrderFailed},
		"rejected goes before ended":                     {with(issued(inService, cert.OrderRenewalRejected, live), ended), cert.OrderFailed},
		// Rule 6.
		"a renewal queued":                                  {issued(inService, cert.OrderAwaitingRenewal, live), cert.InFlight},
		"a renewal in progress":                             {issued(inService, cert.OrderPendingRenewal, live), cert.InFlight},
		"a reissue queued":                                  {issued(inService, cert.OrderAwaitingReissue, live), cert.InFlight},
		"a reissue at the CA":                               {issued(inService, cert.OrderPendingReissue, reissue, atCA), cert.InFlight},
		"an update of the organization queued":              {issued(inService, cert.OrderAwaitingOrgUpdate, live), cert.InFlight},
		"an update of the organization at the CA":           {issued(inService, cert.OrderPendingOrgUpdate, live), cert.InFlight},
		"issued and an order Pending":                       {issued(inService, cert.OrderPending, live), cert.InFlight},
		"a name waits to be reissued, status not read":      {issued(notRead, orderNotRead, reissue), cert.InFlight},
		"a name is at the CA, status not read":              {issued(notRead, orderNotRead, live, atCA), cert.InFlight},
		"a name waits for DNS, status Active":               {issued(inService, cert.OrderIssued, dns), cert.InFlight},
		"a name is being set up":                            {issued(inService, cert.OrderIssued, start), cert.InFlight},
		"issued, and the workflow is preparing again":       {issued(processing, none, live), cert.InFlight},
		"issued, and the workflow waits for domain control": {issued(dcv, cert.OrderIssued, live), cert.InFlight},
		"issued, and the workflow checks the organization":  {issued(vetting, cert.OrderRenewed, live), cert.InFlight},
		"under way goes before ended":                       {with(issued(inService, cert.OrderPendingRenewal, live), ended), cert.InFlight},
		"a name is being deleted, status not read":          {issued(notRead, orderNotRead, live, leaving), cert.InFlight},
		"a name stays listed as being deleted, all through": {issued(inService, none, live, leaving), cert.Active},
		"a name being deleted, and somebody must act":       {with(issued(inService, none, live, leaving), attention), cert.OrderFailed},
		"a deleted name does not count, status not read":    {issued(notRead, orderNotRead, live, left), cert.Active},
		// Rule 7.
		"its end has come to the second": {with(issued(inService, none, live), ended), cert.Expired},
		"ended, status not read":         {with(issued(notRead, orderNotRead, live), ended), cert.Expired},
		"the order expired":              {issued(inService, cert.OrderExpired, live), cert.Expired},
		"ended and somebody must act":    {with(with(issued(inService, none, live), ended), attention), cert.Expired},
		// Rule 8.
		"in service, status not read":               {issued(notRead, orderNotRead, live, live), cert.Active},
		"in service, no order":                      {issued(inService, none, live), cert.Active},
		"in service, last order issued":             {issued(inService, cert.OrderIssued, live), cert.Active},
		"in service, last order renewed":            {issued(inService, cert.OrderRenewed, live), cert.Active},
		"in service, organization updated":          {issued(inService, cert.OrderOrgUpdated, live), cert.Active},
		"in service with an end and no thumbprint":  {with(issued(inService, none, live), noThumb), cert.Active},
		"in service, and somebody must act":         {with(issued(inService, cert.OrderIssued, live), attention), cert.OrderFailed},
		"a thumbprint and no end is not in service": {with(issued(inService, none, live), noExpiry), cert.Unknown},
		"a thumbprint, no end, somebody must act":   {with(with(issued(inService, none, live), noExpiry), attention), cert.OrderFailed},
		"issued and without a name":                 {issued(inService, none), cert.Unknown},
		// Rule 9.
		"waits for domain control":                 {never(dcv, cert.OrderPending, atCA), cert.DomainControlValidation},
		"waits for domain control, no order seen":  {never(dcv, none, atCA), cert.DomainControlValidation},
		"the CA validates the organization":        {never(vetting, cert.OrderPending, atCA), cert.OtherValidation},
		"being prepared with an order":             {never(processing, cert.OrderPending, atCA), cert.Ordered},
		"being prepared without an order":          {never(processing, none, start), cert.Processing},
		"never issued, status not read":            {never(notRead, orderNotRead, start), cert.Processing},
		"never issued, at the CA, status not read": {never(notRead, orderNotRead, atCA), cert.Processing},
		// Rule 10.
		"never issued and yet in service":                                         {never(inService, cert.OrderIssued, live), cert.Unknown},
		"never issued and yet on its way":                                         {never(deploying, cert.OrderIssued, dns), cert.Unknown},
		"a status never heard of":                                                 {issued(cert.StatusUnknown, none, live), cert.Unknown},
		"an order status never heard of":                                          {issued(inService, cert.OrderUnknown, live), cert.Unknown},
		"a domain status never heard of":                                          {issued(inService, none, live, cert.DomainUnknown), cert.Unknown},
		"a word never heard of goes before Deleted":                               {issued(gone, cert.OrderUnknown, live), cert.Unknown},
		"the zero value is being prepared: no name, no certificate, nothing read": {cert.Live{}, cert.Processing},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := cert.PhaseOf(tt.have, now); got != tt.want {
				t.Errorf("PhaseOf = %s, want %s", got, tt.want)
			}
		})
	}
}

// TestAnyWordNeverHeardOfIsUnknown puts one unheard word into every combination of
// the words there are.
func TestAnyWordNeverHeardOfIsUnknown(t *testing.T) {
	t.Parallel()
	spoil := map[string]func(*cert.Live){
		"status":  func(l *cert.Live) { l.Status = cert.StatusUnknown },
		"order":   func(l *cert.Live) { l.Order = cert.OrderUnknown },
		"domain":  func(l *cert.Live) { l.Domains = append(l.Domains, cert.Domain{Name: "z.example.com"}) },
		"another": func(l *cert.Live) { l.UnknownWords = []string{`something "New"`} },
	}
	each(func(l cert.Live) {
		for what, change := range spoil {
			if got := cert.PhaseOf(with(l, change), now); got != cert.Unknown {
				t.Errorf("with a %s never heard of, PhaseOf(%+v) = %s", what, l, got)
			}
		}
	})
}

// TestPhaseIsTotal: every combination has a phase, those that promise a certificate
// have one, and nothing but the whitelist is in service.
func TestPhaseIsTotal(t *testing.T) {
	t.Parallel()
	each(func(l cert.Live) {
		switch p := cert.PhaseOf(l, now); p {
		case cert.Processing, cert.Ordered, cert.DomainControlValidation, cert.OtherValidation, cert.TimedOut, cert.Rejected:
			if l.Issued() {
				t.Errorf("%s, but issued: %+v", p, l)
			}
		case cert.Deployment, cert.InFlight, cert.OrderFailed, cert.Expired:
			if !l.Issued() {
				t.Errorf("%s, but never issued: %+v", p, l)
			}
		case cert.Active:
			through := l.Order == none || l.Order == cert.OrderIssued || l.Order == cert.OrderRenewed || l.Order == cert.OrderOrgUpdated
			if !l.Issued() || !l.Expires.After(now) || l.RequiresAttention || l.Status != inService && l.Status != notRead ||
				l.Status == inService && !through {
				t.Errorf("in service without being on the whitelist: %+v", l)
			}
		case cert.Unknown, cert.Deleted:
		}
	})
}

// each calls f with every combination of status, order, two names, end and
// requires_attention.
func each(f func(cert.Live)) {
	for _, s := range cert.Statuses {
		for _, o := range append(slices.Clone(cert.OrderStatuses), none) {
			for _, a := range cert.DomainStatuses {
				for _, b := range cert.DomainStatuses {
					f(never(s, o, a, b))
					f(issued(s, o, a, b))
					f(with(issued(s, o, a, b), ended))
					f(with(issued(s, o, a, b), attention))
				}
			}
		}
	}
}

func TestPhasesHaveTheirNames(t *testing.T) {
	t.Parallel()
	want := []string{"unknown", "processing", "ordered", "domain-control-validation", "other-validation",
		"deployment", "active", "in-flight", "order-failed", "timed-out", "rejected", "expired", "deleted"}
	phases := cert.Phases()
	if len(phases) != len(want) {
		t.Fatalf("%d phases, want %d", len(phases), len(want))
	}
	for i, p := range phases {
		if p.String() != want[i] {
			t.Errorf("phase %d is called %q, want %q", i, p, want[i])
		}
	}
}
