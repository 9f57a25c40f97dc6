package explore

import (
	"fmt"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// wants writes a manifest in one line.
type wants cert.Spec

func (w wants) String() string {
	s := cert.Spec(w)
	var all []string
	add := func(name string, set bool, value any) {
		if set {
			all = append(all, fmt.Sprintf("%s=%v", name, value))
		}
	}
	add("label", s.Label.IsSet(), s.Label.Or(""))
	add("description", s.Description.IsSet(), s.Description.Or(""))
	add("auto_renew", s.AutoRenew.IsSet(), s.AutoRenew.Or(false))
	add("dcv_method", s.DCVMethod.IsSet(), s.DCVMethod.Or(""))
	add("domains", s.Domains.IsSet(), s.Domains.Or(cert.Domains{}))
	add("renew_before", s.Policy.RenewBefore.IsSet(), s.Policy.RenewBefore.Or(0))
	add("renew_if_expires_before", s.Policy.RenewIfExpiresBefore.IsSet(), s.Policy.RenewIfExpiresBefore.Or(time.Time{}).Format(time.DateOnly))
	add("retrigger_until", s.Policy.RetriggerUntil.IsSet(), s.Policy.RetriggerUntil.Or(time.Time{}).Format(time.DateOnly))
	add("remove", len(s.Policy.RemoveDomains) > 0, s.Policy.RemoveDomains)
	add("protect", len(s.Policy.Protect) > 0, s.Policy.Protect)
	return strings.Join(all, " ")
}

// looks writes a request, as it is and not as it shows, in one line.
type looks struct {
	s  *schedule
	id int64
}

func (l looks) String() string {
	c := l.s.truth(l.id)
	var names []string
	for _, d := range c.Domains {
		names = append(names, d.Name+"="+d.Status)
	}
	order := ""
	if c.State().OrderValidation != nil {
		order = c.State().OrderValidation.Status
	}
	text := fmt.Sprintf("%s %s %v ends %s auto_renew=%t label=%s method=%s modified %s", c.State().Status, order, names,
		c.Expires.Format(time.DateOnly), c.AutoRenew, c.Label, c.DCVMethod, c.Modified().Format(time.DateTime))
	if c.Description != nil {
		text += fmt.Sprintf(" description=%q", *c.Description)
	}
	if c.Workflow != nil {
		text += fmt.Sprintf(" workflow %s %s", c.Workflow.Kind, c.Workflow.Stage)
	}
	return text
}
