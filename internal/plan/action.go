package plan

import "github.com/cpsync/cpsync/internal/cert"

// ActionKind says what a person does, for those who decide by it.
type ActionKind uint8

// The kinds.
const (
	NoAction        ActionKind = iota
	Advice                     // what Text says
	ApplyRenewal               // apply this plan, which orders a renewal
	ValidateDomains            // validate each domain of request ID by Method; then what Text says
	SettleOrder                // look whether the pending order of request ID was placed, and settle it
)

// Action is what a person does. Two actions are the same when they are equal.
type Action struct {
	Kind   ActionKind
	ID     cert.ID
	Method cert.DCVMethod
	Text   string
	By     string // the deadline, "by 2026-11-27" or "now"; may be ""
	Why    string // of the deadline
}

// String returns the clause that people read, "" of no action.
func (a Action) String() string {
	switch a.Kind {
	case ApplyRenewal:
		return "apply this plan, which orders a renewal"
	case ValidateDomains:
		by := "create the DNS records, or answer the e-mails,"
		switch {
		case a.Method == cert.Email:
			by = "answer the e-mails"
		case a.Method.InDNS():
			by = "create the DNS records"
		}
		return "validate the domains: " + by + " that  " + a.Command() + "  shows" + a.Text
	case SettleOrder:
		return "look at request " + a.request() + " in the portal; if nothing was ordered, run  " + a.Command()
	case Advice:
		if a.By != "" {
			return a.By + ": " + a.Text + " (" + a.Why + ")"
		}
		return a.Text
	case NoAction:
	}
	return ""
}

// Command returns the command that the action names, without the flags of the run; "" of none.
func (a Action) Command() string {
	switch a.Kind {
	case ValidateDomains:
		return "cpsync explain " + a.request()
	case SettleOrder:
		return "cpsync --apply --settle " + a.request()
	case NoAction, Advice, ApplyRenewal:
	}
	return ""
}

// request is the id, or the word for it where several certificates share the action.
func (a Action) request() string {
	if a.ID == 0 {
		return "ID"
	}
	return a.ID.String()
}

// Shared returns the action as several certificates have it: without a deadline and an id.
func (a Action) Shared() Action {
	a.ID, a.By, a.Why = 0, "", ""
	return a
}

// None reports whether nobody has to do anything.
func (a Action) None() bool { return a.Kind == NoAction }

// ValidatedBy returns the action with other words for how control is proven.
func (a Action) ValidatedBy(how string) Action {
	if a.Kind != ValidateDomains {
		return a
	}
	return Advise(how + a.Text)
}

// Advise returns an action of which only the text matters; none without a text.
func Advise(text string) Action {
	if text == "" {
		return Action{}
	}
	return Action{Kind: Advice, Text: text}
}

// What a person does in several places.
var (
	orderIt       = Action{Kind: ApplyRenewal}
	lookAtIt      = Advise("look at the request in the portal")
	renewIt       = Advise("renew it in the portal")
	settleIt      = Advise("resolve the failed order in the portal")
	settleRefusal = Advise("resolve in the portal, or with the vendor, what the API refuses")
)

// DCVAction is what a person does while the CA waits for domain control validation.
func DCVAction(have cert.Live) Action {
	return Action{Kind: ValidateDomains, ID: have.ID, Method: have.DCVMethod}
}
