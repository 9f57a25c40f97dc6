package plan

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
)

// Rule names what withholds an edit. Published JSON holds it.
type Rule string

// The rules. The table of phases has one for each phase: see PhaseRule.
const (
	RuleAutoRenewOn    Rule = "auto-renew-on"    // CPS renews by itself, or may have ordered already
	RuleClock          Rule = "clock"            // due by one of two clocks only
	RuleDiffers        Rule = "differs"          // a retrigger would order what the manifest no longer asks for
	RuleExpect         Rule = "expect"           // the request is not what expect describes
	RuleExtraName      Rule = "extra-name"       // live, not in the manifest, not told to be removed
	RuleJournal        Rule = "journal"          // an order of an earlier run that no reading has shown
	RuleLabelLeaving   Rule = "label-leaving"    // another request has the label until this run renames it
	RuleLabelTaken     Rule = "label-taken"      // another request has the label
	RuleLimit          Rule = "limit"            // comes after a PATCH that an exceeded limit stops
	RuleMaxRenewals    Rule = "max-renewals"     // more are due than one run starts
	RuleNoLastModified Rule = "no-last-modified" // without last_modified the order pause can't be kept
	RuleOneOrder       Rule = "one-order"        // this run starts another order for the certificate
	RuleOrderOpen      Rule = "order-open"       // an order is open, and another could be the second
	RuleOrderPause     Rule = "order-pause"      // the request changed lately
	RuleProtect        Rule = "protect"          // policy.protect names the edit
	RuleTryPause       Rule = "try-pause"        // an undocumented edit that was tried lately
	RuleUnheard        Rule = "unheard"          // the request has a DCV method this build does not know
	RuleUnreachable    Rule = "unreachable"      // a date that a certificate ordered now does not reach
	RuleWildcardEV     Rule = "wildcard-ev"      // no CA puts a wildcard on an EV certificate
	RuleWindow         Rule = "window"           // renewals are not open yet
)

// PhaseRule is the rule of what the table withholds in a phase.
func PhaseRule(p cert.Phase) Rule { return Rule("phase:" + p.String()) }

// Rules returns every rule, sorted.
func Rules() []Rule {
	all := []Rule{RuleAutoRenewOn, RuleClock, RuleDiffers, RuleExpect, RuleExtraName, RuleJournal, RuleLabelLeaving,
		RuleLabelTaken, RuleLimit, RuleMaxRenewals, RuleNoLastModified, RuleOneOrder, RuleOrderOpen, RuleOrderPause,
		RuleProtect, RuleTryPause, RuleUnheard, RuleUnreachable, RuleWildcardEV, RuleWindow}
	for p := range cert.NumPhases {
		all = append(all, PhaseRule(cert.Phase(p)))
	}
	slices.Sort(all)
	return all
}
