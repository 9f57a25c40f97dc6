package jsonplan

import (
	"io"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// The structs below are the published form of an explanation, described by
// schemas/explain.v2.schema.json. What it shares with a plan has the plan's form.

type explanationDocument struct {
	FormatVersion string     `json:"format_version"`
	Tool          tool       `json:"tool"`
	Asked         string     `json:"asked"`
	Now           *time.Time `json:"now"`
	API           *string    `json:"api"`
	Request       *request   `json:"request"` // null when there is none to explain
	Errors        []failure  `json:"errors"`
	Requests      requests   `json:"requests"`
}

type request struct {
	step
	details
	Managed           bool      `json:"managed"`
	State             string    `json:"state"`
	Life              life      `json:"life"`
	Next              next      `json:"next"`
	Renewal           renewal   `json:"renewal"`
	RequiresAttention bool      `json:"requires_attention"`
	ErrorMessage      *string   `json:"error_message"`
	Edits             []outlook `json:"edits"`
	Sends             []send    `json:"sends"`
	Writes            []write   `json:"writes"`
}

// write is what the journal holds of a write.
type write struct {
	At      time.Time         `json:"at"`
	Kind    string            `json:"kind"`
	Fields  []string          `json:"fields"`
	Outcome *string           `json:"outcome"` // null: not known
	Run     map[string]string `json:"run"`
}

type life struct {
	Stops []string `json:"stops"`
	At    *int     `json:"at"`
}

type next struct {
	Actor   *string  `json:"actor"` // null: nobody
	Actions []string `json:"actions"`
}

type renewal struct {
	By     string     `json:"by"`
	At     *time.Time `json:"at"`
	Reason string     `json:"reason"`
	Action *string    `json:"action"`
}

type outlook struct {
	Field    string  `json:"field"`
	Allowed  bool    `json:"allowed"`
	Withheld *reason `json:"withheld"` // null when allowed
}

type send struct {
	Method string      `json:"method"`
	Path   string      `json:"path"`
	Body   *cert.Patch `json:"body"`
}

// Explanation writes the explanation as one document, also when there is none.
func Explanation(w io.Writer, x report.Explanation) error {
	return oneDocument(w, explanationOf(x))
}

func explanationOf(x report.Explanation) explanationDocument {
	j := explanationDocument{
		FormatVersion: FormatVersion, Tool: toolOf(x.Version), Asked: x.Asked, Now: instant(x.Now), API: orNull(x.API),
		Errors:   failures(report.Report{Failure: x.Failure, Problems: x.Problems}),
		Requests: requestsOf(x.Requests),
	}
	if x.Failure == nil {
		j.Request = requestOf(x)
		j.Errors = failures(report.Report{Plan: plan.Plan{Steps: []plan.Step{x.Step}}})
	}
	return j
}

func requestOf(x report.Explanation) *request {
	x = words.SelfContained(x)
	have := x.Step.Have
	j := &request{
		step: stepOf(asReport(x), x.Step), details: detailsOf(have),
		Managed: x.Managed, State: words.State(x.Step, x.Now),
		Life:              life{Stops: words.Each(x.Life.Stops, words.Same)},
		Next:              next{Actions: words.Each(x.Next.Do, plan.Action.String)},
		Renewal:           renewal{x.Renewal.Kind.String(), instant(x.Renewal.At), x.Renewal.Because, orNull(x.Renewal.Do.String())},
		RequiresAttention: have.RequiresAttention, ErrorMessage: orNull(have.ErrorMessage),
		Edits: words.Each(x.Outlooks, outlookOf),
		Writes: words.Each(x.Writes, func(w report.Write) write {
			return write{w.At.UTC(), w.Kind.String(), words.Each(w.Fields, words.Same), orNull(w.Outcome), object(w.Run)}
		}),
		Sends: words.Each(x.Step.Ops, func(o plan.Operation) send { return sendOf(have.ID, o) }),
	}
	if x.Life.At >= 0 {
		j.Life.At = &x.Life.At
	}
	if !x.Next.Nobody {
		j.Next.Actor = orNull(x.Next.Next.String())
	}
	return j
}

// asReport is what an explanation shares with a plan of the one request.
func asReport(x report.Explanation) report.Report {
	r := report.Report{Edges: x.Edges, Plan: plan.Plan{API: x.API, Now: x.Now, Steps: []plan.Step{x.Step}}}
	if x.DCVRead {
		r.DCV = report.DCVs{x.Step.Want.ID: {Validations: x.DCV}}
	}
	return r
}

func outlookOf(o plan.Outlook) outlook {
	j := outlook{Field: o.Edit.String(), Allowed: o.Open}
	if b := o.Why; !o.Open {
		why := reasonOf(b)
		j.Withheld = &why
	}
	return j
}

func sendOf(id cert.ID, o plan.Operation) send {
	method, path := words.Request(id, o)
	return send{method, path, words.BodyOf(o)}
}
