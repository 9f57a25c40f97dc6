package plan

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
)

// cell is what the table says of an edit in a phase.
type cell uint8

const (
	never cell = iota // refused, and only a person can end it; an unfilled cell forbids
	undoc             // the API's behaviour is undocumented: sent only where policy.allow_undocumented names it
	later             // refused for now: the phase will end
	allow             // accepted
)

// ruleTable says what may be sent in which phase. It is the one place where that is
// decided.
//
// Source: cps-api, section 8. Deployment holds domains although they are probably
// accepted there: the safest assumption of section 15, number 14.
var ruleTable = [cert.NumPhases][cert.NumEdits]cell{
	//                            descr  auto   dcv    domns  renew  retrg  label
	cert.Unknown:                 {never, never, never, never, never, never, never},
	cert.Processing:              {allow, allow, allow, later, later, never, allow},
	cert.Ordered:                 {allow, allow, allow, later, later, never, allow},
	cert.DomainControlValidation: {allow, allow, allow, later, later, never, allow},
	cert.OtherValidation:         {allow, allow, undoc, later, later, never, allow},
	cert.Deployment:              {allow, allow, allow, later, later, never, allow},
	cert.Active:                  {allow, allow, allow, allow, allow, never, allow},
	cert.InFlight:                {allow, allow, undoc, later, later, never, allow},
	cert.OrderFailed:             {allow, allow, undoc, undoc, undoc, never, allow},
	cert.TimedOut:                {allow, allow, undoc, undoc, never, allow, allow},
	cert.Rejected:                {undoc, undoc, undoc, undoc, never, undoc, undoc},
	cert.Expired:                 {undoc, undoc, undoc, undoc, undoc, never, undoc},
	cert.Deleted:                 {never, never, never, never, never, never, never},
}

// PhaseWords are the texts of a phase that users see, without the words of the table.
type PhaseWords struct {
	State   string // what people call the phase
	But     string // what is wrong with a certificate in service; "" when nothing is
	Because string // why an edit has to wait, or can't be made
	Until   string // what ends that; "" when nothing but a person does
	Do      Action // what a person does
	Next    Actor
}

var words = [cert.NumPhases]PhaseWords{
	cert.Unknown: {
		State:   "in a state this version of cpsync does not know",
		Because: "the API answers with a word, or a combination of words, that is not documented; a newer cpsync may know it",
		Do:      lookAtIt,
		Next:    Person,
	},
	cert.Processing: {
		State:   "being prepared; not ordered yet",
		Because: "the names can't change while the request is being prepared",
		Until:   "the certificate is in service",
		Next:    CDN,
	},
	cert.Ordered: {
		State:   "ordered at the CA",
		Because: "no name can change while the CA works on the order",
		Until:   "the certificate is in service",
		Next:    CA,
	},
	cert.DomainControlValidation: {
		State:   "waiting for domain control",
		Because: "no name can change while the CA validates the others",
		Until:   "every name is validated and the certificate is in service",
		Do:      Action{Kind: ProveControl},
		Next:    Person,
	},
	cert.OtherValidation: {
		State:   "the CA checks the organization",
		Because: "no name can change while the CA checks the organization",
		Until:   "the certificate is in service",
		Next:    CA,
	},
	cert.Deployment: {
		State:   "issued, on its way to the edge",
		Because: "the certificate is not in service yet; deployment takes up to about 6 hours",
		Until:   "the certificate is in service",
		Next:    CDN,
	},
	cert.Active: {
		State:   "in service",
		Because: "there is nothing to retrigger on a certificate that is in service",
		Next:    Person,
	},
	cert.InFlight: {
		State:   "an order is open; the present certificate serves meanwhile",
		Because: "no name can change while an order is open",
		Until:   "the order is through and its certificate in service",
		Next:    CA,
	},
	cert.OrderFailed: {
		State:   "in service",
		But:     "its last order failed or somebody must act",
		Because: "nobody documents what the API accepts after a failed order",
		Do:      settleIt,
		Next:    Person,
	},
	cert.TimedOut: {
		State:   "never issued; timed out waiting for domain control",
		Because: "nobody documents what can be edited after a request timed out",
		Do:      Advise("set policy.retrigger_until to a coming day: cpsync places the order again until then"),
		Next:    Person,
	},
	cert.Rejected: {
		State:   "never issued; the CA rejected it",
		Because: "nobody documents what can be edited after a rejection",
		Do:      lookAtIt,
		Next:    Person,
	},
	cert.Expired: {
		State:   "its certificate has ended",
		Because: "nobody documents what can be edited after the end",
		Do:      renewIt,
		Next:    Person,
	},
	cert.Deleted: {
		State:   "deleted",
		Because: "a deleted request can't be edited",
		Do:      Advise("remove the manifest"),
		Next:    Person,
	},
}

