package plan

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// inheritedFrom says which file of defaults the value of path comes from; "" when it is
// the manifest's own.
func inheritedFrom(want cert.Spec, path string) string {
	if at, is := want.Inherited(path); is {
		return ", from " + placeOf(at)
	}
	return ""
}

func placeOf(at cert.Pos) string { return fmt.Sprintf("%s:%d", at.File, at.Line) }

// policies are the keys that ask for an edit as time passes.
var policies = []struct {
	edit cert.Edit
	path string
}{
	{cert.EditRenew, "policy.renew_before"},
	{cert.EditRenew, "policy.renew_if_expires_before"},
	{cert.EditRenew, "policy.renew_if_thumbprint"},
	{cert.EditRetrigger, "policy.retrigger_until"},
}

// Overruled notes where a protection from above leaves policies of a manifest idle. It
// looks at the manifest alone. Where that protects the edit itself, this is how it declines
// what it inherits.
func Overruled(want cert.Spec) []Warning {
	var idle []string
	note := func(e cert.Edit, path string) {
		at, is := want.Protection(e)
		if _, asked := want.At[path]; !asked || !is || at.File == want.At[""].File {
			return
		}
		from := inheritedFrom(want, path)
		if from != "" {
			from += ","
		}
		idle = append(idle, fmt.Sprintf("%s%s has no effect: policy.protect at %s lists %s", path, from, placeOf(at), e))
	}
	for _, p := range policies {
		note(p.edit, p.path)
	}
	for _, e := range want.Policy.AllowUndocumented {
		note(e, "policy.allow_undocumented")
	}
	if len(idle) == 0 {
		return nil
	}
	return []Warning{{Code: cert.ProtectWins, Text: strings.Join(idle, "; "), Accepted: want.Policy.Accepts(cert.ProtectWins)}}
}
