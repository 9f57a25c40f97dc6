package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// inPhase is a certificate of a sandbox in each phase: what the request looks like,
// in the API's words. Source: cps-api, sections 6 and 12.
var inPhase = map[cert.Phase]string{
	cert.Processing:              `"domains": [%s "ProvisioningInitiated"}], "status": {"status": "Processing", "order_validation": null}`,
	cert.Ordered:                 `"domains": [%s "AwaitingCertificateAuthority"}], "status": {"status": "Processing", "order_validation": {"status": "Pending"}}`,
	cert.DomainControlValidation: `"domains": [%s "AwaitingCertificateAuthority"}], "status": {"status": "DomainControlValidation", "order_validation": {"status": "Pending"}}`,
	cert.OtherValidation:         `"domains": [%s "AwaitingCertificateAuthority"}], "status": {"status": "OtherValidation", "order_validation": {"status": "Pending"}}`,
	cert.Deployment:              `"domains": [%s "PendingDns"}], "status": {"status": "Deployment", "order_validation": {"status": "Issued"}}` + issued,
	cert.Active:                  `"domains": [%s "Active"}], "status": {"status": "Active", "order_validation": {"status": "Issued"}}` + issued,
	cert.InFlight:                `"domains": [%s "PendingReissue"}], "status": {"status": "Active", "order_validation": {"status": "PendingReissue"}}` + issued,
	cert.OrderFailed:             `"domains": [%s "Active"}], "status": {"status": "Active", "order_validation": {"status": "RenewalRejected"}}` + issued,
	cert.TimedOut:                `"domains": [%s "TimedOut"}], "status": {"status": "DomainControlValidation", "order_validation": {"status": "Canceled"}}`,
	cert.Rejected:                `"domains": [%s "Rejected"}], "status": {"status": "Processing", "order_validation": {"status": "Rejected"}}`,
	cert.Expired:                 `"domains": [%s "Active"}], "status": {"status": "Active", "order_validation": {"status": "Expired"}}` + ended,
	cert.Deleted:                 `"domains": [%s "Delete"}], "status": {"status": "Deleted", "order_validation": null}` + issued,
}

const (
	issued = `, "expiration_date": "2026-12-10T00:00:00Z", "thumbprint": "0A1B2C3D4E5F60718293A4B5C6D7E8F901234567"`
	ended  = `, "expiration_date": "2026-11-20T00:00:00Z", "thumbprint": "0A1B2C3D4E5F60718293A4B5C6D7E8F901234567"`
)

// anEdit is one edit, as a manifest asks for it and as a call makes it.
type anEdit struct {
	want               func(*cert.Spec)
	method, path, body string
}