// byTable is what the table makes of one wanted edit: nothing when it may be sent.
func (b *builder) byTable(e cert.Edit) *Withheld {
	p, w := b.Phase, WordsOf(b.Phase, b.Have, b.now)
	x := Withheld{Edit: e, Rule: PhaseRule(p), Because: w.Because, Until: w.Until, Do: w.Do, Next: w.Next}
	if v := ruleTable[p][e]; orders(e) && (v == allow || v == undoc) && b.before().OrderOpen(b.now) {
		return b.orderOpen(e)
	}
	switch ruleTable[p][e] {
	case allow:
		return nil
	case later:
		x.Verdict = Deferred
	case never:
		x.Verdict = Blocked
	case undoc:
		if b.Want.Policy.Tries(e) {
			return nil
		}
		x.Verdict, x.Next = Undocumented, Person
		x.Because = "nobody documents whether the API accepts this while the request is: " + b.stateText() + "; it is sent where policy.allow_undocumented names it"
		x.Do = b.toTry(e, x.Do)
	}
	return &x
}

// toTry is what a person does about an edit that is sent only when policy.allow_undocumented names it: what
// ends the phase, where there is something. Of a renewal that failed it names the proofs of
// control first, where there are any, and then the key.
func (b *builder) toTry(e cert.Edit, do Action) Action {
	try := "add  allow_undocumented: [" + e.String() + "]  under policy"
	switch {
	case e == cert.EditRenew && Revoked(b.Have):
		return do
	case e == cert.EditRenew && Failure(b.Have) != "" && b.Have.AwaitsControl():
		prove := ControlAction(b.Have)
		prove.Text = ", then " + try
		return prove
	case e == cert.EditRenew && Failure(b.Have) != "":
		return Advise(try + ", which orders another")
	case do.None():
		return Advise(try)
	default:
		return do
	}
}

// Rule names what withholds an edit. Published JSON holds it.
type Rule string

// The rules. The table of phases has one for each phase: see PhaseRule.
const (
	RuleAutoRenewOn          Rule = "auto-renew-on"         // CPS renews by itself, or may have ordered already
	RuleClock                Rule = "clock"                 // due by one of two clocks only
	RuleDifferenceWithheld   Rule = "difference-withheld"   // a retrigger would order what the manifest no longer asks for
	RuleExpect               Rule = "expect"                // the request is not what expect describes
	RuleExtraDomain          Rule = "extra-domain"          // live, not in the manifest, not told to be removed
	RuleJournal              Rule = "journal"               // an order of an earlier run that no reading has shown
	RuleLabelLeaving         Rule = "label-leaving"         // another request has the label until this run renames it
	RuleLabelTaken           Rule = "label-taken"           // another request has the label
	RuleLimit                Rule = "limit"                 // comes after a PATCH that an exceeded limit stops
	RuleMaxRenewals          Rule = "max-renewals"          // more are due than one run starts
	RuleNoLastModified       Rule = "no-last-modified"      // without last_modified the order pause can't be kept
	RuleOneOrder             Rule = "one-order"             // this run starts another order for the certificate
	RuleOrderOpen            Rule = "order-open"            // an order is open, and another could be the second
	RuleOrderCooldown        Rule = "order-cooldown"        // the request changed lately
	RuleProtect              Rule = "protect"               // policy.protect names the edit
	RuleUndocumentedCooldown Rule = "undocumented-cooldown" // an undocumented edit that was tried lately
	RuleUnknownWord          Rule = "unknown-word"          // the request has a DCV method this build does not know
	RuleDateNotReachable     Rule = "date-not-reachable"    // a date that a certificate ordered now does not reach
	RuleWildcardEV           Rule = "wildcard-ev"           // no CA puts a wildcard on an EV certificate
	RuleWindow               Rule = "window"                // renewals are not open yet
)

// PhaseRule is the rule of what the table withholds in a phase.
func PhaseRule(p cert.Phase) Rule { return Rule("phase:" + p.String()) }

// Rules returns every rule, sorted.
func Rules() []Rule {
	all := []Rule{RuleAutoRenewOn, RuleClock, RuleDifferenceWithheld, RuleExpect, RuleExtraDomain, RuleJournal, RuleLabelLeaving,
		RuleLabelTaken, RuleLimit, RuleMaxRenewals, RuleNoLastModified, RuleOneOrder, RuleOrderOpen, RuleOrderCooldown,
		RuleProtect, RuleUndocumentedCooldown, RuleUnknownWord, RuleDateNotReachable, RuleWildcardEV, RuleWindow}
	for p := range cert.NumPhases {
		all = append(all, PhaseRule(cert.Phase(p)))
	}
	slices.Sort(all)
	return all
}
