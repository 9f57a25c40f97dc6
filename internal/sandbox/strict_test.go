package sandbox

import (
	"net/http"
	"strings"
	"testing"
)

func TestRequestsAreCheckedStrictly(t *testing.T) {
	t.Parallel()
	const create = `{"certificate_label":"new","certificate_authority":"DigiCert","validation_type":"DV","dcv_method":"DnsTxtToken","domains":[{"name":"a.example.com"}]`
	for _, test := range []struct {
		method, path, body string
		status             int
		want               string // in the answer
	}{
		{"GET", "/nothing", "", 404, "not_found"},
		{"GET", "/tasks", "", 404, "not_found"},
		{"GET", "/appendix/dcv-types", "", 404, "not_found"},
		{"GET", "/certificates/", "", 400, "not the id"},
		{"GET", "/certificates/abc", "", 400, "not the id"},
		{"GET", "/certificates/+1", "", 400, "not the id"},
		{"GET", "/certificates/-1", "", 400, "not the id"},
		{"GET", "/certificates/99999999999999999999", "", 400, "not the id"},
		{"GET", "/certificates/1/status", "", 404, "No certificate has id 1."},
		{"PUT", "/certificates/11604", "", 405, "GET, PATCH, DELETE"},
		{"POST", "/certificates", "", 405, "GET"},
		{"GET", "/certificates/11604?page=1", "", 400, `"source":"page"`},
		{"GET", "/certificates?page=1&page=2", "", 400, "given twice"},
		{"GET", "/certificates?page=0", "", 400, `"source":"page"`},
		{"GET", "/certificates?page_size=x", "", 400, `"source":"page_size"`},
		{"GET", "/certificates?sort=created", "", 400, `"source":"sort"`},
		{"GET", "/certificates?query=shop", "", 400, `"source":"query"`},
		{"GET", "/certificates?query=thumbprint:A", "", 400, `"source":"query"`},
		{"GET", "/certificates/11604", "{}", 400, "takes no body"},
		{"PUT", "/certificates/11604/renew", "{}", 400, "takes no body"},
		{"PUT", "/certificates/11604/cancel", "", 400, `"source":"apply"`},
		{"PUT", "/certificates/11604/cancel?apply=yes", "", 400, `"source":"apply"`},
		{"PATCH", "/certificates/11604", "{", 400, "not JSON"},
		{"PATCH", "/certificates/11604", "\ufeff{}", 400, "not JSON"},
		{"PATCH", "/certificates/11604", "{}{}", 400, "not JSON"},
		{"PATCH", "/certificates/11604", "[]", 400, "must be an object"},
		{"PATCH", "/certificates/11604", `{"certificate_labl":"x"}`, 400, `"source":"/certificate_labl"`},
		{"PATCH", "/certificates/11604", `{"Description":"x"}`, 400, `"source":"/Description"`},
		{"PATCH", "/certificates/11604", `{"auto_renew":"true"}`, 400, `"source":"/auto_renew"`},
		{"PATCH", "/certificates/11604", `{"auto_renew":null}`, 400, `"source":"/auto_renew"`},
		{"PATCH", "/certificates/11604", `{"organization":{"id":1}}`, 400, `"source":"/organization"`},
		{"PATCH", "/certificates/11604", `{"dcv_method":"HttpFile"}`, 400, `"source":"/dcv_method"`},
		{"PATCH", "/certificates/11604", `{"certificate_label":" "}`, 400, `"source":"/certificate_label"`},
		{"PATCH", "/certificates/11604", `{"certificate_label":"ä"}`, 400, `"source":"/certificate_label"`},
		{"PATCH", "/certificates/11604", `{"certificate_label":"TAKEN"}`, 400, "already in use"},
		{"PATCH", "/certificates/11604", `{"domains":[]}`, 400, `"source":"/domains"`},
		{"PATCH", "/certificates/11604", `{"domains":[{"name":"a.example.com","id":1}]}`, 400, `"source":"/domains/0/id"`},
		{"PATCH", "/certificates/11604", `{"domains":[{"name":"a.example.com"},{"name":"A.example.com"}]}`, 400, `"source":"/domains/1/name"`},
		{"PATCH", "/certificates/11604", `{"domains":[{"name":"192.0.2.1"}]}`, 400, "IP address"},
		{"PATCH", "/certificates/11604", `{"domains":[{"name":"2001:db8::1"}]}`, 400, "IP address"},
		{"PATCH", "/certificates/11604", `{"domains":[{"name":"localhost"}]}`, 400, "two labels"},
		{"PATCH", "/certificates/11604", `{"domains":[{"name":"a.*.example.com"}]}`, 400, "not a domain name"},
		{"PATCH", "/certificates/11604", `{"domains":[{"name":"bücher.example.com"}]}`, 400, "not a domain name"},
		{"PATCH", "/certificates/11604", `{"domains":[{"name":"a.b","is_common_name":true},{"name":"c.b","is_common_name":true}]}`, 400, "Only one"},
		{"POST", "/certificates/cdnprovided", `{}`, 400, `"source":"/domains"`},
		{"POST", "/certificates/cdnprovided", create + `,"organization":{"id":777}}`, 400, "has no organization"},
		{"POST", "/certificates/cdnprovided", strings.Replace(create, `"DV"`, `"OV"`, 1) + `}`, 400, "needs an organization"},
		{"POST", "/certificates/cdnprovided", strings.Replace(create, `"DV"`, `"None"`, 1) + `}`, 400, `"source":"/validation_type"`},
		{"POST", "/certificates/cdnprovided", strings.Replace(create, "DigiCert", "LetsEncrypt", 1) + `}`, 400, `"source":"/certificate_authority"`},
		{"POST", "/certificates/cdnprovided", strings.NewReplacer(`"DV"`, `"EV"`, "a.example", "*.example").Replace(create) + `,"organization":{"id":777}}`, 400, "wildcard"},
		{"POST", "/certificates/cdnprovided", strings.Replace(create, `"DV"`, `"OV"`, 1) + `,"organization":{"country":"US"}}`, 400, `"source":"/organization/company_name"`},
		{"POST", "/certificates/cdnprovided", strings.Replace(create, `"new"`, `"Shop"`, 1) + `}`, 400, "already in use"},
		{"PATCH", "/certificates/11604/notifications", `null`, 400, "must be an array"},
		{"PATCH", "/certificates/11604/notifications", `[{"notification_type":"Any"}]`, 400, `"source":"/0/notification_type"`},
		{"GET", "/dcv/certificates/11604", "", 400, `"source":"domain_ids"`},
		{"GET", "/dcv/certificates/11604?domain_ids=a", "", 400, `"source":"domain_ids"`},
		{"GET", "/dcv/certificates/11604?domain_ids=1", "", 404, "no domain 1"},
		{"PUT", "/certificates/11604/organization", `{"id":777}`, 400, "has no organization"},
	} {
		t.Run(test.method+" "+test.path+" "+test.body, func(t *testing.T) {
			t.Parallel()
			c := call(t, New(worldOf(t, shop+`, {"certificate_label": "taken", "status": {"status": "Deleted", "order_validation": null}, "domains": [{"name": "a.b"}]}`,
				`"organizations": [{"id": 777, "company_name": "Example Corp"}]`)))
			before := encoded(c.server)
			if got := c.do(test.status, test.method, test.path, test.body); !strings.Contains(got, test.want) {
				t.Errorf("got %s, want %s in it", got, test.want)
			}
			if string(before) != string(encoded(c.server)) {
				t.Error("the world changed")
			}
		})
	}
}

func TestContentTypeAndSizeAreChecked(t *testing.T) {
	t.Parallel()
	c := call(t, New(worldOf(t, shop)))
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded"} {
		r := c.request("PATCH", "/certificates/11604", `{"auto_renew":true}`)
		r.Header.Set("Content-Type", kind)
		if status, body := c.send(r); status != 400 || !strings.Contains(body, "Content-Type") {
			t.Errorf("%q: %d %s", kind, status, body)
		}
	}
	r := c.request("PATCH", "/certificates/11604", `{"auto_renew":true}`)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	if status, body := c.send(r); status != 200 {
		t.Errorf("with charset: %d %s", status, body)
	}
	c.do(413, "PATCH", "/certificates/11604", `{"description":"`+strings.Repeat("x", maxBody)+`"}`)
	c.do(400, "PATCH", "/certificates/11604", strings.Repeat("[", maxBody/2))
	if status, _ := c.send(&http.Request{Method: "GET", URL: c.request("GET", "", "").URL.JoinPath("/../../../elsewhere"), Header: http.Header{}}); status != 404 {
		t.Errorf("outside of both services: %d", status)
	}
}
