package plan

import (
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// cell is what the table says of an edit in a phase.
type cell uint8

const (
	never cell = iota // refused, and only a person can end it; an unfilled cell forbids
	undoc             // the API's behaviour is undocumented: sent only where policy.allow_undocumented names it
	later             // refused for now: the phase will end
	allow             // accepted
)

// ruleTable says what may be sent in which phase. It is the one place where that is decided.
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

// byTable is what the table makes of one wanted edit: nothing when it may be sent.
func byTable(b *builder, c diff.Change) *Withheld {
	says := ruleTable[b.Phase][c.Edit]
	if orders(c.Edit) && (says == allow || says == undoc) && b.before().OrderOpen(b.now) {
		return orderOpen(b, c)
	}
	if says == allow || b.isTried(c.Edit) {
		return nil
	}
	w := b.words()
	x := Withheld{Verdict: [...]Verdict{never: Blocked, undoc: Undocumented, later: Deferred}[says], Rule: PhaseRule(b.Phase),
		Because: w.Because, Until: w.Until, Do: w.Do, Next: w.Next}
	if says == undoc {
		x.Next, x.Do = Person, b.undocumentedAction(c.Edit, x.Do)
		x.Because = "API behaviour is undocumented in this state (" + b.stateText() + "); sent only if policy.allow_undocumented lists it"
	}
	return &x
}

// orderOpen defers an order while another one is open, whatever policy.allow_undocumented says: a name
// of it failed, and still the CA may issue for it.
func orderOpen(b *builder, c diff.Change) *Withheld {
	if refused := withoutModified(b, c); refused != nil {
		return refused
	}
	x := deferredBy(RuleOrderOpen, "an order is still open, although one of its domains failed; another order could be a duplicate",
		"the order is complete, or the request has not changed for 7 days").at(b.before().Modified.Add(cert.DCVSearch))
	x.Next = CA
	if ruleTable[b.Phase][c.Edit] == undoc && !b.isTried(c.Edit) {
		x.Do = b.undocumentedAction(c.Edit, b.words().Do)
	}
	return x
}

// undocumentedAction is what a person does about an edit that is sent only when policy.allow_undocumented
// names it: what ends the phase, where there is something. Of a renewal that failed it names the proofs
// of control first, where there are any, and then the key.
func (b *builder) undocumentedAction(e cert.Edit, do Action) Action {
	try := "add  " + e.String() + "  to policy.allow_undocumented"
	switch {
	case e == cert.EditRenew && Revoked(b.Have):
		return do
	case e == cert.EditRenew && Failure(b.Have) != "" && b.Have.AwaitsDCV():
		validate := DCVAction(b.Have)
		validate.Text = ", then " + try
		return validate
	case e == cert.EditRenew && Failure(b.Have) != "":
		return Advise(try + ", which orders another renewal")
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
	RuleFreeze               Rule = "freeze"                // a limit of 0
	RuleJournal              Rule = "journal"               // an order of an earlier run that no reading has shown
	RuleLabelLeaving         Rule = "label-leaving"         // another request has the label until this run renames it
	RuleLabelTaken           Rule = "label-taken"           // another request has the label
	RuleLimit                Rule = "limit"                 // comes after a PATCH that an exceeded limit stops
	RuleMaxRenewals          Rule = "max-renewals"          // more are due than one run starts
	RuleNoLastModified       Rule = "no-last-modified"      // without last_modified the cooldown can't be kept
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
func PhaseRule(p cert.Phase) Rule { return Rule(phasePrefix + p.String()) }

const phasePrefix = "phase:"