var edits = map[cert.Edit]anEdit{
	cert.EditDescription: {func(s *cert.Spec) { s.Description = cert.Some("new") }, "PATCH", "", `{"description": "new"}`},
	cert.EditAutoRenew:   {func(s *cert.Spec) { s.AutoRenew = cert.Some(true) }, "PATCH", "", `{"auto_renew": true}`},
	cert.EditDCVMethod:   {func(s *cert.Spec) { s.DCVMethod = cert.Some(cert.Email) }, "PATCH", "", `{"dcv_method": "Email"}`},
	cert.EditDomains: {func(s *cert.Spec) {
		s.Domains = cert.Some(cert.Domains{Common: "a.example.com", Names: []string{"a.example.com", "b.example.com"}})
	}, "PATCH", "", `{"domains": [{"name": "a.example.com", "is_common_name": true}, {"name": "b.example.com", "is_common_name": false}]}`},
	cert.EditRenew: {func(s *cert.Spec) { s.Policy.RenewBefore = cert.Some(30 * 24 * time.Hour) }, "PUT", "/renew", ""},
	cert.EditRetrigger: {func(s *cert.Spec) {
		s.Policy.RetriggerUntil = cert.Some(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	}, "PUT", "/retrigger", ""},
	cert.EditLabel: {func(s *cert.Spec) {
		s.Label, s.Policy.Accept = cert.Some("renamed"), []cert.Code{cert.OtherDomains}
	}, "PATCH", "", `{"certificate_label": "renamed"}`},
}

// stricter are the cells in which cpsync sends nothing although the sandbox takes it.
var stricter = map[cert.Phase]map[cert.Edit]string{
	cert.Deployment: {cert.EditDomains: "cps-api, section 15, number 14: wait until it is in service"},
}

// cell is one edit in one phase.
type cell struct {
	phase cert.Phase
	edit  cert.Edit
	try   bool
}

// TestRulesAgreeWithSandbox asks the plan and the sandbox, which know nothing of each
// other, about every edit in every phase.
func TestRulesAgreeWithSandbox(t *testing.T) {
	for _, e := range cert.Edits() {
		if _, known := edits[e]; !known {
			t.Errorf("edits has no call for %s", e)
		}
	}
	for phase := range inPhase {
		for edit := range edits {
			t.Run(fmt.Sprintf("%s %s", phase, edit), func(t *testing.T) {
				c := cell{phase: phase, edit: edit}
				planned, taken := c.planned(t), c.taken(t, c.world(t))
				if reason, ok := stricter[phase][edit]; ok {
					if planned || !taken {
						t.Errorf("the exception is none any more (%s): planned %v, taken %v", reason, planned, taken)
					}
					return
				}
				if planned != taken {
					t.Errorf("the plan sends it: %v; the sandbox takes it: %v", planned, taken)
				}
			})
		}
	}
}

// TestUndocumentedIsSentWhenTried: what the plan calls undocumented it sends with
// policy.allow_undocumented, and a sandbox that accepts the undocumented takes it.
func TestUndocumentedIsSentWhenTried(t *testing.T) {
	for phase := range inPhase {
		for edit := range edits {
			t.Run(fmt.Sprintf("%s %s", phase, edit), func(t *testing.T) {
				plain := cell{phase: phase, edit: edit}
				if !plain.undocumented(t) {
					return
				}
				tried := cell{phase: phase, edit: edit, try: true}
				if !tried.planned(t) {
					t.Error("policy.allow_undocumented names it, and the plan does not send it")
				}
				if !tried.taken(t, tried.world(t)) {
					t.Error("a lax sandbox refuses it")
				}
			})
		}
	}
}

// TestWhatTheSandboxTakesItServes: the value of each field that a PATCH sent is read again.
func TestWhatTheSandboxTakesItServes(t *testing.T) {
	for _, f := range cert.Fields {
		c := cell{phase: cert.Active, edit: f.Edit}
		s := c.world(t)
		var want cert.Spec
		edits[f.Edit].want(&want)
		if !c.taken(t, s) {
			t.Errorf("%s: the sandbox refuses it", f.Edit)
		}
		if have, err := clientOf(t, s).Certificate(t.Context(), 1, true); err != nil || f.Live(have) != f.Text(&want.Patch) {
			t.Errorf("%s: %v; it shows %q, and %q was sent", f.Edit, err, f.Live(have), f.Text(&want.Patch))
		}
	}
}

// world is a sandbox with one certificate in the phase. With try it accepts what is
// undocumented.
func (c cell) world(t *testing.T) *sandbox.Server {
	t.Helper()
	request := fmt.Sprintf(inPhase[c.phase], `{"name": "a.example.com", "is_common_name": true, "status":`)
	switches := ""
	if c.try {
		switches = `"switches": {"unknown_cells": "accepted"},`
	}
	w, err := sandbox.Parse("state.json", []byte(`{"clock": "2026-11-22T09:00:00Z", `+switches+` "certificates": [{"id": 1, "certificate_label": "one",
		"description": "old", "dcv_method": "DnsTxtToken", "auto_renew": false, "validation_type": "DV",
		"created": "2025-01-01T00:00:00Z", "last_modified": "2026-10-01T00:00:00Z", `+request+`}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return sandbox.New(w)
}

func clientOf(t *testing.T, s *sandbox.Server) *cps.Client {
	t.Helper()
	client, err := cps.New(cps.Config{
		APIURL: cli.SandboxAPI, TokenURL: cli.SandboxToken, Scope: "sec.cps.certificates", ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret,
		Transport: s, Now: s.Now, Wait: func(context.Context, time.Duration) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// step is what the plan decides, from what the client reads of the sandbox.
func (c cell) step(t *testing.T) plan.Step {
	t.Helper()
	s := c.world(t)
	want := cert.Spec{ID: 1}
	edits[c.edit].want(&want)
	if c.try {
		want.Policy.AllowUndocumented = []cert.Edit{c.edit}
	}
	pair := plan.Pair{Want: want}
	var err error
	switch pair.Have, err = clientOf(t, s).Certificate(t.Context(), 1, true); {
	case errors.Is(err, cert.ErrNotFound) && c.phase == cert.Deleted:
	case err != nil:
		t.Fatal(err)
	default:
		pair.Found = true
		if got := cert.PhaseOf(pair.Have, s.Now()); got != c.phase {
			t.Fatalf("the world is in phase %s, want %s", got, c.phase)
		}
	}
	p := plan.Build(plan.Account{Pairs: []plan.Pair{pair}, Complete: true}, s.Now(), plan.Options{MaxEdits: 9, MaxDomainChanges: 9, MaxRenewals: 9, OrderCooldown: time.Hour})
	return p.Steps[0]
}

func (c cell) planned(t *testing.T) bool {
	t.Helper()
	for _, o := range c.step(t).Ops {
		if o.Edit() == c.edit {
			return true
		}
	}
	return false
}

func (c cell) undocumented(t *testing.T) bool {
	t.Helper()
	for _, b := range c.step(t).Withheld {
		if b.Edit == c.edit && b.Verdict == plan.Undocumented {
			return true
		}
	}
	return false
}

// taken makes the call by hand, and reports whether s takes it.
func (c cell) taken(t *testing.T, s *sandbox.Server) bool {
	t.Helper()
	e := edits[c.edit]
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {sandbox.ClientID},
		"client_secret": {sandbox.ClientSecret}, "scope": {"sec.cps.certificates"}}
	_, token := send(t, s, "POST", cli.SandboxToken, "application/x-www-form-urlencoded", form.Encode(), "")
	status, _ := send(t, s, e.method, cli.SandboxAPI+"/v2.0/certificates/1"+e.path, "application/json", e.body, token)
	switch status {
	case http.StatusOK, http.StatusNoContent:
		return true
	case http.StatusBadRequest, http.StatusNotFound, http.StatusConflict:
		return false
	}
	t.Fatalf("status %d", status)
	return false
}

// send makes one request of the sandbox and returns the status and, of a token
// answer, the token.
func send(t *testing.T, s *sandbox.Server, method, address, kind, body, token string) (status int, granted string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body == "" {
		r.Body = http.NoBody
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := s.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode, accessToken(t, res)
}

// accessToken reads the token of an answer; "" when it holds none.
func accessToken(t *testing.T, res *http.Response) string {
	t.Helper()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if res.StatusCode == http.StatusNoContent {
		return ""
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.AccessToken
}
