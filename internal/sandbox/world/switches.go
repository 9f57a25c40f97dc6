package world

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// Wait says when something outside happens: a duration, "never", or, for the
// proof of control, "check": as soon as the client asks the CA to look. Empty
// is the default of the member.
type Wait string

// ParseDuration reads what time.ParseDuration reads, or whole days of 24 hours: "7d".
func ParseDuration(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 15)
		if err != nil {
			return 0, fmt.Errorf("%q is not a number of days", text)
		}
		return time.Duration(n) * day, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a duration such as 90s, 4h or 7d", text)
	}
	return d, nil
}

// Check returns an error when w is neither empty, a duration nor one of these words.
func (w Wait) Check(words ...string) error {
	if w == "" || in(string(w), words...) {
		return nil
	}
	_, err := ParseDuration(string(w))
	return err
}

// after returns the instant that is w after t; ok is false when it never comes.
func (w Wait) after(t time.Time) (_ time.Time, ok bool) {
	d, err := ParseDuration(string(w))
	if err != nil {
		return time.Time{}, false
	}
	return t.Add(d), true
}

// Switches settle what is unknown about the real service. An empty member has
// the default of its row in SwitchTable.
type Switches struct {
	UnknownCells       string `json:"unknown_cells,omitempty"`
	StateConflicts     string `json:"state_conflicts,omitempty"`
	OrderShowsAfter    string `json:"order_shows_after,omitempty"`
	OrderLastModified  string `json:"order_last_modified,omitempty"`
	PatchLastModified  string `json:"patch_last_modified,omitempty"`
	RenewDuringRenewal string `json:"renew_during_renewal,omitempty"`
	TimedOutOrder      string `json:"timed_out_order,omitempty"`
	RemovedNames       string `json:"removed_names,omitempty"`
	KeptNames          string `json:"kept_names,omitempty"`
	NameCase           string `json:"name_case,omitempty"`
	NameOrder          string `json:"name_order,omitempty"`
	DeletedListed      string `json:"deleted_listed,omitempty"`
	DeletedGet         string `json:"deleted_get,omitempty"`
	EmptyDescription   string `json:"empty_description,omitempty"`
	DCVToken           string `json:"dcv_token,omitempty"`
	ErrorBody          string `json:"error_body,omitempty"`
	ExpiresIn          string `json:"expires_in,omitempty"`
}

// A Switch is one row of SwitchTable. Its first word is the default; the word
// "DURATION" stands for any duration, such as 60s, 12h or 7d.
type Switch struct {
	Name  string
	Words []string
	Help  string
}

// SwitchTable lists every switch: name, accepted words, and a sentence for help.
var SwitchTable = []Switch{
	{"unknown_cells", []string{"refused", "accepted"}, "edits that are undocumented in a phase: the '?' of cpsync help phases"},
	{"state_conflicts", []string{"400", "409"}, "HTTP status of a write that the state of the certificate forbids"},
	{"order_shows_after", []string{"0s", "DURATION"}, "how long an accepted order shows in no answer"},
	{"order_last_modified", []string{"moves", "stays"}, "whether an order changes last_modified"},
	{"patch_last_modified", []string{"moves", "stays"}, "whether a PATCH changes last_modified, also one of domains"},
	{"renew_during_renewal", []string{"refused", "second-order"}, "what becomes of a renewal while another is in progress"},
	{"timed_out_order", []string{"ends", "stays-open"}, "whether the status of an order stays Pending... when a domain was not validated in time"},
	{"removed_names", []string{"gone", "stay", "DURATION"}, "how long a removed domain stays listed as PendingDelete after the reissue"},
	{"kept_names", []string{"pending", "active"}, "status of the unchanged domains during a reissue: PendingReissue or Active"},
	{"name_case", []string{"lower", "as-sent", "upper"}, "letters of the domains in answers"},
	{"name_order", []string{"stored", "reversed", "shuffled"}, "order of the domains in answers"},
	{"deleted_listed", []string{"no", "yes"}, "whether deleted certificates are listed"},
	{"deleted_get", []string{"404", "200"}, "HTTP status of reading a deleted certificate; its own status is always Deleted"},
	{"empty_description", []string{"null", "empty", "ignored"}, "what becomes of a description \"\"; ignored keeps the old text"},
	{"dcv_token", []string{"object", "string"}, "form of dcv_token"},
	{"error_body", []string{"plain", "title", "null-details", "message", "empty"}, "form of error bodies"},
	{"expires_in", []string{"300s", "DURATION"}, "lifetime of access tokens"},
}

// Check returns an error when the word that all has for the switch is not accepted.
func (s Switch) Check(all Switches) error {
	var words map[string]string
	data, err := json.Marshal(all)
	if err = errors.Join(err, json.Unmarshal(data, &words)); err != nil {
		panic("sandbox: switches are texts: " + err.Error())
	}
	word := words[s.Name]
	_, err = ParseDuration(word)
	if word == "" || word != "DURATION" && in(word, s.Words...) || err == nil && in("DURATION", s.Words...) {
		return nil
	}
	return fmt.Errorf("switch %s: must be %s, not %q", s.Name, strings.Join(s.Words, " or "), word)
}

func (s Switches) orderDelay() time.Duration {
	d, _ := ParseDuration(s.OrderShowsAfter) // checked when the world was made
	return d
}

// TokenLifetime is how long an access token is accepted (cps-api, section 1).
func (s Switches) TokenLifetime() time.Duration {
	d, err := ParseDuration(s.ExpiresIn)
	if err != nil {
		return 300 * time.Second
	}
	return d
}
