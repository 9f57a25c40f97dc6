package cps

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
)

// waiting is a request that waits for domain control of names with the ids 1, 2, …
func waiting(v cert.ValidationType, m cert.DCVMethod, names ...string) cert.Live {
	l := cert.Live{ID: 7, ValidationType: v, DCVMethod: m, Authority: cert.DigiCert, Status: cert.StatusDomainControlValidation}
	for i, n := range names {
		l.Domains = append(l.Domains, cert.Domain{Name: n, Status: cert.DomainAwaitingCertificateAuthority, ID: int64(i + 1)})
	}
	return l
}

func TestProofs(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		have    cert.Live
		answers map[string]string // by query; what is not there is 404
		want    []cert.DomainValidation
	}{
		"a DV certificate has one token for all names": {
			waiting(cert.DV, cert.DNSTxtToken, "example.com", "www.example.com", "*.example.com"),
			map[string]string{"domain_ids=1,3,2": `{"items":[{"domain_id":1,"dcv_method":"DnsTxtToken","dcv_token":null},{"domain_id":2,"dcv_method":"DnsTxtToken","dcv_token":{"token":"tok"}}]}`},
			[]cert.DomainValidation{{Names: []string{"*.example.com", "example.com", "www.example.com"}, Method: cert.DNSTxtToken, Inferred: true,
				Records: []cert.Record{{Name: "example.com", Type: "TXT", Value: "tok"}, {Name: "www.example.com", Type: "TXT", Value: "tok"}}}},
		},
		"an OV certificate has one for each parent, and a token may be a string": {
			waiting(cert.OV, cert.DNSCnameToken, "www.a.example", "a.example", "b.example", "xa.example"),
			map[string]string{
				"domain_ids=2":   `{"items":[{"domain_id":2,"dcv_method":"DnsCnameToken","dcv_token":"_one"}]}`,
				"domain_ids=3,4": `{"items":[{"domain_id":4,"dcv_method":"DnsCnameToken","dcv_token":"_three.xa.example"},{"domain_id":3,"dcv_method":"DnsCnameToken","dcv_token":"_two"}]}`,
			},
			[]cert.DomainValidation{
				{Names: []string{"a.example", "www.a.example"}, Method: cert.DNSCnameToken, Inferred: true,
					Records: []cert.Record{{Name: "_one.a.example", Type: "CNAME", Value: "dcv.digicert.com"}}},
				{Names: []string{"b.example"}, Method: cert.DNSCnameToken, Inferred: true,
					Records: []cert.Record{{Name: "_two.b.example", Type: "CNAME", Value: "dcv.digicert.com"}}},
				{Names: []string{"xa.example"}, Method: cert.DNSCnameToken, Inferred: true,
					Records: []cert.Record{{Name: "_three.xa.example", Type: "CNAME", Value: "dcv.digicert.com"}}},
			},
		},
		"mail has recipients, and nothing about it is inferred": {
			waiting(cert.DV, cert.Email, "example.com"),
			map[string]string{"domain_ids=1": `{"items":[{"domain_id":1,"dcv_method":"Email","dcv_token":null,"emails":["admin@example.com"]}]}`},
			[]cert.DomainValidation{{Names: []string{"example.com"}, Method: cert.Email, Emails: []string{"admin@example.com"}}},
		},
		"404 is not there yet": {
			waiting(cert.DV, cert.DNSTxtToken, "example.com"), nil,
			[]cert.DomainValidation{{Names: []string{"example.com"}, Method: cert.DNSTxtToken}},
		},
		"so is an empty answer": {
			waiting(cert.EV, cert.DNSTxtToken, "example.com"), map[string]string{"domain_ids=1": `{"items":null}`},
			[]cert.DomainValidation{{Names: []string{"example.com"}, Method: cert.DNSTxtToken}},
		},
		"of a method nobody has heard of no record is made up": {
			waiting(cert.DV, "Pigeon", "example.com"),
			map[string]string{"domain_ids=1": `{"items":[{"domain_id":1,"dcv_method":"Pigeon","dcv_token":"tok"}]}`},
			[]cert.DomainValidation{{Names: []string{"example.com"}, Method: "Pigeon"}},
		},
		"names without ids are asked for all at once": {
			cert.Live{ID: 7, ValidationType: cert.DV, DCVMethod: cert.Email, Domains: []cert.Domain{{Name: "example.com"}}},
			map[string]string{"": `{"items":[{"dcv_method":"Email","emails":["a@example.com"]}]}`},
			[]cert.DomainValidation{{Names: []string{"example.com"}, Method: cert.Email, Emails: []string{"a@example.com"}}},
		},
		"what the CA approved is not asked for": {
			cert.Live{ID: 7, ValidationType: cert.DV, Domains: []cert.Domain{{Name: "a.example", ID: 1}}, Approved: []string{"a.example"}},
			nil, []cert.DomainValidation{},
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
				if body, ok := c.answers[r.URL.RawQuery]; ok && r.URL.Path == "/sec/cps/v2.0/dcv/certificates/7" {
					answer(w, 200, body)
					return
				}
				answer(w, 404, `{}`)
			})
			got, err := f.client(t).DomainValidations(t.Context(), c.have)
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Error(err, diff)
			}
		})
	}
}

func TestProofsThatCannotBeReadAreAnError(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"items":[{"dcv_token":7}]}`, `{"items":[{"dcv_token":["a"]}]}`, `{"items":"none"}`} {
		f := newFake(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, body) })
		got, err := f.client(t).DomainValidations(t.Context(), waiting(cert.DV, cert.DNSTxtToken, "example.com"))
		if err == nil {
			t.Errorf("%s: %v", body, got)
		}
	}
}

// TestSearchPassesTheQuery, on every page.
func TestSearchPassesTheQuery(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		var items []string
		if page := r.URL.Query().Get("page"); page == "1" {
			for id := 1; id <= 20; id++ {
				items = append(items, certificateJSON(id))
			}
		} else {
			items = append(items, certificateJSON(21))
		}
		answer(w, 200, `{"items":[`+strings.Join(items, ",")+`],"total_items":21}`)
	})
	got, err := f.client(t).Search(t.Context(), "domain_names:*.example.com&x=1")
	if err != nil || len(got.Live) != 21 || got.Whole {
		t.Fatal(err, len(got.Live), got.Whole)
	}
	for _, call := range f.Calls() {
		if !strings.HasSuffix(call.Path, "&query=domain_names%3A%2A.example.com%26x%3D1") {
			t.Errorf("asked for %s", call.Path)
		}
	}
}
