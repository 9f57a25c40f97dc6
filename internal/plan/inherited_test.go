package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
)

// TestOverruled: what an inherited protect leaves idle is noted; what the manifest
// protects itself is how it declines.
func TestOverruled(t *testing.T) {
	t.Parallel()
	here, above := cert.Pos{File: "certs/a.yaml", Line: 9}, cert.Pos{File: "_defaults.yaml", Line: 4}
	for name, c := range map[string]struct {
		protect, policy cert.Pos
		path            string
		edit            cert.Edit
		want            string
	}{
		"its own renewal, protected above": {above, here, "policy.renew_before", cert.EditRenew,
			"policy.renew_before has no effect: policy.protect at _defaults.yaml:4 lists renew"},
		"a renewal and a protection from above": {above, above, "policy.renew_if_expires_before", cert.EditRenew,
			"policy.renew_if_expires_before, from _defaults.yaml:4, has no effect: policy.protect at _defaults.yaml:4 lists renew"},
		"a renewal from above that the manifest declines": {here, above, "policy.renew_before", cert.EditRenew, ""},
		"a retrigger": {above, here, "policy.retrigger_until", cert.EditRetrigger,
			"policy.retrigger_until has no effect: policy.protect at _defaults.yaml:4 lists retrigger"},
		"another edit is protected": {above, here, "policy.retrigger_until", cert.EditRenew, ""},
		"a try": {above, here, "policy.allow_undocumented", cert.EditDomains,
			"policy.allow_undocumented has no effect: policy.protect at _defaults.yaml:4 lists domains"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := cert.Spec{At: map[string]cert.Pos{"": here, c.path: c.policy, "policy.protect[" + c.edit.String() + "]": c.protect}}
			s.Policy.Protect = []cert.Edit{c.edit}
			if c.path == "policy.allow_undocumented" {
				s.Policy.AllowUndocumented = []cert.Edit{c.edit}
			}
			got := ""
			for _, w := range Overruled(s) {
				got = w.Text
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
