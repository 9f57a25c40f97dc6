package guards

// guard is a piece of the code that keeps something from going wrong, and what replaces it when it is taken out.
// Some test must fail then.
type guard struct {
	what string // what is so as long as the guard is there
	file string // below the top of the module
	is   string // the text of the guard, which is in the file once
	gone string // the text that replaces it: the code compiles, and the guard does nothing
}

const (
	retries  = "internal/cps/retry.go"
	sending  = "internal/apply/send.go"
	tasks    = "internal/apply/task.go"
	brakes   = "internal/apply/brake.go"
	evidence = "internal/plan/evidence.go"
	cooldown = "internal/plan/cooldown.go"
)

// The rows of retryTable in retries. Their columns are: not sent, 401, 429, 503, no answer, redirect.
const (
	reads  = "	readCall:      {retry, refreshToken, retry, retry, retry, stop},"
	edits  = "	metadataWrite: {retry, refreshToken, retry, retry, stop, stop},"
	orders = "	order:         {retry, handBack, handBack, stop, stop, stop},"
)

var guards = []guard{
	// What is sent again.
	{"what reached no server is sent again", "internal/cps/transport.go",
		"return w.asked.Load() ||", "return false &&"},
	{"a read whose answer was lost is repeated", retries,
		reads, "	readCall:      {retry, refreshToken, retry, retry, stop, stop},"},
	{"an edit whose answer was lost is not sent again", retries,
		edits, "	metadataWrite: {retry, refreshToken, retry, retry, retry, stop},"},
	{"an order whose answer was lost is not sent again", retries,
		orders, "	order:         {retry, handBack, handBack, stop, retry, stop},"},
	{"an order answered 503 is not sent again", retries,
		orders, "	order:         {retry, handBack, handBack, retry, stop, stop},"},
	{"an order answered 429 is handed back", retries,
		orders, "	order:         {retry, handBack, retry, stop, stop, stop},"},
	{"an order answered 401 is handed back", retries,
		orders, "	order:         {retry, refreshToken, handBack, stop, stop, stop},"},
	{"an order that was handed back is sent again", sending,
		"		return out, true\n	default:\n		return t.settle", "		return out, false\n	default:\n		return t.settle"},
	{"an order that was handed back is looked for by reading before it is sent again", sending,
		"	case shown:\n		return shownByReading(out), false", "	case shown:\n		return out, true"},
	{"an order that was handed back is not sent again when the request changed", sending,
		"&& unmoved(before, t.last)", ""},
	{"an order that was handed back is looked for after ten seconds at the earliest", retries,
		"minOrderPause = 10 * time.Second", "minOrderPause = time.Second"},
	{"an edit that was refused when it was sent again is looked for by reading", sending,
		"return failed && before &&", "return failed && before && false &&"},
	{"after a second attempt a refusal does not prove that nothing was done", sending,
		"errors.Is(err, cert.ErrRefused) && !again:", "errors.Is(err, cert.ErrRefused):"},
	{"a 4xx other than 401 and 429 is not sent again", retries,
		"	if f >= numFailures {\n		return stop", "	if f >= numFailures {\n		return retry"},
	{"a redirect is not followed", "internal/cps/client.go",
		"return http.ErrUseLastResponse", "return nil"},
	{"a redirect is not sent again", retries,
		orders, "	order:         {retry, handBack, handBack, stop, stop, retry},"},
	{"a 401 makes the run fetch another token", retries,
		"e.refreshed || !e.auth.discard(e.used)", "true"},
	{"a call fetches another token once", retries,
		"if e.refreshed ||", "if e.tries > 2 ||"},
	{"a call is sent again after at most five pauses, while no other call is answered", retries,
		"	maxRetries = 5\n", "	maxRetries = 6\n"},
	{"an edit answered 503 stays in doubt when its repeat is refused", retries,
		"		if e.doubt == nil {", "		if true {"},
	{"net/http does not send a write again by itself", "internal/cps/transport.go",
		"			if once && w.wrote.Load() {", "			if false {"},

	// What became of a write.
	{"a page in place of the answer to an order is a lost answer", "internal/cps/client.go",
		"		if err := isObject(body); err != nil {", "		if true {\n			return nil\n		}\n		if err := isObject(body); err != nil {"},
	{"an edit has to show", sending,
		"	case shown:\n		out.Result = report.Done", "	case shown || op.Kind == plan.Patch:\n		out.Result = report.Done"},
	{"an accepted order has to show", sending,
		"	case shown:\n		out.Result = report.Done", "	case shown || op.Kind != plan.Patch:\n		out.Result = report.Done"},
	{"an accepted order that does not show is read again for two minutes at the end", "internal/apply/apply.go",
		"30 * time.Second, 120 * time.Second}", "30 * time.Second}"},
	{"for a day an accepted order that does not show needs no person", "internal/plan/renew.go",
		"showsWithin = 24 * time.Hour", "showsWithin = 0"},
	{"what got no answer is settled by reading", sending,
		"if _, shown := t.watch(ctx, &out, afterLoss, before); shown {", "if _, shown := t.watch(ctx, &out, nil, before); shown {"},
	{"what got no answer is looked for during two minutes", sending,
		"10 * time.Second, 30 * time.Second, 120 * time.Second}", "10 * time.Second}"},
	{"only what was refused or never sent has failed", sending,
		"errors.Is(err, cert.ErrNotSent), errors.Is(err, cert.ErrRefused) && !again:", "true:"},
	{"a renewal shows by change, not by a status that stood there", evidence,
		"return shows && have != before", "return shows"},
	{"an expiry that was not there before the write is no sign of a renewal", evidence,
		"return !before.Expires.IsZero() && have", "return have"},
	{"an earlier expiry is no sign of a renewal", evidence,
		"have.Expires.After(before.Expires)", "!have.Expires.IsZero() && !have.Expires.Equal(before.Expires)"},
	{"a cancelled order is no sign of a retrigger", evidence,
		", have.Order == cert.OrderCanceled", ""},
	{"a domain that is gone is no sign of a retrigger", evidence,
		", !have.HasNames(before.Names())", ""},
	{"an unknown word is no sign of a retrigger", evidence,
		"len(have.UnknownWords) > 0, ", ""},

	// What is sent at all.
	{"a request is read before its first write", tasks,
		"	if t.current {\n		return t.last, nil\n	}", "	if t.current || !t.wrote {\n		return t.last, nil\n	}"},
	{"nothing is sent that is not planned any more by that reading", tasks,
		"t.stale || !t.step.StillPlanned(i, rebuilt)", "t.stale"},
	{"a reading that failed is made again before the next write", sending,
		"			t.current = false\n			continue", "			continue"},
	{"no order is sent after one with an unknown outcome", brakes,
		"o.Result == report.Unknown && o.Operation().Order()", "false"},
	{"no order goes out after three failures in a row", brakes,
		"b.failures >= failuresToStop", "false"},
	{"no order goes out beside another run of the client", brakes,
		"	case o.OtherRun:", "	case false:"},
	{"an order of another run counts although last_modified stays", brakes,
		"	case newOrder:", "	case false:"},
	{"a reading without its status can show another run", tasks,
		"have.ID != 0 && t.otherRun(", "err == nil && t.otherRun("},
	{"a person, or another client, is not taken for another run", brakes,
		"bySomebodyElse && (changed", "false && (changed"},
	{"a request is read again after the wait that spreads an order", brakes,
		"	t.current = false", "	t.current = t.current || false"},
	{"no retrigger goes out when the DCV method before it is not done", tasks,
		"op.Kind == plan.Retrigger && t.methodUnsettled", "false"},
	{"an exceeded limit stops edits", tasks,
		"op.Kind == plan.Patch && t.plan.Limits.Exceeded()", "false"},
	{"an open order defers every other, allow_undocumented or not", "internal/plan/rules.go",
		"b.before().OrderOpen(b.now) {", "false {"},
	{"an open order with a failed domain counts as open for seven days", "internal/cert/live.go",
		"!l.Modified.IsZero() && now.Sub(l.Modified) > DCVSearch", "true"},
	{"the age of an open order does not count from the run's own writes", cooldown,
		"	have.Modified = b.orOrdered(b.modified())\n", ""},
	{"an order of the journal counts as a change", cooldown,
		"!at.IsZero() && ordered.After(at) {", "ordered.After(at) && false {"},
	{"the order cooldown defers orders", cooldown,
		"	if !b.now.Before(until) {", "	if true {"},
	{"the cooldown counts last_modified as it was before the run's own writes", cooldown,
		"if !b.done.Modified.IsZero() || len(b.done.Edits) > 0 {", "if false {"},
	{"an edit is deferred together with the order of its certificate", cooldown,
		"if b.wait == nil || c.Edit", "if true || c.Edit"},
	{"a change of auto_renew is not deferred together with an order", cooldown,
		"b.wait == nil || c.Edit == cert.EditAutoRenew ||", "b.wait == nil ||"},
	{"an order of the journal that does not show stays pending", "internal/journal/read.go",
		"		if shows {", "		if shows || true {"},
	{"a domain is removed only when the manifest says so", "internal/plan/orders.go",
		"if slices.Contains(b.Want.Policy.RemoveDomains, n) {", "if true {"},
	{"no renewal is ordered in a run that finds auto_renew on and switches it off", "internal/plan/renew.go",
		"if b.renewsNow() || !b.Have.AutoRenew && !b.done.Has(cert.EditAutoRenew) {", "if true {"},
}
