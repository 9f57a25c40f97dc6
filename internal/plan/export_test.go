package plan

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// What the tests see of the inside. They are of package plan_test, so that they can ask
// package view, which imports plan.
const (
	Day       = day
	AutoStart = autoStart
	Allow     = allow
	Undoc     = undoc
	Later     = later
	Never     = never
)

type Cell = cell

var (
	Table        = ruleTable
	PhaseTexts   = words
	Window       = window
	IsOrder      = orders
	FaultOf      = faultOf
	DecidesOrder = decidesOrder
)

func BuildOne(p Pair, now time.Time, o Options) Step {
	return decideStep(p, fleet{}, now, o, Progress{})
}

func RequireAll(s Step, changes map[cert.Edit]diff.Change) { (&builder{Step: s}).requireAll(changes) }

func ByTable(have cert.Live, p cert.Phase, e cert.Edit, now time.Time) *Withheld {
	return byTable(&builder{Step: Step{Pair: Pair{Have: have}, Phase: p}, now: now}, diff.Change{Edit: e})
}
