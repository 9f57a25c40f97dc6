package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// Calls are the kinds of requests a fault can name. "any" is every one but token;
// "patch" includes "patch-domains"; "dcv" is every request below /dcv; "other"
// is organization and notifications; "edge" is a TLS handshake.
var Calls = []string{
	"any", "token", "list", "get", "status", "patch", "patch-domains", "renew", "retrigger",
	"create", "cancel", "delete", "dcv", "other", "edge",
}

// ParseFault reads NAME[:CALL[:TIMES[:MEMBER=VALUE...]]], for example
// "drop-answer:renew", "throttle:list:2:retry_after=30" or "status-500:any:always".
func ParseFault(text string) (world.Fault, error) {
	parts := strings.Split(text, ":")
	f := world.Fault{Name: parts[0]}
	if len(parts) > 1 {
		f.Call = parts[1]
	}
	if len(parts) > 2 {
		times, err := parseTimes(parts[2])
		if err != nil {
			return world.Fault{}, fmt.Errorf("fault %q: %w", text, err)
		}
		f.Times = times
	}
	for _, option := range parts[min(3, len(parts)):] {
		if err := setMember(&f, option); err != nil {
			return world.Fault{}, fmt.Errorf("fault %q: %w", text, err)
		}
	}
	return f, checkFault(f)
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

// setMember reads one MEMBER=VALUE.
func setMember(f *world.Fault, option string) (err error) {
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
		_, err = world.ParseDuration(value)
		f.For = world.Wait(value)
	case "what":
		f.What = value
	default:
		return fmt.Errorf("unknown member %q: must be id, when, skip, retry_after, for or what", name)
	}
	return err
}

// checkFault returns an error when no request can ever match f as written.
func checkFault(f world.Fault) error {
	if kindOf(f).Name == "" {
		return fmt.Errorf("fault %q: no fault has this name", f.Name)
	}
	if f.Call != "" && !slices.Contains(Calls, f.Call) {
		return fmt.Errorf("fault %s: call must be one of %s, not %q", f.Name, strings.Join(Calls, ", "), f.Call)
	}
	if f.When != "" && f.When != "before" && f.When != "after" {
		return fmt.Errorf("fault %s: when must be before or after, not %q", f.Name, f.When)
	}
	if edge := kindOf(f).edge != nil; f.Call != "" && edge != (f.Call == "edge") {
		return fmt.Errorf("fault %s: call edge is for the faults that begin with %s, and for no other", f.Name, edgePrefix)
	}
	if f.Name == "moves" && !slices.Contains([]string{"", "description", "domains", "auto_renew", "renewal", "last_modified"}, f.What) {
		return fmt.Errorf("fault moves: what must be description, domains, auto_renew, renewal or last_modified, not %q", f.What)
	}
	if err := f.For.Check(); err != nil {
		return fmt.Errorf("fault %s: for: %w", f.Name, err)
	}
	if f.Skip < 0 || f.Times < -1 {
		return fmt.Errorf("fault %s: skip and times must not be negative, but for times -1", f.Name)
	}
	return nil
}

// kindOf returns the row of FaultTable, an empty one when no fault has the name.
func kindOf(f world.Fault) FaultKind {
	for _, k := range FaultTable {
		if k.Name == f.Name {
			return k
		}
	}
	return FaultKind{}
}

// matches reports whether f is about a request of these kinds and this id.
func matches(f world.Fault, kinds []string, id int64) bool {
	if f.ID != 0 && f.ID != id || kindOf(f).edge != nil {
		return false
	}
	if f.Call == "" || f.Call == "any" {
		return !slices.Contains(kinds, "token")
	}
	return slices.Contains(kinds, f.Call)
}

// inject counts a matching request and reports whether f is injected into it.
func inject(f *world.Fault) bool {
	f.Seen++
	if f.Seen <= f.Skip || f.Times >= 0 && f.Struck >= max(f.Times, 1) {
		return false
	}
	f.Struck++
	return true
}

// activeFaults are the faults that are injected into one request.
type activeFaults []world.Fault

// delay lets the time of the slow faults of this moment pass.
func (fs activeFaults) delay(when string, wait func(time.Duration) error) error {
	for _, f := range fs {
		if f.Name != "slow" || whenOf(f) != when {
			continue
		}
		d, err := world.ParseDuration(string(f.For))
		if err != nil || d == 0 {
			d = 30 * time.Second
		}
		if err := wait(d); err != nil {
			return err
		}
	}
	return nil
}

// replace returns the answer of the first fault that gives one at this moment.
func (fs activeFaults) replace(s *Server, q *request, when string) (answer, bool) {
	for _, f := range fs {
		if replace := kindOf(f).replace; replace != nil && whenOf(f) == when {
			return replace(s, q, f), true
		}
	}
	return answer{}, false
}

// afterwards reports whether the answer was replaced after the write took effect.
func (fs activeFaults) afterwards() bool {
	for _, f := range fs {
		if kindOf(f).replace != nil {
			return whenOf(f) == "after"
		}
	}
	return false
}

// whenOf returns whether f is injected before or after the write takes effect.
func whenOf(f world.Fault) string {
	if f.Name == "drop-answer" || f.When == "after" {
		return "after"
	}
	return "before"
}
