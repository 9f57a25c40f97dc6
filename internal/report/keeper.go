package report

// Keeper is what keeps a further run from sending an order again that was answered with
// success and that no reading shows.
type Keeper string

// The keepers, from the strongest on.
const (
	KeptByJournal Keeper = "journal"
	KeptByPause   Keeper = "order-pause" // last_modified moved
	KeptByNothing Keeper = "nothing"
)

// Keeper says what keeps an order that is not confirmed from being sent again; "" of any other operation.
func (o Outcome) Keeper() Keeper {
	switch {
	case o.Result != NotConfirmed:
		return ""
	case o.Noted:
		return KeptByJournal
	case o.Last.Modified.After(o.Before.Modified):
		return KeptByPause
	default:
		return KeptByNothing
	}
}

// KeptBy returns the orders not confirmed of one keeper.
func (r Report) KeptBy(k Keeper) []Outcome {
	var all []Outcome
	for _, o := range r.Outcomes {
		if o.Keeper() == k {
			all = append(all, o)
		}
	}
	return all
}
