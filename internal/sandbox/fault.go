package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Fault is something that goes wrong, by name.
type Fault struct {
	// Name is one of FaultTable.
	Name string `json:"name"`
	// Call is the kind of request it befalls, one of Calls; empty means any.
	Call string `json:"call,omitempty"`
	// ID restricts it to requests about one certificate.
	ID int64 `json:"id,omitzero"`
	// When says, for a fault that replaces the answer, whether a write takes
	// effect: "before" (it does not, the default) or "after" (it does).
	When string `json:"when,omitempty"`
	// Skip is how many matching requests it lets pass first.
	Skip int `json:"skip,omitzero"`
	// Times is how often it strikes: 0 once, -1 always.
	Times int `json:"times,omitzero"`
	// RetryAfter, for throttle and 503: seconds, "date" (30 seconds ahead), or empty for no header.
	RetryAfter string `json:"retry_after,omitempty"`
	// For is how long "slow" takes; 0 means 30 seconds.
	For Duration `json:"for,omitzero"`
	// What is what "moves" changes: description (the default), domains,
	// auto_renew, renewal or last_modified; and the target of "redirect".
	What string `json:"what,omitempty"`

	// Seen and Struck count the matching requests, and those it befell.
	Seen   int `json:"seen,omitzero"`
	Struck int `json:"struck,omitzero"`
}

// Calls are the kinds of requests a fault can name. "any" is every one but token;
// "patch" includes "patch-domains"; "dcv" is every request below /dcv; "other"
// is organizations, notifications, customers and look-ups.
var Calls = []string{
	"any", "token", "list", "get", "status", "patch", "patch-domains", "renew", "retrigger",
	"create", "cancel", "delete", "dcv", "other",
}

// ParseFault reads NAME[:CALL[:TIMES[:MEMBER=VALUE...]]], for example
// "drop-answer:renew", "throttle:list:2:retry_after=30" or "status-500:any:always".
func ParseFault(text string) (Fault, error) {
	parts := strings.Split(text, ":")
	f := Fault{Name: parts[0]}
	if len(parts) > 1 {
		f.Call = parts[1]
	}
	if len(parts) > 2 {
		times, err := parseTimes(parts[2])
		if err != nil {
			return Fault{}, fmt.Errorf("fault %q: %w", text, err)
		}
		f.Times = times
	}
	for _, option := range parts[min(3, len(parts)):] {
		if err := f.set(option); err != nil {
			return Fault{}, fmt.Errorf("fault %q: %w", text, err)
		}
	}
	return f, f.check()
}

func parseTimes(text string) (int, error) {
	if text == "always" {
		return -1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < -1 {
		return 0, fmt.Errorf("%q is not a number of times", text)
	}
	return n, nil
}

// set reads one MEMBER=VALUE.
func (f *Fault) set(option string) (err error) {
	name, value, _ := strings.Cut(option, "=")
	switch name {
	case "id":
		f.ID, err = strconv.ParseInt(value, 10, 64)
	case "when":
		f.When = value
	case "skip":
		f.Skip, err = strconv.Atoi(value)
	case "retry_after":
		f.RetryAfter = value
	case "for":
		f.For, err = ParseDuration(value)
	case "what":
		f.What = value
	default:
		return fmt.Errorf("unknown member %q: must be id, when, skip, retry_after, for or what", name)
	}
	return err
}

// check returns an error when no request can ever meet f as written.
func (f Fault) check() error {
	if !slices.ContainsFunc(FaultTable, func(k FaultKind) bool { return k.Name == f.Name }) {
		return fmt.Errorf("fault %q: no fault has this name", f.Name)
	}
	if f.Call != "" && !in(f.Call, Calls) {
		return fmt.Errorf("fault %s: call must be one of %s, not %q", f.Name, strings.Join(Calls, ", "), f.Call)
	}
	if f.When != "" && f.When != "before" && f.When != "after" {
		return fmt.Errorf("fault %s: when must be before or after, not %q", f.Name, f.When)
	}
	if f.Name == "moves" && !in(f.What, []string{"", "description", "domains", "auto_renew", "renewal", "last_modified"}) {
		return fmt.Errorf("fault moves: what must be description, domains, auto_renew, renewal or last_modified, not %q", f.What)
	}
	if f.Skip < 0 || f.Times < -1 {
		return fmt.Errorf("fault %s: skip and times must not be negative, but for times -1", f.Name)
	}
	return nil
}

// matches reports whether f is about a request of these kinds and this id.
func (f Fault) matches(kinds []string, id int64) bool {
	if f.ID != 0 && f.ID != id {
		return false
	}
	if f.Call == "" || f.Call == "any" {
		return !in("token", kinds)
	}
	return in(f.Call, kinds)
}

// strikes counts a matching request and reports whether f befalls it.
func (f *Fault) strikes() bool {
	f.Seen++
	if f.Seen <= f.Skip || f.Times >= 0 && f.Struck >= max(f.Times, 1) {
		return false
	}
	f.Struck++
	return true
}
