package sandbox

import "strings"

// An access is what a call does, as the modifiers of scopes name it.
type access string

const (
	reads   access = "read"
	creates access = "create"
	changes access = "modify"
	deletes access = "delete"
)

// scopeNames are the scopes of CPS (cps-api, section 1.1): the broad one, the
// root one, and the root one with each modifier.
var scopeNames = map[string][]access{
	"sec.cps":                     {reads, creates, changes, deletes},
	"sec.cps.certificates":        {reads, creates, changes, deletes},
	"sec.cps.certificates:read":   {reads},
	"sec.cps.certificates:create": {creates},
	"sec.cps.certificates:edit":   {reads, creates, changes},
	"sec.cps.certificates:delete": {deletes},
}

// allows reports whether any scope of g allows what a call does.
func (g grant) allows(a access) bool { return allow(g.scopes, a) }

func allow(scopes []string, a access) bool {
	for _, scope := range scopes {
		for _, allowed := range scopeNames[scope] {
			if allowed == a {
				return true
			}
		}
	}
	return false
}

// mayAsk reports whether a client may ask for these scopes, separated by spaces.
func (c Credentials) mayAsk(text string) bool {
	wanted := strings.Fields(text)
	for _, scope := range wanted {
		accesses, known := scopeNames[scope]
		if !known {
			return false
		}
		for _, a := range accesses {
			if c.Scope != "" && !allow(strings.Fields(c.Scope), a) {
				return false
			}
		}
	}
	return len(wanted) > 0
}
