package cps

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
)

const evCertificate = `{
  "@id": "/v2.0/certificates/20020", "@type": "Certificate",
  "domains": [
    { "name": "WWW.Example.com.", "status": "Active", "active_date": null, "is_common_name": true, "created": "2025-09-01T10:00:00.500000Z", "id": 43001 },
    { "name": "bücher.example", "status": "Brewing", "is_common_name": null, "id": 43002 },
    { "name": "old.example.com", "status": "PendingDelete", "is_common_name": true, "id": 43003 },
    { "name": "old.example.com", "status": "pendingdelete", "is_common_name": true, "id": 43004 }
  ],
  "certificate_authority": "DigiCert", "validation_type": "ev",
  "organization": { "id": 777, "company_name": "Example Corp", "company_address2": null, "additional_contacts": [{"id": 0}] },
  "dcv_method": "Carrier pigeon", "certificate_label": "www-example-com-ev",
  "description": "EV certificate\r\nof the main site \r\n", "last_modified": "2025-09-10T06:07:08.900000+02:00",
  "created": "2025-09-01T10:00:00.5Z", "expiration_date": "2026-10-02T00:00:00Z", "request_type": "Enterprise",
  "thumbprint": "FFEEDDCC", "deployments": [],
  "modified_by": { "user_id": 501, "portal_type_id": "Customer", "identity_id": null, "identity_type": "User" },
  "workflow_error_message": "stuck", "auto_renew": true, "id": 20020, "novelty": {"deep": [1, 2]}
}`

func wantEV() cert.Live {
	return cert.Live{
		ID: 20020, Label: "www-example-com-ev", Description: "EV certificate\nof the main site", AutoRenew: true,
		DCVMethod: "Carrier pigeon", ValidationType: cert.EV, Authority: cert.DigiCert,
		Domains: []cert.Domain{{Name: "www.example.com", Status: cert.DomainActive, ID: 43001}, {Name: "xn--bcher-kva.example", ID: 43002}},
		Leaving: []cert.Domain{{Name: "old.example.com", Status: cert.DomainPendingDelete, ID: 43003}},
		Common:  "www.example.com",
		Expires: time.Date(2026, 10, 2, 0, 0, 0, 0, time.UTC), Created: time.Date(2025, 9, 1, 10, 0, 0, 5e8, time.UTC),
		Modified: time.Date(2025, 9, 10, 4, 7, 8, 9e8, time.UTC), ModifiedBy: "user 501",
		Thumbprint: "FFEEDDCC", Organization: "Example Corp", OrganizationRead: true,
		ErrorMessage: "stuck", UnknownWords: []string{`domain status "Brewing"`},
	}
}

func TestCertificateWithStatus(t *testing.T) {
	t.Parallel()
	status := `{"id":20020,"status":"Dreaming","requires_attention":true,"error_message":"no proof","order_validation":{"status":"Frozen"}}`
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/status") {
			answer(w, 200, status)
			return
		}
		answer(w, 200, evCertificate)
	})
	c := f.client(t)
	got, err := c.Certificate(t.Context(), 20020, false)
	if diff := cmp.Diff(wantEV(), got); diff != "" || err != nil {
		t.Fatal(err, diff)
	}
	want := wantEV()
	want.Status, want.Order, want.RequiresAttention, want.ErrorMessage = cert.StatusUnknown, cert.OrderUnknown, true, "no proof"
	want.UnknownWords = []string{`domain status "Brewing"`, `order status "Frozen"`, `status "Dreaming"`}
	got, err = c.Certificate(t.Context(), 20020, true)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatal(err, diff)
	}
	status = `{"@type":"Certificate","status":"Active","requires_attention":false,"error_message":null,"order_validation":null}`
	want.Status, want.Order, want.RequiresAttention = cert.StatusActive, cert.NoOrder, false
	want.UnknownWords = want.UnknownWords[:1]
	again, err := c.Status(t.Context(), got)
	if diff := cmp.Diff(want, again); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if len(got.UnknownWords) != 3 {
		t.Error("Status changed its argument")
	}
}

func TestOrganization(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, evCertificate) })
	have := cert.Live{ID: 20020, Label: "kept"}
	got, err := f.client(t).Organization(t.Context(), have)
	want := cert.Live{ID: 20020, Label: "kept", Organization: "Example Corp", OrganizationRead: true}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

// TestObjects: one change to a certificate object, and what becomes of it.
func TestObjects(t *testing.T) {
	t.Parallel()
	for change, want := range map[[2]string]string{
		{`"auto_renew":true`, `"auto_renew":null`}:                                  "auto_renew",
		{`"auto_renew":true`, `"x":1`}:                                              "auto_renew",
		{`"auto_renew":true`, `"auto_renew":"yes"`}:                                 "auto_renew",
		{`"domains":[`, `"domains":null,"x":[`}:                                     "no domains",
		{`"name":"h7.example.com"`, `"name":null`}:                                  "without a name",
		{`"id":7`, `"id":"7"`}:                                                      "the id 0",
		{`"id":7`, `"id":8`}:                                                        "the id 8",
		{`"id":7`, `"id":7.5`}:                                                      "the id 0",
		{`2027-02-10T00:00:00Z`, `10.2.2027`}:                                       "is not a time",
		{`"2027-02-10T00:00:00Z"`, `1234567890`}:                                    "1234567890 is not a time",
		{`"certificate_label":"label-7"`, `"certificate_label":[]`}:                 "array in place of what certificate_label should be",
		{`"2027-02-10T00:00:00Z"`, `null`}:                                          "",
		{`"2027-02-10T00:00:00Z"`, `""`}:                                            "",
		{`2027-02-10T00:00:00Z`, `2027-02-10T00:00:00.123456789Z`}:                  "",
		{`"dcv_method":"DnsTxtToken"`, `"dcv_method":null`}:                         "",
		{`"certificate_label":"label-7"`, `"certificate_label":null`}:               "",
		{`"modified_by":null`, `"modified_by":{"user_id":null,"identity_id":null}`}: "",
	} {
		text := strings.Replace(certificateJSON(7), change[0], change[1], 1)
		f := newFake(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, text) })
		err := readOnce(t.Context(), f.client(t))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", change[1], err)
		}
		if len(f.Calls()) != 1 {
			t.Errorf("%s: asked %d times", change[1], len(f.Calls()))
		}
	}
}

