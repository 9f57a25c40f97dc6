package cert_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
)

// Each member of a Patch has its entry in Fields, which reads, copies and knows that member
// and no other.
func TestFieldsAreTheMembersOfAPatch(t *testing.T) {
	t.Parallel()
	live := cert.Live{Label: "l", Description: "d", AutoRenew: true, DCVMethod: cert.Email, Common: "a.example",
		Domains: []cert.Domain{{Name: "a.example"}}}
	all := reflect.ValueOf(cert.PatchOf(live))
	if members := all.NumField(); len(cert.Fields) != members {
		t.Errorf("%d entries for %d members", len(cert.Fields), members)
	}
	seen := map[string]bool{}
	for _, f := range cert.Fields {
		one := cert.PatchOf(live).Only(f.Edit)
		var set []string
		for i := range all.NumField() {
			if !reflect.ValueOf(one).Field(i).IsZero() {
				set = append(set, reflect.TypeOf(one).Field(i).Name)
			}
		}
		if len(set) != 1 || seen[set[0]] {
			t.Errorf("%s: sets %v", f.Edit, set)
			continue
		}
		seen[set[0]] = true
		if !f.IsSet(&one) || f.IsSet(&cert.Patch{}) || f.Text(&one) != f.Live(live) || f.Text(&one) == "" {
			t.Errorf("%s: set %v, %q for %q", f.Edit, f.IsSet(&one), f.Text(&one), f.Live(live))
		}
		var body map[string]any
		data, err := json.Marshal(one)
		if json.Unmarshal(data, &body) != nil || err != nil || len(body) != 1 || body[f.Edit.String()] == nil {
			t.Errorf("%s: is sent as %s (%v)", f.Edit, data, err)
		}
	}
}
