package sandbox

import "strings"

// An operation is a row of the rules.
type operation string

const (
	editLabel         operation = "certificate_label"
	editDescription   operation = "description"
	editAutoRenew     operation = "auto_renew"
	editMethod        operation = "dcv_method"
	editDomains       operation = "domains"
	editOrganization  operation = "organization"
	editNotifications operation = "notifications"
	doRenew           operation = "renew"
	doRetrigger       operation = "retrigger"
	doCancel          operation = "cancel apply=true"
	doCancelPreview   operation = "cancel apply=false"
	doDelete          operation = "DELETE"
	doDCVCheck        operation = "DCV check"
	doDCVToken        operation = "token regenerate"
	doDCVResend       operation = "e-mail resend"
	readDCV           operation = "DCV metadata GET"
)

// rules are the tables of cps-api, sections 8.1 and 8.2: A allowed, R rejected,
// ? unknown. The last column, needs-attention, is in words in its legend.
var rules = map[operation][]string{
	//                         P0 P1 DCV OV DEP ACT FLY TO REJ EXP DEL ATT
	editLabel:         letters("A  A  A  A   A   A   A  A   ?   ?   R   A"),
	editDescription:   letters("A  A  A  A   A   A   A  A   ?   ?   R   A"),
	editAutoRenew:     letters("A  A  A  A   A   A   A  A   ?   ?   R   A"),
	editMethod:        letters("A  A  A  ?   A   A   ?  ?   ?   ?   R   ?"),
	editDomains:       letters("R  R  R  R   A   A   R  ?   ?   ?   R   ?"),
	editOrganization:  letters("R  R  R  R   A   A   R  ?   ?   ?   R   ?"),
	editNotifications: letters("A  A  A  A   A   A   A  A   ?   ?   R   A"),
	doRenew:           letters("R  R  R  R   R   A   R  R   R   ?   R   ?"),
	doRetrigger:       letters("R  R  R  R   R   R   R  A   ?   R   R   R"),
	doCancel:          letters("A  A  A  A   R   R   A  ?   ?   R   R   ?"),
	doCancelPreview:   letters("A  A  A  A   ?   ?   A  ?   ?   ?   ?   ?"),
	doDelete:          letters("R  R  R  R   A   A   ?  ?   ?   A   R   ?"),
	doDCVCheck:        letters("?  ?  A  ?   R   R   A  R   R   R   R   ?"),
	doDCVToken:        letters("?  ?  A  ?   R   R   A  ?   ?   R   R   ?"),
	doDCVResend:       letters("?  ?  A  ?   R   R   A  ?   ?   R   R   ?"),
	readDCV:           letters("?  ?  A  A   A   A   A  ?   ?   ?   ?   ?"),
}

func letters(row string) []string { return strings.Fields(row) }

// verdict returns the letter of an operation in a phase.
func verdict(op operation, p phase) string {
	if p == unsure {
		return "?"
	}
	return rules[op][p]
}

// permits reports whether an operation may go ahead on c.
func (w *World) permits(op operation, c *Certificate) bool {
	switch verdict(op, c.phase(w.Clock)) {
	case "A":
		return true
	case "?":
		return w.Switches.UnknownCells == "accepted"
	}
	return false
}
