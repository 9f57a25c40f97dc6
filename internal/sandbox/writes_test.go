package sandbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	s := New(worldOf(t, shop))
	c := call(t, s)
	got := decoded(t, c.do(201, "POST", "/certificates/cdnprovided", `{"certificate_label":"a-example-com","description":"first request",
		"certificate_authority":"DigiCert","validation_type":"DV","dcv_method":"DnsTxtToken","auto_renew":true,
		"domains":[{"name":"A.example.com"},{"name":"b.example.com","is_common_name":false}]}`))
	client := map[string]any{"user_id": nil, "portal_type_id": nil, "identity_id": ClientID, "identity_type": "Client"}
	const now = "2026-11-22T12:00:00.000000Z"
	domain := func(id float64, name string, common bool) map[string]any {
		return map[string]any{"id": id, "name": name, "is_common_name": common, "status": "ProvisioningInitiated", "active_date": nil, "created": now}
	}
	want := map[string]any{
		"@id": "/v2.0/certificates/20001", "@type": "Certificate", "id": 20001.0, "certificate_label": "a-example-com",
		"description": "first request", "certificate_authority": "DigiCert", "validation_type": "DV", "dcv_method": "DnsTxtToken",
		"auto_renew": true, "request_type": "Enterprise", "organization": nil, "deployments": []any{}, "thumbprint": nil,
		"expiration_date": "0001-01-01T00:00:00Z", "created": now, "last_modified": now, "created_by": client, "modified_by": nil,
		"workflow_error_message": nil, "domains": []any{domain(41003, "a.example.com", true), domain(41004, "b.example.com", false)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s.Orders(20001) != 1 {
		t.Errorf("%d orders", s.Orders(20001))
	}
}

// TestTheSampleOfTheSDKIsTaken: it creates for DV with an organization, whose members beside
// it are empty or left out, and edits with a list of names that is null. Whether the API takes the
// unknown organization (cps-api, section 14).
func TestTheSampleOfTheSDKIsTaken(t *testing.T) {
	t.Parallel()
	const create = `{"certificate_authority":"DigiCert","certificate_label":"label-one","dcv_method":"Email","description":"first text",
		"domains":[{"is_common_name":true,"name":"n.example.com"}],
		"organization":{"additional_contacts":null,"city":"Bonn","company_address":"1 Street","company_name":"New",
		"contact_email":"a@b.example","contact_first_name":"A","contact_last_name":"B","contact_phone":"1",
		"contact_title":"C","country":"DE","organizational_unit":"Unit","state":"NW","zip_code":"53111"},"validation_type":"DV"}`
	c := call(t, New(worldOf(t, shop)))
	c.do(400, "POST", "/certificates/cdnprovided", create)
	c = call(t, New(worldOf(t, shop, `"switches": {"unknown_cells": "accepted"}`)))
	if made := decoded(t, c.do(201, "POST", "/certificates/cdnprovided", create)); made["organization"] != nil {
		t.Errorf("made for %v", made["organization"])
	}
	edited := decoded(t, c.do(200, "PATCH", "/certificates/20001", `{"auto_renew":true,"certificate_label":"label-two","domains":null}`))
	if edited["auto_renew"] != true || edited["description"] != "first text" || len(edited["domains"].([]any)) != 1 {
		t.Errorf("edited: %v", edited)
	}
	c.do(200, "PATCH", "/certificates/20001/notifications", `[{"emails":["ops@example.com"],"enabled":true,"notification_type":"CertificateRenewal"}]`)
	c.do(204, "PUT", "/certificates/20001/cancel?apply=true", "")
}

func TestOrganizations(t *testing.T) {
	t.Parallel()
	const contact = `"contact_first_name":"A","contact_last_name":"B","contact_email":"a@b.example","contact_phone":"1"`
	for body, want := range map[string]string{
		`{"id":777}`: "777",
		`{"id":0,"company_name":"Example Corp","city":"ignored"}`:                                          "777",
		`{"company_name":"New","company_address":"1 Street","city":"Bonn","country":"DE",` + contact + `}`: "778",
	} {
		c := call(t, New(worldOf(t, strings.Replace(shop, `"id"`, `"validation_type": "OV", "id"`, 1),
			`"organizations": [{"id": 777, "company_name": "Example Corp"}]`)))
		got := decoded(t, c.do(200, "PUT", "/certificates/11604/organization", body))
		if id := fmt.Sprint(got["id"]); id != want {
			t.Errorf("%s: organization %s, want %s", body, id, want)
		}
		if got, want := c.look(), "Active/AwaitingOrgUpdate shop.example.com:Active www.shop.example.com:Active"; got != want {
			t.Errorf("%s: %s", body, got)
		}
		c.server.Advance(time.Minute)
		c.server.Advance(2 * day)
		if got := c.look(); !strings.HasPrefix(got, "Active/OrgUpdated ") {
			t.Errorf("%s: in the end %s", body, got)
		}
		if org, _ := c.get("/certificates/11604")["organization"].(map[string]any); fmt.Sprint(org["id"]) != want {
			t.Errorf("%s: the certificate has %v", body, org)
		}
	}
}

func TestDCVCalls(t *testing.T) {
	t.Parallel()
	c := call(t, New(worldOf(t, `{"id": 11604, "certificate_label": "a", "validation_type": "OV", "domains": [
		{"id": 1, "name": "www.example.com", "status": "AwaitingCertificateAuthority"}, {"id": 2, "name": "example.com"}, {"id": 3, "name": "example.net"}]}`)))
	tokens := func() []string {
		var tokens []string
		for _, item := range c.get("/dcv/certificates/11604?domain_ids=1,2,3")["items"].([]any) {
			tokens = append(tokens, fmt.Sprint(item.(map[string]any)["dcv_token"]))
		}
		return tokens
	}
	before := tokens()
	if before[0] != before[1] || before[0] == before[2] {
		t.Errorf("tokens do not belong to parents: %v", before)
	}
	got := decoded(t, c.do(200, "PUT", "/dcv/certificates/11604/token?domain_ids=2", ""))
	after := tokens()
	if item := got["items"].([]any)[0].(map[string]any); fmt.Sprint(item["dcv_token"]) != after[0] || after[0] == before[0] {
		t.Errorf("regenerated: %v, then %v", got, after)
	}
	c.do(400, "POST", "/dcv/certificates/11604/emails/resend", "")
	c.do(204, "PUT", "/dcv/certificates/11604/method", `{"dcv_method":"Email"}`)
	c.do(204, "POST", "/dcv/certificates/11604/emails/resend", "")
	c.do(400, "PUT", "/dcv/certificates/11604/check", "")
	emails := c.get("/dcv/certificates/11604")["items"].([]any)[0].(map[string]any)["emails"]
	if !strings.Contains(fmt.Sprint(emails), "admin@example.com") {
		t.Errorf("e-mails: %v", emails)
	}
}

func TestNotifications(t *testing.T) {
	t.Parallel()
	c := call(t, New(worldOf(t, shop, `"notifications": [{"notification_type":"CertificateRenewal","enabled":true,"emails":["a@example.com"]}]`)))
	settings := func(path string) string {
		var text []string
		for _, item := range c.get(path)["items"].([]any) {
			n := item.(map[string]any)
			text = append(text, fmt.Sprint(n["notification_type"], " ", n["enabled"], " ", n["emails"]))
		}
		return strings.Join(text, ", ")
	}
	const defaults = "CertificateRenewal true [a@example.com], CertificateExpiring false [], PendingValidations false []"
	if got := settings("/certificates/11604/notifications"); got != defaults {
		t.Errorf("the defaults do not apply: %s", got)
	}
	c.do(200, "PATCH", "/certificates/11604/notifications", `[{"notification_type":"PendingValidations","enabled":true,"emails":["b@example.com"]}]`)
	want := "CertificateRenewal true [a@example.com], CertificateExpiring false [], PendingValidations true [b@example.com]"
	if got := settings("/certificates/11604/notifications"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDeletedCertificates(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		switches string
		get      int
		listed   string
	}{
		{"", 404, ""},
		{`"deleted_get": "200", "deleted_listed": "yes"`, 200, "11604"},
	} {
		c := call(t, New(worldOf(t, shop, `"switches": {`+test.switches+`}`)))
		c.do(204, "DELETE", "/certificates/11604", "")
		c.do(404, "DELETE", "/certificates/11604", "")
		c.do(test.get, "GET", "/certificates/11604", "")
		if got := c.ids("/certificates"); got != test.listed {
			t.Errorf("listed: %q", got)
		}
		if got := c.get("/certificates/11604/status")["status"]; got != "Deleted" {
			t.Errorf("status: %v", got)
		}
		body := c.do(400, "POST", "/certificates/cdnprovided", `{"certificate_label":"SHOP","certificate_authority":"DigiCert","validation_type":"DV","dcv_method":"Email","domains":[{"name":"a.b"}]}`)
		if !strings.Contains(body, "already in use") {
			t.Errorf("the label is free: %s", body)
		}
	}
}

func TestEditsMoveLastModified(t *testing.T) {
	t.Parallel()
	const names = `PATCH . {"domains":[{"name":"new.example.com"}]}`
	for _, test := range []struct {
		do, switches string
		moves        bool
	}{
		{`PATCH . {"auto_renew":true}`, "", true},
		{`PATCH . {}`, "", false},
		{`PATCH . {"domains":null}`, "", false},
		{names, "", true},
		{names, `"order_shows_after": "12h"`, true},
		{names, `"order_last_modified": "stays"`, false},
		{names, `"order_shows_after": "12h", "order_last_modified": "stays"`, false},
		{"PUT ./renew", `"order_last_modified": "stays"`, false},
		{"PUT ./renew", "", true},
		{`PATCH . {"auto_renew":true}`, `"patch_last_modified": "stays"`, false},
		{names, `"patch_last_modified": "stays"`, false},
		{"PUT ./renew", `"patch_last_modified": "stays"`, true},
		{`PATCH ./notifications []`, "", false},
	} {
		c := call(t, New(worldOf(t, shop, `"switches": {`+test.switches+`}`)))
		before := c.get("/certificates/11604")["last_modified"]
		c.run(test.do)
		have := c.get("/certificates/11604")
		if moved := have["last_modified"] != before; moved != test.moves || moved != (have["modified_by"] != nil) {
			t.Errorf("%s %s: moved: %v, by %v", test.do, test.switches, moved, have["modified_by"])
		}
	}
}

func TestEmptyDescription(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]any{"null": nil, "empty": "", "ignored": "Web shop"} {
		c := call(t, New(worldOf(t, shop, `"switches": {"empty_description": "`+word+`"}`)))
		c.do(200, "PATCH", "/certificates/11604", `{"description":""}`)
		if got := c.get("/certificates/11604")["description"]; got != want {
			t.Errorf("%s: %v", word, got)
		}
	}
}

func TestCancelPreviewChangesNothing(t *testing.T) {
	t.Parallel()
	for certificate, want := range map[string]string{fresh + `"2h"}`: "Cancel", served + "}": "Revert"} {
		c := call(t, New(worldOf(t, certificate)))
		if want == "Revert" {
			c.run("PUT ./renew")
		}
		before := c.look()
		got := decoded(t, c.do(200, "PUT", "/certificates/11604/cancel?apply=false", ""))
		if got["name"] != want || c.look() != before {
			t.Errorf("%v, then %s", got, c.look())
		}
	}
}

// TestAnUnchangedListOfNamesIsNoChange: the vendor's own client sends it with every edit, in
// its own order, whatever is under way (cps-api, sections 3.6 and 10).
func TestAnUnchangedListOfNamesIsNoChange(t *testing.T) {
	t.Parallel()
	const two = `{"id": 11604, "certificate_label": "a", "dcv_method": "Email", "expiration_date": "2027-03-01T00:00:00Z", "validates_after": "2h",
		"domains": [{"name": "a.example.com", "is_common_name": true}, {"name": "b.example.com"}]}`
	c := call(t, New(worldOf(t, two)))
	c.run("PUT ./renew")
	c.do(200, "PATCH", "/certificates/11604", `{"description":"new","dcv_method":"Email","domains":[{"name":"B.example.com"},{"name":"a.example.com","is_common_name":true}]}`)
	if have := c.get("/certificates/11604"); have["description"] != "new" {
		t.Errorf("the edit beside it is not made: %v", have["description"])
	}
	for _, names := range []string{`[{"name":"a.example.com","is_common_name":true}]`, `[{"name":"a.example.com"},{"name":"b.example.com","is_common_name":true}]`, `[]`} {
		c.do(400, "PATCH", "/certificates/11604", `{"description":"other","domains":`+names+`}`)
	}
}

// TestOrganizationsOfCertificatesAreKnown to a create and an edit that name them.
func TestOrganizationsOfCertificatesAreKnown(t *testing.T) {
	t.Parallel()
	const ov = `{"id": 11604, "certificate_label": "shop", "validation_type": "OV", "expiration_date": "2027-05-01T00:00:00Z",
		"domains": [{"name": "a.example.com", "is_common_name": true}],
		"organization": {"id": 777, "company_name": "Example Corp", "city": "Los Angeles"}}`
	c := call(t, New(worldOf(t, ov)))
	made := decoded(t, c.do(201, "POST", "/certificates/cdnprovided", `{"certificate_label":"new","certificate_authority":"DigiCert","validation_type":"OV","dcv_method":"Email","auto_renew":true,
		"domains":[{"name":"n.example.com"}],"organization":{"id":777}}`))
	if org, _ := made["organization"].(map[string]any); org["company_name"] != "Example Corp" {
		t.Errorf("made for %v", made["organization"])
	}
	c.do(200, "PUT", "/certificates/11604/organization", `{"id":777,"company_name":"Example Corp","contact_email":"new@example.com"}`)
	c.do(400, "PUT", "/certificates/11604/organization", `{"id":778}`)
}
