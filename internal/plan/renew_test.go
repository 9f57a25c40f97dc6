package plan_test

import (
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

func TestRenewals(t *testing.T) {
	t.Parallel()
	renewed := []string{"send renew"}
	due := asks(renewBefore(30 * day))
	check(t, map[string]row{
		// When it is due.
		"more than renew_before is left":       {due, inService(endsIn(31 * day)), nil},
		"exactly renew_before is left":         {due, inService(endsIn(30 * day)), nil},
		"a second less than renew_before":      {due, inService(endsIn(30*day - time.Second)), renewed},
		"no policy asks for it":                {asks(), inService(endsIn(20 * day)), nil},
		"auto_renew is on and not managed":     {due, inService(endsIn(20*day), autoRenews), nil},
		"auto_renew is on and wanted on":       {asks(renewBefore(30*day), autoRenew(true)), inService(endsIn(20*day), autoRenews), nil},
		"auto_renew is to be switched on":      {asks(renewBefore(30*day), autoRenew(true)), inService(endsIn(20 * day)), []string{"send auto_renew"}},
		"auto_renew is off and wanted off":     {asks(renewBefore(30*day), autoRenew(false)), inService(endsIn(20 * day)), renewed},
		"it ends before the date":              {asks(endsBefore("2027-03-01")), inService(endsIn(50 * day)), renewed},
		"it ends on the date":                  {asks(endsBefore("2027-01-11")), inService(func(l *cert.Live) { l.Expires = midnight("2027-01-11") }), nil},
		"the date asks and the window is shut": {asks(endsBefore("2027-03-01")), inService(endsIn(61 * day)), nil},
		"the window opens with 60 days left":   {asks(endsBefore("2027-03-01")), inService(endsIn(60 * day)), renewed},
		"never issued":                         {due, inService(timedOut), nil},

		// Switched off by this very run: CPS may have ordered already.
		"auto_renew is switched off by this run": {asks(renewBefore(30*day), autoRenew(false)), inService(endsIn(20*day), autoRenews),
			[]string{"send auto_renew", "not renew: deferred by auto-renew-on, next next-run"}},
		"auto_renew is protected and so stays on": {asks(renewBefore(30*day), autoRenew(false), protects(cert.EditAutoRenew)), inService(endsIn(20*day), autoRenews),
			[]string{"not auto_renew: protected by protect, next person", "not renew: blocked by auto-renew-on, next person"}},
		"auto_renew can't be switched off in this phase": {asks(renewBefore(30*day), autoRenew(false), tries(cert.EditRenew)), inService(endsIn(-day), autoRenews),
			[]string{"not auto_renew: undocumented by phase:expired, next person", "not renew: blocked by auto-renew-on, next person"}},

		// Where the request is.
		"the last order was renewed":   {due, inService(endsIn(20*day), order(cert.OrderRenewed)), renewed},
		"the organization was updated": {due, inService(endsIn(20*day), order(cert.OrderOrgUpdated)), renewed},
		"there is no order":            {due, inService(endsIn(20*day), order(cert.NoOrder)), renewed},
		"a renewal is queued":          {due, inService(endsIn(20*day), order(cert.OrderAwaitingRenewal)), nil},
		"a renewal is at the CA":       {due, inService(endsIn(20*day), order(cert.OrderPendingRenewal)), nil},
		"a reissue is at the CA":       {due, inService(endsIn(20*day), order(cert.OrderPendingReissue)), []string{"not renew: deferred by phase:in-flight, next ca"}},
		"the workflow validates again": {due, inService(endsIn(20*day), status(cert.StatusDomainControlValidation)), []string{"not renew: deferred by phase:in-flight, next person"}},
		"it is being deployed":         {due, inService(endsIn(20*day), status(cert.StatusDeployment)), []string{"not renew: deferred by phase:deployment, next cdn"}},
		"its renewal was rejected":     {due, inService(endsIn(20*day), order(cert.OrderRenewalRejected)), []string{"not renew: undocumented by phase:order-failed, next person"}},
		"its end has come":             {due, inService(endsIn(0)), []string{"not renew: undocumented by phase:expired, next person"}},
		"a word was never heard of":    {due, inService(endsIn(20*day), order(cert.OrderUnknown)), []string{"not renew: blocked by phase:unknown, next person"}},
		"protected":                    {asks(renewBefore(30*day), protects(cert.EditRenew)), inService(endsIn(20 * day)), []string{"not renew: protected by protect, next person"}},
		"protected and under way":      {asks(renewBefore(30*day), protects(cert.EditRenew)), inService(endsIn(20*day), order(cert.OrderPendingRenewal)), nil},

		// Where it is undocumented, once in seven days.
		"tried after a rejection":        {asks(renewBefore(30*day), tries(cert.EditRenew)), inService(endsIn(20*day), order(cert.OrderRenewalRejected)), renewed},
		"tried after the end":            {asks(renewBefore(30*day), tries(cert.EditRenew)), inService(endsIn(-3 * day)), renewed},
		"tried exactly seven days after": {asks(renewBefore(30*day), tries(cert.EditRenew)), inService(endsIn(-3*day), changed(7*day)), renewed},
		"tried a second too early": {asks(renewBefore(30*day), tries(cert.EditRenew)), inService(endsIn(-3*day), changed(7*day-time.Second)),
			[]string{"not renew: deferred by undocumented-cooldown, next next-run, until 2026-11-22 09:00 UTC"}},
		"the undocumented-cooldown is not for what is documented": {asks(renewBefore(30*day), tries(cert.EditRenew)), inService(endsIn(20*day), changed(day)), renewed},
		"tried without a last_modified": {asks(renewBefore(30*day), tries(cert.EditRenew)), inService(endsIn(-3*day), neverModified),
			[]string{"not renew: blocked by no-last-modified, next person"}},
		"naming renew in try does not open what passes": {asks(renewBefore(30*day), tries(cert.EditRenew)), inService(endsIn(20*day), order(cert.OrderPendingReissue)),
			[]string{"not renew: deferred by phase:in-flight, next ca"}},

		// Out of turn.
		"its thumbprint is named":                           {asks(renewsNow), inService(endsIn(150 * day)), renewed},
		"another thumbprint is named":                       {asks(renewsNow), inService(endsIn(150*day), thumbprint("FF")), nil},
		"named, and auto_renew is on":                       {asks(renewsNow, autoRenew(true)), inService(endsIn(150*day), autoRenews), renewed},
		"named, and auto_renew is switched off by this run": {asks(renewsNow, autoRenew(false)), inService(endsIn(150*day), autoRenews), []string{"send auto_renew", "send renew"}},
		"named and revoked":                                 {asks(renewsNow), inService(endsIn(150*day), order(cert.OrderRevoked)), renewed},
		"revoked, and not named":                            {due, inService(endsIn(20*day), order(cert.OrderRevoked)), []string{"not renew: undocumented by phase:order-failed, next person"}},
		"named and expired":                                 {asks(renewsNow), inService(endsIn(-day), order(cert.OrderExpired)), renewed},
		"named and past its end":                            {asks(renewsNow), inService(endsIn(-day)), renewed},
		"named, and its renewal was rejected":               {asks(renewsNow), inService(endsIn(150*day), order(cert.OrderRenewalRejected)), []string{"not renew: undocumented by phase:order-failed, next person"}},
		"named, and a renewal is at the CA":                 {asks(renewsNow), inService(endsIn(150*day), order(cert.OrderPendingRenewal)), nil},
		"named, and a reissue is at the CA":                 {asks(renewsNow), inService(endsIn(150*day), order(cert.OrderPendingReissue)), []string{"not renew: deferred by phase:in-flight, next ca"}},
		"named, and no date is reached":                     {asks(renewsNow, endsBefore("2028-01-01")), inService(endsIn(20 * day)), renewed},
		"named and changed lately": {asks(renewsNow), inService(endsIn(150*day), changed(20*time.Hour-time.Minute)),
			[]string{"not renew: deferred by order-cooldown, next next-run, until 2026-11-22 09:01 UTC"}},
		"named, and it is unknown when it changed": {asks(renewsNow), inService(endsIn(150*day), neverModified), []string{"not renew: blocked by no-last-modified, next person"}},
		"named and protected":                      {asks(renewsNow, protects(cert.EditRenew)), inService(endsIn(150 * day)), []string{"not renew: protected by protect, next person"}},

		// The cooldown.
		"changed exactly the pause ago": {due, inService(endsIn(20*day), changed(20*time.Hour)), renewed},
		"changed a minute less than the pause ago": {due, inService(endsIn(20*day), changed(20*time.Hour-time.Minute)),
			[]string{"not renew: deferred by order-cooldown, next next-run, until 2026-11-22 09:01 UTC"}},
		"changed in the future": {due, inService(endsIn(20*day), changed(-time.Hour)),
			[]string{"not renew: deferred by order-cooldown, next next-run, until 2026-11-23 06:00 UTC"}},
		"it is unknown when it changed":                    {due, inService(endsIn(20*day), neverModified), []string{"not renew: blocked by no-last-modified, next person"}},
		"a renewal that is not due needs no last_modified": {due, inService(neverModified), nil},
		"while it waits for the pause nothing else is sent": {
			asks(renewBefore(30*day), description("new"), label("new"), method(cert.Email), lists("a.example.com", "b.example.com", "c.example.com")),
			inService(endsIn(20*day), changed(time.Hour)), []string{
				"not description: deferred by order-cooldown, next next-run, until 2026-11-23 04:00 UTC",
				"not dcv_method: deferred by order-cooldown, next next-run, until 2026-11-23 04:00 UTC",
				"not domains +c: deferred by order-cooldown, next next-run, until 2026-11-23 04:00 UTC",
				"not renew: deferred by order-cooldown, next next-run, until 2026-11-23 04:00 UTC",
				"not certificate_label: deferred by order-cooldown, next next-run, until 2026-11-23 04:00 UTC",
			}},
		"while auto_renew is switched off in the pause that is sent": {asks(renewBefore(30*day), autoRenew(false), description("new")), inService(endsIn(20*day), changed(time.Hour), autoRenews),
			[]string{"send description, auto_renew", "not renew: deferred by auto-renew-on, next next-run"}},

		// A difference of expect does not keep a certificate from being renewed.
		"not what expect describes": {asks(renewBefore(30*day), expects(cert.Expect{ValidationType: cert.Some(cert.EV)})), inService(endsIn(20 * day)),
			[]string{"send renew", "not validation_type: blocked by expect, next person"}},
	})
}

// TestRenewGoesWithTheOtherEdits: metadata and DCV method before it, the label after
// it.
func TestRenewGoesWithTheOtherEdits(t *testing.T) {
	t.Parallel()
	check(t, map[string]row{
		"in the order of the operations": {
			asks(renewBefore(30*day), description("new"), autoRenew(false), method(cert.Email), label("new"), lists("a.example.com", "b.example.com")), inService(endsIn(20 * day)),
			[]string{"send description", "send dcv_method", "send renew", "send certificate_label"}},
		"names to add wait for the next run": {
			asks(renewBefore(30*day), lists("a.example.com", "b.example.com", "c.example.com")), inService(endsIn(20 * day)),
			[]string{"send renew", "not domains +c: deferred by one-order, next next-run"}},
		"names to remove go first, and the renewal waits": {
			asks(renewBefore(30*day), lists("a.example.com"), removes("b.example.com")), inService(endsIn(20 * day)),
			[]string{"send domains -b = a! a", "not renew: deferred by one-order, next next-run"}},
		"names to remove go first, names to add wait": {
			asks(renewBefore(30*day), lists("a.example.com", "c.example.com"), removes("b.example.com")), inService(endsIn(20 * day)),
			[]string{"send domains -b = a! a", "not domains +c: deferred by one-order, next next-run", "not renew: deferred by one-order, next next-run"}},
		"the common name goes and another live one takes over": {
			asks(renewBefore(30*day), lists("b.example.com"), removes("a.example.com")), inService(endsIn(20 * day)),
			[]string{"send domains -a common a>b = b! b", "not renew: deferred by one-order, next next-run"}},
		"the common name goes and the wanted one is not live yet": {
			asks(renewBefore(30*day), lists("c.example.com", "b.example.com"), removes("a.example.com")), inService(endsIn(20 * day)),
			[]string{"send renew", "not domains +c -a common a>c: deferred by one-order, next next-run"}},
		"a move of the common name alone waits": {
			asks(renewBefore(30*day), lists("b.example.com", "a.example.com")), inService(endsIn(20 * day)),
			[]string{"send renew", "not domains common a>b: deferred by one-order, next next-run"}},
		"a move that is not needed waits while another name goes": {
			asks(renewBefore(30*day), lists("b.example.com", "a.example.com"), removes("c.example.com")),
			inService(endsIn(20*day), serving("a.example.com", "b.example.com", "c.example.com")),
			[]string{"send domains -c = a! a b", "not domains common a>b: deferred by one-order, next next-run", "not renew: deferred by one-order, next next-run"}},
		"no common name is marked, and the wanted one is live": {
			asks(renewBefore(30*day), lists("a.example.com"), removes("b.example.com")), inService(endsIn(20*day), common("")),
			[]string{"send domains -b common >a = a! a", "not renew: deferred by one-order, next next-run"}},
		"no common name is marked, and the wanted one is not live": {
			asks(renewBefore(30*day), lists("c.example.com", "a.example.com"), removes("b.example.com")), inService(endsIn(20*day), common("")),
			[]string{"send renew", "not domains +c -b common >c: deferred by one-order, next next-run"}},
		"a name nobody told it to remove stays and the renewal goes": {
			asks(renewBefore(30*day), lists("a.example.com")), inService(endsIn(20 * day)),
			[]string{"send renew", "not domains -b: extra-domain by extra-domain, next person"}},
		"names are protected and the renewal goes": {
			asks(renewBefore(30*day), lists("a.example.com"), removes("b.example.com"), protects(cert.EditDomains)), inService(endsIn(20 * day)),
			[]string{"send renew", "not domains -b: protected by protect, next person"}},
		"expect keeps the names and not the renewal": {
			asks(renewBefore(30*day), lists("a.example.com"), removes("b.example.com"), expects(cert.Expect{Authority: cert.Some(cert.LetsEncrypt)})), inService(endsIn(20 * day)),
			[]string{"send renew", "not certificate_authority: blocked by expect, next person", "not domains -b: blocked by expect, next person"}},
		"a renewal that a person has to unlock does not keep the names back": {
			asks(renewBefore(30*day), lists("a.example.com", "b.example.com", "c.example.com"), protects(cert.EditRenew)), inService(endsIn(20 * day)),
			[]string{"send domains +c = a! a b c", "not renew: protected by protect, next person"}},
	})
}
