package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// same compares an answer with a sample of cps-api, section 12, copied to testdata.
func same(t *testing.T, sample, answer string) {
	t.Helper()
	if diff := cmp.Diff(decoded(t, read(t, sample)), decoded(t, answer)); diff != "" {
		t.Errorf("differs from %s (-sample +answer):\n%s", sample, diff)
	}
}

// sampled returns a server at the creation of the sample in section 12.2, which
// it holds beside the one of section 12.3.
func sampled(t *testing.T) *caller {
	t.Helper()
	return call(t, New(parsed(t, `{"clock": "2026-04-01T08:00:00.123456Z", "certificates": [`+
		read(t, "processing.json")+","+read(t, "certificate.json")+"]}")))
}

func TestAnswersHaveTheShapesOfTheSamples(t *testing.T) {
	t.Parallel()
	c := sampled(t)
	same(t, "processing.json", c.do(200, "GET", "/certificates/20010", ""))
	same(t, "certificate.json", c.do(200, "GET", "/certificates/20020", ""))
	same(t, "status-processing.json", c.do(200, "GET", "/certificates/20010/status", ""))
	same(t, "status-active.json", c.do(200, "GET", "/certificates/20020/status", ""))
	c.server.Advance(20 * time.Minute)
	same(t, "status-dcv.json", c.do(200, "GET", "/certificates/20010/status", ""))
	same(t, "notifications.json", c.do(200, "PATCH", "/certificates/20010/notifications",
		`[{"notification_type":"CertificateExpiring","enabled":true,"emails":["ops@example.com"]},
		  {"notification_type":"PendingValidations","enabled":false,"emails":[]}]`))
	same(t, "notifications.json", c.do(200, "GET", "/certificates/20010/notifications", ""))

	late := call(t, New(worldOf(t, `{"id": 20030, "certificate_label": "late", "domains": [{"id": 44001, "name": "late.example.com", "status": "TimedOut"}]}`)))
	same(t, "status-timed-out.json", late.do(200, "GET", "/certificates/20030/status", ""))
}

func TestListHasTheShapeOfTheSample(t *testing.T) {
	t.Parallel()
	items := decoded(t, read(t, "list.json"))["items"].([]any)
	var certificates []string
	for i := range 5 {
		text := fmt.Sprintf(`{"id": %d, "certificate_label": "other-%d", "domains": [{"name": "%d.example.com"}]}`, 20001+i, i, i)
		if i == 2 || i == 3 {
			text = string(world.JSON(items[i-2], ""))
		}
		certificates = append(certificates, text)
	}
	w := worldOf(t, strings.Join(certificates, ","))
	same(t, "list.json", call(t, New(w)).do(200, "GET", "/certificates?page=2&page_size=2&sort=-id", ""))
}

func TestDCVMetadataHasTheShapeOfTheSamples(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ sample, id, domain, method, token string }{
		{"dcv-txt.json", "20010", "42001", "DnsTxtToken", "0123456789abcdef"},
		{"dcv-cname.json", "20011", "42011", "DnsCnameToken", "_0123456789abcdef"},
		{"dcv-email.json", "20020", "43002", "Email", ""},
	} {
		c := call(t, New(worldOf(t, fmt.Sprintf(`{"id": %s, "certificate_label": "a", "dcv_method": %q,
			"domains": [{"id": %s, "name": "example.com", "status": "AwaitingCertificateAuthority"}]}`, test.id, test.method, test.domain))))
		want := decoded(t, read(t, test.sample))
		got := decoded(t, c.do(200, "GET", "/dcv/certificates/"+test.id+"?domain_ids="+test.domain, ""))
		have, sample := got["items"].([]any)[0].(map[string]any), want["items"].([]any)[0].(map[string]any)
		if token, ok := have["dcv_token"].(map[string]any); ok {
			if text := token["token"].(string); strings.Trim(text, test.token) != "" || len(text) != 32 {
				t.Errorf("%s: token %q", test.method, text)
			}
			have["dcv_token"] = sample["dcv_token"]
		}
		if test.method == "Email" {
			have["emails"] = sample["emails"]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-sample +answer):\n%s", test.method, diff)
		}
	}
}

func TestErrorsHaveTheShapeOfTheSamples(t *testing.T) {
	t.Parallel()
	// blank takes away the sentences, which are not part of the shape.
	blank := func(body map[string]any) map[string]any {
		for _, d := range body["details"].([]any) {
			if text, _ := d.(map[string]any)["description"].(string); text == "" {
				t.Errorf("a detail without description: %v", d)
			}
			d.(map[string]any)["description"] = ""
		}
		return body
	}
	for _, test := range []struct {
		sample, method, path, body string
		status                     int
	}{
		{"error-400-label.json", "PATCH", "/certificates/20010", `{"certificate_label":"WWW-example-com-ev"}`, 400},
		{"error-400-state.json", "PATCH", "/certificates/20010", `{"domains":[{"name":"b.example.com"}]}`, 400},
		{"error-404.json", "GET", "/certificates/99999", "", 404},
		{"error-409.json", "PUT", "/certificates/20020/cancel?apply=true", "", 409},
	} {
		got := decoded(t, sampled(t).do(test.status, test.method, test.path, test.body))
		want := decoded(t, read(t, test.sample))
		if test.status == 409 {
			want["details"].([]any)[0].(map[string]any)["description"] = "x"
		}
		if diff := cmp.Diff(blank(want), blank(got)); diff != "" {
			t.Errorf("%s (-sample +answer):\n%s", test.sample, diff)
		}
	}
	c := sampled(t)
	c.login("sec.cps.certificates:read")
	if diff := cmp.Diff(blank(decoded(t, read(t, "error-403.json"))), blank(decoded(t, c.do(403, "PUT", "/certificates/20020/renew", "")))); diff != "" {
		t.Error(diff)
	}
	c.bearer = "nonsense"
	_, body := c.send(c.request("GET", "/certificates", ""))
	same(t, "error-401.json", body)
	c = sampled(t)
	c.server.AddFault(Fault{Name: "throttle"})
	same(t, "error-429.json", c.do(429, "GET", "/certificates", ""))
}

func TestErrorBodyVariants(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]string{
		"title":        `"title":"Not Found"`,
		"null-details": `"details":null`,
		"message":      `{"Message":"Not Found"}`,
		"empty":        "",
	} {
		c := call(t, New(worldOf(t, shop, `"switches": {"error_body": "`+form+`"}`)))
		if got := c.do(404, "GET", "/certificates/1", ""); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%s: %q", form, got)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := New(worldOf(t, shop))
	c := call(t, s)
	for _, test := range []struct{ method, path, body, cache string }{
		{"GET", "/certificates", "", "no-cache"},
		{"PATCH", "/certificates/11604", `{"auto_renew":true}`, "private"},
		{"PUT", "/certificates/11604/renew", "", "private"},
	} {
		answer, err := s.RoundTrip(c.request(test.method, test.path, test.body))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for name := range answer.Header {
			got[name] = answer.Header.Get(name)
		}
		want := map[string]string{"Cache-Control": test.cache, "Content-Type": "application/json; charset=utf-8", "Date": "Sun, 22 Nov 2026 12:00:00 GMT"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", test.method, diff)
		}
		body, _ := io.ReadAll(answer.Body)
		if (answer.StatusCode == http.StatusNoContent) != (len(body) == 0) {
			t.Errorf("%s: %d with %d bytes", test.method, answer.StatusCode, len(body))
		}
	}
}
