package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// calledByCpsync are the routes that cpsync itself calls.
var calledByCpsync = []string{
	"GET /certificates", "GET /certificates/{id}", "GET /certificates/{id}/status", "PATCH /certificates/{id}",
	"PUT /certificates/{id}/renew", "PUT /certificates/{id}/retrigger", "GET /dcv/certificates/{id}",
}

const createOV = `201 POST /certificates/cdnprovided {"certificate_label":"made","certificate_authority":"DigiCert","validation_type":"OV","dcv_method":"DnsTxtToken",` +
	`"auto_renew":true,"domains":[{"name":"n.example.com","is_common_name":true}],"organization":{"id":777}}`

// foreignStories are what other clients of the API do (cps-api, sections 3 and 10). A line is a request with the
// status of its answer, "STATUS METHOD path body"; or "wait DURATION"; or "validates", from which on the domains of
// 20001 are validated after an hour. 11604 is there from the start, and a request that is created is 20001.
var foreignStories = map[string]string{
	"the Terraform provider creates, reads, updates and deletes": `
		` + createOV + `
		200 PATCH /certificates/20001/notifications [{"notification_type":"CertificateExpiring","enabled":true,"emails":["ops@example.com"]}]
		200 GET /certificates/20001
		200 GET /certificates/20001/status
		200 GET /certificates/20001/notifications
		validates
		wait 30h
		200 PATCH /certificates/20001 {"certificate_label":"made","dcv_method":"DnsTxtToken","domains":null}
		200 PATCH /certificates/20001/notifications []
		wait 1h
		204 DELETE /certificates/20001`,
	"the Terraform provider cancels what was not issued": `
		` + createOV + `
		200 GET /certificates/20001/status
		200 PUT /certificates/20001/cancel?apply=false
		204 PUT /certificates/20001/cancel?apply=true
		404 GET /certificates/20001`,
	"the Terraform provider changes the organization of what is active": `
		200 PUT /certificates/11604/organization {"id":777}
		wait 48h
		200 GET /certificates/11604`,
	"the SDK proves control": `
		` + createOV + `
		wait 1h
		200 PUT /dcv/certificates/20001/token
		204 PUT /dcv/certificates/20001/check
		204 PUT /dcv/certificates/20001/method {"dcv_method":"Email"}
		204 POST /dcv/certificates/20001/emails/resend`,
}

// TestForeignClients plays what other clients do. Each route has a caller: cpsync, or one of them.
func TestForeignClients(t *testing.T) {
	t.Parallel()
	called := slices.Clone(calledByCpsync)
	for name, story := range foreignStories {
		anOV := strings.Replace(shop, `"id"`, `"validation_type": "OV", "id"`, 1) // an EV or OV certificate has an organization
		s := New(worldOf(t, anOV, `"organizations": [{"id": 777, "company_name": "Example Corp"}]`))
		c := call(t, s)
		for line := range strings.Lines(strings.TrimSpace(story)) {
			line = strings.TrimSpace(line)
			if line == "validates" {
				s.world.Find(20001).ValidatesAfter = "1h"
				continue
			}
			if wait, ok := strings.CutPrefix(line, "wait "); ok {
				d, err := time.ParseDuration(wait)
				if err != nil {
					t.Fatal(err)
				}
				s.Advance(d)
				continue
			}
			var status int
			var method, path string
			if _, err := fmt.Sscan(line, &status, &method, &path); err != nil {
				t.Fatal(err)
			}
			_, body, _ := strings.Cut(line, path)
			c.do(status, method, path, strings.TrimSpace(body))
			q, err := readRequest(c.request(method, path, "")) // only to learn its route
			if err != nil || q.route == nil {
				t.Fatalf("%s: no route for %s: %v", name, line, err)
			}
			called = append(called, q.route.method+" "+q.route.pattern)
		}
	}
	for _, r := range routes {
		if route := r.method + " " + r.pattern; !slices.Contains(called, route) {
			t.Errorf("neither cpsync nor a story of another client calls %s", route)
		}
	}
}
