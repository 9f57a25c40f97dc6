package cert_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
)

// The lists of cps-api, section 5, as they stand there.
var (
	statusWords = words("Processing DomainControlValidation OtherValidation Deployment Active Deleted")
	orderWords  = words(`Pending Issued Deleted Rejected Revoked Canceled AwaitingRenewal PendingRenewal
		Renewed PendingReissue AwaitingReissue PendingOrgUpdate OrgUpdated RenewalRejected ReissueRejected
		Expired AwaitingOrgUpdate`)
	domainWords = words(`ProvisioningInitiated AwaitingCertificateAuthority PendingDns Active PendingReissue
		PendingDelete Delete Rejected TimedOut SecretRejected`)
)

func words(list string) []string { return slices.Sorted(slices.Values(strings.Fields(list))) }

func TestEnumsAreTheVendorsLists(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ got, want []string }{
		"statuses":         {strs(cert.Statuses), statusWords},
		"order statuses":   {strs(cert.OrderStatuses), orderWords},
		"domain statuses":  {strs(cert.DomainStatuses), domainWords},
		"DCV methods":      {strs(cert.DCVMethods), words("Email DnsCnameToken DnsTxtToken")},
		"validation types": {strs(cert.ValidationTypes), words("DV OV EV")},
		"authorities":      {strs(cert.Authorities), words("DigiCert LetsEncrypt")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(tt.want, tt.got); d != "" {
				t.Errorf("(-sheet +code)\n%s", d)
			}
		})
	}
}

func strs[T ~string](all []T) []string {
	var s []string
	for _, w := range all {
		s = append(s, string(w))
	}
	return slices.Sorted(slices.Values(s))
}

// TestWordsAreReadInAnyCase: the vendor's own client compares them that way.
func TestWordsAreReadInAnyCase(t *testing.T) {
	t.Parallel()
	for _, w := range statusWords {
		for _, in := range []string{w, strings.ToLower(w), strings.ToUpper(w)} {
			if got := cert.ParseStatus(in).String(); got != w {
				t.Errorf("ParseStatus(%q) = %s", in, got)
			}
		}
	}
	for _, w := range orderWords {
		for _, in := range []string{w, strings.ToLower(w), strings.ToUpper(w)} {
			if got := cert.ParseOrderStatus(in).String(); got != w {
				t.Errorf("ParseOrderStatus(%q) = %s", in, got)
			}
		}
	}
	for _, w := range domainWords {
		for _, in := range []string{w, strings.ToLower(w), strings.ToUpper(w)} {
			if got := cert.ParseDomainStatus(in).String(); got != w {
				t.Errorf("ParseDomainStatus(%q) = %s", in, got)
			}
		}
	}
}

// TestOtherWordsAreUnknown: never taken for "not read", nor for another word.
func TestOtherWordsAreUnknown(t *testing.T) {
	t.Parallel()
	for _, w := range []string{"", " ", "Reissued", "TimedOutt", "active ", "not read", "none", "null"} {
		if got := cert.ParseStatus(w); got != cert.StatusUnknown {
			t.Errorf("ParseStatus(%q) = %s", w, got)
		}
		if got := cert.ParseOrderStatus(w); got != cert.OrderUnknown {
			t.Errorf("ParseOrderStatus(%q) = %s", w, got)
		}
		if got := cert.ParseDomainStatus(w); got != cert.DomainUnknown {
			t.Errorf("ParseDomainStatus(%q) = %s", w, got)
		}
	}
}

func TestWordsOfOurOwn(t *testing.T) {
	t.Parallel()
	got := []string{cert.StatusNotRead.String(), cert.StatusUnknown.String(), cert.OrderNotRead.String(),
		cert.OrderUnknown.String(), cert.NoOrder.String(), cert.DomainUnknown.String()}
	want := []string{"not read", "unknown", "not read", "unknown", "none", "unknown"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestOrdersThatAreOpenThroughOrRenewing sorts every order status into what the
// decisions ask of it.
func TestOrdersThatAreOpenThroughOrRenewing(t *testing.T) {
	t.Parallel()
	open := words("Pending AwaitingRenewal PendingRenewal AwaitingReissue PendingReissue AwaitingOrgUpdate PendingOrgUpdate")
	renewing := words("AwaitingRenewal PendingRenewal")
	through := words("Issued Renewed OrgUpdated")
	for _, o := range cert.OrderStatuses {
		w := string(o)
		if got := o.Open(); got != slices.Contains(open, w) {
			t.Errorf("%s.Open() = %v", w, got)
		}
		if got := o.Renewing(); got != slices.Contains(renewing, w) {
			t.Errorf("%s.Renewing() = %v", w, got)
		}
		if got := o.Complete(); got != slices.Contains(through, w) {
			t.Errorf("%s.Through() = %v", w, got)
		}
	}
	if cert.OrderNotRead.Complete() || cert.OrderUnknown.Complete() || !cert.NoOrder.Complete() {
		t.Error("no order is through; one that was not read, or is not understood, is not")
	}
}

func TestCodesAreSortedAndOnce(t *testing.T) {
	t.Parallel()
	if !slices.IsSorted(cert.Codes) || len(slices.Compact(slices.Clone(cert.Codes))) != len(cert.Codes) {
		t.Errorf("codes are not sorted, or one stands there twice: %q", cert.Codes)
	}
}

func TestEditsAreTheAPIsWords(t *testing.T) {
	t.Parallel()
	want := strings.Fields("description auto_renew dcv_method domains renew retrigger certificate_label")
	var got []string
	for _, e := range cert.Edits() {
		got = append(got, e.String())
		if back, ok := cert.ParseEdit(e.String()); !ok || back != e {
			t.Errorf("ParseEdit(%q) = %v, %v", e, back, ok)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, w := range []string{"", "Domains", "validation_type", "organization"} {
		if e, ok := cert.ParseEdit(w); ok {
			t.Errorf("ParseEdit(%q) = %s: it can't be sent", w, e)
		}
	}
}
