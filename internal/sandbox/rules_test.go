package sandbox

import (
	"fmt"
	"strings"
	"testing"
)

// columns are certificates in each phase, in the order of cps-api, section 8.
// Each is completed with a validation type and a method.
var columns = []struct{ phase, certificate string }{
	{"processing", `"status": {"status": "Processing", "order_validation": null}`},
	{"ordered", `"status": {"status": "Processing", "order_validation": {"status": "Pending"}}`},
	{"domain-control-validation", `"status": {"status": "DomainControlValidation", "order_validation": {"status": "Pending"}}`},
	{"other-validation", `"status": {"status": "OtherValidation", "order_validation": {"status": "Pending"}}`},
	{"deployment", `"expiration_date": "2027-03-01T00:00:00Z", "status": {"status": "Deployment", "order_validation": {"status": "Issued"}}`},
	{"active", `"expiration_date": "2027-03-01T00:00:00Z"`},
	{"in-flight", `"expiration_date": "2027-03-01T00:00:00Z", "status": {"status": "Active", "order_validation": {"status": "PendingReissue"}}`},
	{"timed-out", `"status": {"status": "DomainControlValidation", "order_validation": {"status": "Canceled"}, "requires_attention": true},
		"domains": [{"name": "a.example.com", "status": "TimedOut"}]`},
	{"rejected", `"domains": [{"name": "a.example.com", "status": "Rejected"}]`},
	{"expired", `"expiration_date": "2026-11-01T00:00:00Z"`},
	{"deleted", `"status": {"status": "Deleted", "order_validation": {"status": "Deleted"}}`},
	{"order-failed", `"expiration_date": "2027-03-01T00:00:00Z", "status": {"status": "Active", "requires_attention": true, "order_validation": {"status": "RenewalRejected"}}`},
}

// rows are the operations, with their letters typed in again from cps-api,
// section 8 (the last one from its legend), and a request.
var rows = []struct{ letters, request string }{
	{"A A A A A A A A ? ? R A", `PATCH /certificates/11604 {"certificate_label":"another"}`},
	{"A A A A A A A A ? ? R A", `PATCH /certificates/11604 {"description":"another"}`},
	{"A A A A A A A A ? ? R A", `PATCH /certificates/11604 {"auto_renew":true}`},
	{"A A A ? A A ? ? ? ? R ?", `PATCH /certificates/11604 {"dcv_method":"DnsCnameToken"}`},
	{"A A A ? A A ? ? ? ? R ?", `PUT /dcv/certificates/11604/method {"dcv_method":"DnsCnameToken"}`},
	{"R R R R A A R ? ? ? R ?", `PATCH /certificates/11604 {"domains":[{"name":"b.example.com"}]}`},
	{"R R R R A A R ? ? ? R ?", `PUT /certificates/11604/organization {"id":777}`},
	{"A A A A A A A A ? ? R A", `PATCH /certificates/11604/notifications [{"notification_type":"CertificateExpiring"}]`},
	{"R R R R R R R R R R R R", `PATCH /certificates/11604 {"validation_type":"EV"}`},
	{"R R R R R R R R R R R R", `PATCH /certificates/11604 {"certificate_authority":"LetsEncrypt"}`},
	{"R R R R R A R R R ? R ?", `PUT /certificates/11604/renew`},
	{"R R R R R R R A ? R R R", `PUT /certificates/11604/retrigger`},
	{"A A A A R R A ? ? R R ?", `PUT /certificates/11604/cancel?apply=true`},
	{"A A A A ? ? A ? ? ? ? ?", `PUT /certificates/11604/cancel?apply=false`},
	{"R R R R A A ? ? ? A R ?", `DELETE /certificates/11604`},
	{"? ? A ? R R A R R R R ?", `PUT /dcv/certificates/11604/check`},
	{"? ? A ? R R A ? ? R R ?", `PUT /dcv/certificates/11604/token`},
	{"? ? A ? R R A ? ? R R ?", `POST /dcv/certificates/11604/emails/resend`},
	{"? ? A A A A A ? ? ? ? ?", `GET /dcv/certificates/11604?domain_ids=1`},
}

// cell returns the server and the certificate of one cell of the tables.
func cell(t *testing.T, column int, request, switches string) *caller {
	t.Helper()
	method := "DnsTxtToken"
	if strings.Contains(request, "resend") {
		method = "Email"
	}
	text := fmt.Sprintf(`{"id": 11604, "certificate_label": "a", "validation_type": "OV", "dcv_method": %q, %s`, method, columns[column].certificate)
	if !strings.Contains(text, `"domains"`) {
		text += `, "domains": [{"id": 1, "name": "a.example.com"}]`
	}
	text = strings.Replace(text, `[{"name": "a.example.com"`, `[{"id": 1, "name": "a.example.com"`, 1)
	s := New(worldOf(t, text+"}", `"switches": {"deleted_get": "200"`+switches+"}", `"organizations": [{"id": 777, "company_name": "Example Corp"}]`))
	if got := string(s.world.Find(11604).Phase(s.world.Clock)); got != columns[column].phase {
		t.Fatalf("the certificate is in phase %s, want %s", got, columns[column].phase)
	}
	return call(t, s)
}