func TestStatusAnswers(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{}`: "does not say status",
		`{"status":null,"requires_attention":false}`:                                        "does not say status",
		`{"status":"Active"}`:                                                               "requires_attention",
		`{"status":"Active","requires_attention":false,"id":8}`:                             "it has the id 8",
		`{"status":"Active","requires_attention":false,"id":null}`:                          "",
		`{"status":"Active","requires_attention":false,"order_validation":{}}`:              "",
		`{"status":"Active","requires_attention":false,"order_validation":"Issued"}`:        "cannot be read",
		`{"status":"Active","requires_attention":false,"order_validation":{"status":null}}`: "",
	} {
		f := newFake(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, body) })
		_, err := f.client(t).Status(t.Context(), cert.Live{ID: 7})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestNotIssued(t *testing.T) {
	t.Parallel()
	l, err := decodeCertificate(json.RawMessage(strings.Replace(certificateJSON(7), "2027-02-10", "0001-01-01", 1)))
	if err != nil || !l.Expires.IsZero() {
		t.Error(l.Expires, err)
	}
}

func TestModifiedBy(t *testing.T) {
	t.Parallel()
	for want, actor := range map[string]wireActor{
		"user 501":           {UserID: 501, IdentityType: "User"},
		"client client-0001": {IdentityID: "client-0001", IdentityType: "Client"},
		"":                   {UserID: 501},
	} {
		if got := actor.text(); got != want {
			t.Errorf("%+v: %q, want %q", actor, got, want)
		}
	}
}

func TestCommonNameIsTheOnlyOneMarked(t *testing.T) {
	t.Parallel()
	mark := func(a, b bool) wireCertificate {
		return wireCertificate{Domains: []wireDomain{{Name: "a.example", Common: a}, {Name: "b.example", Common: b}}}
	}
	live := []string{"a.example", "b.example"}
	for want, w := range map[string]wireCertificate{"a.example": mark(true, false), "": mark(true, true)} {
		if got := w.common(live); got != want {
			t.Errorf("%+v: %q, want %q", w.Domains, got, want)
		}
	}
	if got := mark(false, false).common(live); got != "" {
		t.Error(got)
	}
	if got := mark(true, true).common(live[1:]); got != "b.example" {
		t.Errorf("a name that leaves counts: %q", got)
	}
}

// FuzzAnswers: no answer makes the reading panic, and what is read is consistent.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(evCertificate))
	f.Add([]byte(certificateJSON(7)))
	f.Add([]byte(`{"items":[` + certificateJSON(7) + `],"total_items":1,"@links":{"next":null}}`))
	f.Add([]byte(`{"id":7,"status":"Active","requires_attention":false,"order_validation":{"status":"Issued"}}`))
	f.Add([]byte(`{"domains":[{"name":"*."}],"auto_renew":true,"id":1,"expiration_date":"9999-12-31T23:59:59.999999999Z"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if isObject(data) != nil {
			return
		}
		if l, err := decodeCertificate(data); err == nil {
			if l.ID != decodeID(data) {
				t.Error("two readings of the id")
			}
			_ = cert.PhaseOf(l, time.Now())
		}
		if w, err := decodeStatus(data); err == nil {
			_ = w.with(cert.Live{ID: 7})
		}
		if p, err := decodePage(data); err == nil && p.total != unknownTotal && p.pages() < 1 {
			t.Error("a list of no page")
		}
		var object map[string]json.RawMessage
		_ = json.Unmarshal(data, &object)
		_, _ = vendorWords(object)
		_, _ = wholeSeconds(data)
	})
}

// TestEachFieldIsRead: what a PATCH can send, an answer shows.
func TestEachFieldIsRead(t *testing.T) {
	t.Parallel()
	for _, f := range cert.Fields {
		value := map[cert.Edit]string{
			cert.EditAutoRenew: `true`, cert.EditDomains: `[{"name": "text", "status": "Active"}]`,
		}[f.Edit]
		if value == "" {
			value = `"text"`
		}
		answer := map[string]json.RawMessage{"id": json.RawMessage(`1`), "auto_renew": json.RawMessage(`false`), "domains": json.RawMessage(`[]`)}
		answer[f.Edit.String()] = json.RawMessage(value)
		raw, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		l, err := decodeCertificate(raw)
		if shown := f.Live(l); err != nil || shown != "text" && shown != "true" {
			t.Errorf("%s: is read as %q from %s (%v)", f.Edit, shown, raw, err)
		}
	}
}
