package manifest

import (
	"strings"
	"testing"
)

// TestOneMistakeIsOneProblem: no rule judges what the tree has found fault with.
func TestOneMistakeIsOneProblem(t *testing.T) {
	t.Parallel()
	for rest, want := range map[string]string{
		"spec: 5\npolicy: {remove_domains: [a.example]}\n":                           "spec must be",
		"spec: {domains: [a.example]}\ncommon_name: a.example\n":                     "unknown key",
		"spec: {Domains: [a.example], common_name: a.example}\n":                     "unknown key",
		"spec: {domains: [a_b.example], common_name: a.example}\n":                   "spec.domains[0] can't be",
		"spec: {domains: [a.example, A.example], common_name: b.example}\n":          "twice",
		"spec: {domains: [a.example], common_name: 5}\n":                             "spec.common_name must be",
		"spec: {auto_renew: true, auto_renew: false}\npolicy: {renew_before: 30d}\n": "given twice",
		"spec: {auto_renew: true}\npolicy: {renew_before: 30}\n":                     "policy.renew_before can't be",
		"policy: {protect: [renew, x], renew_before: 30d}\n":                         "policy.protect[1] can't be",
		"expect: {validation_type: dv, organization: x}\n":                           "expect.validation_type can't be",
		"expect:\n\tvalidation_type: OV\n  organization: x\n":                        "a tab",
	} {
		got := loaded(files(map[string]string{"a.yaml": legal(1) + rest}), "a.yaml")
		if strings.Count(got, "\n") != 2 || !strings.Contains(got, want) {
			t.Errorf("want one problem, %s, for\n%sgot\n%s", want, rest, got)
		}
	}
}