func TestRulesCellByCell(t *testing.T) {
	t.Parallel()
	for _, row := range rows {
		for i, letter := range strings.Fields(row.letters) {
			t.Run(row.request+" when "+columns[i].phase, func(t *testing.T) {
				t.Parallel()
				checkCell(t, cell(t, i, row.request, ""), row.request, letter == "A")
				checkCell(t, cell(t, i, row.request, `, "unknown_cells": "accepted"`), row.request, letter != "R")
			})
		}
	}
}

func checkCell(t *testing.T, c *caller, request string, allowed bool) {
	t.Helper()
	parts := append(strings.SplitN(request, " ", 3), "")
	before := encoded(c.server)
	status, body := c.send(c.request(parts[0], parts[1], parts[2]))
	if (status < 300) != allowed {
		t.Fatalf("answered %d %s, want allowed: %v", status, body, allowed)
	}
	if allowed {
		return
	}
	if want := refusalOf(parts[0], parts[1], body); status != want {
		t.Errorf("refused with %d, want %d: %s", status, want, body)
	}
	if after := encoded(c.server); string(after) != string(before) {
		t.Errorf("a refused request changed the world:\n%s", after)
	}
}

// refusalOf returns the status of a refusal: 409 for cancel alone, 404 for what
// is not there (cps-api, section 8.2).
func refusalOf(method, path, body string) int {
	switch {
	case strings.Contains(path, "cancel"):
		return 409
	case method == "GET", method == "DELETE" && strings.Contains(body, "not_found"):
		return 404
	}
	return 400
}

func TestStateConflictsCanBe409(t *testing.T) {
	t.Parallel()
	for _, request := range []string{
		`PATCH /certificates/11604 {"domains":[{"name":"b.example.com"}]}`, `PUT /certificates/11604/renew`,
		`PUT /certificates/11604/retrigger`, `DELETE /certificates/11604`,
	} {
		c := cell(t, 2, request, `, "state_conflicts": "409"`)
		parts := append(strings.SplitN(request, " ", 3), "")
		c.do(409, parts[0], parts[1], parts[2])
	}
}

func TestPhaseComesFromWords(t *testing.T) {
	t.Parallel()
	const issued = `"expiration_date": "2027-03-01T00:00:00Z", `
	for _, test := range []struct{ certificate, want string }{
		{issued + `"status": {"status": "Active", "order_validation": null}, "domains": [{"name": "a.b"}]`, "active"},
		{issued + `"status": {"status": "Active", "order_validation": {"status": "Renewed"}}, "domains": [{"name": "a.b"}, {"name": "c.b", "status": "PendingDelete"}]`, "active"},
		{issued + `"status": {"status": "Active", "requires_attention": true, "order_validation": {"status": "Issued"}}, "domains": [{"name": "a.b"}]`, "order-failed"},
		{issued + `"domains": [{"name": "a.b", "status": "Active"}, {"name": "c.b", "status": "TimedOut"}]`, "order-failed"},
		{issued + `"status": {"status": "Deployment", "order_validation": {"status": "PendingReissue"}}, "domains": [{"name": "a.b"}]`, "in-flight"},
		{issued + `"status": {"status": "Deployment", "order_validation": {"status": "AwaitingReissue"}}, "domains": [{"name": "a.b"}]`, "in-flight"},
		{issued + `"status": {"status": "OtherValidation", "order_validation": {"status": "Issued"}}, "domains": [{"name": "a.b"}]`, "in-flight"},
		{issued + `"status": {"status": "Active", "order_validation": {"status": "Expired"}}, "domains": [{"name": "a.b"}]`, "expired"},
		{`"thumbprint": "AB", "domains": [{"name": "a.b"}]`, "active"},
		{`"domains": [{"name": "a.b", "status": "SecretRejected"}]`, "rejected"},
		{`"status": {"status": "Processing", "order_validation": {"status": "Canceled"}}, "domains": [{"name": "a.b"}]`, "rejected"},
		{`"domains": [{"name": "a.b", "status": "PendingDelete"}]`, "deleted"},
		{`"status": {"status": "Active", "order_validation": null}, "domains": [{"name": "a.b"}]`, "unknown"},
	} {
		w := worldOf(t, `{"id": 11604, "certificate_label": "a", `+test.certificate+"}")
		if got := string(w.Certificates[0].Phase(w.Clock)); got != test.want {
			t.Errorf("%s: %s, want %s", test.certificate, got, test.want)
		}
	}
}
