package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// TestProofsByHandAreToldOfOnceCertificatesGetShort, and not before.
func TestProofsByHandAreToldOfOnceCertificatesGetShort(t *testing.T) {
	t.Parallel()
	fall := midnight("2027-03-15")
	ends := func(at time.Time) func(*cert.Live) { return func(l *cert.Live) { l.Expires = at } }
	by := func(m cert.DCVMethod) func(*cert.Live) { return func(l *cert.Live) { l.DCVMethod = m } }
	accepted := asks(accepts(cert.DCVByHand))
	tests := map[string]struct {
		want cert.Spec
		have cert.Live
		at   time.Time
		text string // the note holds it; "" for no note
	}{
		"renewed once more before":        {asks(), inService(ends(fall.Add(autoStart - time.Second))), now, ""},
		"its next one is a short one":     {asks(), inService(ends(fall.Add(autoStart))), now, "validated by a TXT record; the next renewal, from about 2027-03-15 on, gives a certificate of at most 99 days"},
		"by mail":                         {asks(), inService(ends(fall.Add(autoStart)), by(cert.Email)), now, "validated by e-mail"},
		"by CNAME":                        {asks(), inService(ends(fall.Add(autoStart)), by(cert.DNSCnameToken)), now, ""},
		"by mail, and that is to end":     {asks(method(cert.DNSCnameToken)), inService(ends(fall.Add(autoStart)), by(cert.Email)), now, ""},
		"by CNAME, and mail is wanted":    {asks(method(cert.Email)), inService(ends(fall.Add(autoStart)), by(cert.DNSCnameToken)), now, "validated by e-mail"},
		"never issued, today":             {asks(), inService(timedOut), now, ""},
		"never issued, when they are":     {asks(), inService(timedOut), fall, "at most 99 days"},
		"two years on":                    {asks(), inService(ends(midnight("2029-05-20"))), midnight("2029-04-20"), "about 2029-04-20 on, gives a certificate of at most 46 days"},
		"ended":                           {asks(), inService(ends(midnight("2029-05-20"))), midnight("2029-05-21"), ""},
		"its next one, and it is settled": {accepted, inService(ends(fall.Add(autoStart))), now, "accepted"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, found := oneAt(tt.want, tt.have, tt.at).Warning(cert.DCVByHand)
			text := w.Text
			if w.Accepted {
				text = "accepted"
			}
			if found != (tt.text != "") || !strings.Contains(text, tt.text) {
				t.Errorf("got %q, want %q", text, tt.text)
			}
			if w.NeedsAction() {
				t.Error("it asks a person to act")
			}
		})
	}
}
