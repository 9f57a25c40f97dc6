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
// schemas/explain.v1.schema.json. What it shares with a plan has the plan's form.

type jsonExplanation struct {
	FormatVersion string       `json:"format_version"`
	Tool          jsonTool     `json:"tool"`
	Asked         string       `json:"asked"`
	Now           *time.Time   `json:"now"`
	API           string       `json:"api"`
	Request       *jsonRequest `json:"request"` // null when there is none to explain
	Errors        []jsonError  `json:"errors"`
	Requests      jsonRequests `json:"requests"`
}

type jsonRequest struct {
	jsonStep
	Managed      bool          `json:"managed"`
	State        string        `json:"state"`
	Life         jsonLife      `json:"life"`
	Next         jsonNext      `json:"next"`
	Renewal      jsonRenewal   `json:"renewal"`
	Attention    bool          `json:"requires_attention"`
	ErrorMessage string        `json:"error_message"`
	Edits        []jsonOutlook `json:"edits"`
	Sends        []jsonSend    `json:"sends"`
	Writes       []jsonWrite   `json:"writes"`
}

// jsonWrite is what the journal holds of a write.
type jsonWrite struct {
	At      time.Time         `json:"at"`
	Kind    string            `json:"kind"`
	Fields  []string          `json:"fields"`
	Outcome *string           `json:"outcome"` // null: not known
	Run     map[string]string `json:"run"`
}

type jsonLife struct {
	Stops []string `json:"stops"`
	At    *int     `json:"at"`
}

type jsonNext struct {
	Actor *string  `json:"actor"` // null: nobody
	Do    []string `json:"do"`
}

type jsonRenewal struct {
	By      string     `json:"by"`
	At      *time.Time `json:"at"`
	Because string     `json:"because"`
	Do      string     `json:"do"`
}

type jsonOutlook struct {
	Field string   `json:"field"`
	Open  bool     `json:"open"`
	Why   *jsonWhy `json:"why"` // null when open
}

type jsonWhy struct {
	Verdict   string     `json:"verdict"`
	Rule      string     `json:"rule"`
	Because   string     `json:"because"`
	Until     string     `json:"until"`
	UntilAt   *time.Time `json:"until_at"`
	Do        string     `json:"do"`
	NextActor string     `json:"next_actor"`
}

type jsonSend struct {
	Method string      `json:"method"`
	Path   string      `json:"path"`
	Body   *cert.Patch `json:"body"`
}

// Explanation writes the explanation as one document, also when there is none.
func Explanation(w io.Writer, x report.Explanation) error {
	return oneDocument(w, explanation(x))
}

func explanation(x report.Explanation) jsonExplanation {
	j := jsonExplanation{
		FormatVersion: FormatVersion, Tool: jsonTool(x.Version), Asked: x.Asked, Now: instant(x.Now), API: x.API,
		Errors:   failures(report.Report{Failure: x.Failure, Problems: x.Problems}),
		Requests: requests(x.Requests),
	}
	if x.Failure == nil {
		j.Request = request(x)
		j.Errors = failures(report.Report{Plan: plan.Plan{Steps: []plan.Step{x.Step}}})
	}
	return j
}

func request(x report.Explanation) *jsonRequest {
	x = words.SelfContained(x)
	have := x.Step.Have
	j := &jsonRequest{
		jsonStep: step(asReport(x), x.Step),
		Managed:  x.Managed, State: words.State(x.Step, x.Now),
		Life:      jsonLife{Stops: words.Each(x.Life.Stops, words.Same)},
		Next:      jsonNext{Do: words.Each(x.Turn.Do, words.Same)},
		Renewal:   jsonRenewal{x.Renewal.Kind.String(), instant(x.Renewal.At), x.Renewal.Because, x.Renewal.Do},
		Attention: have.RequiresAttention, ErrorMessage: have.ErrorMessage,
		Edits: words.Each(x.Outlooks, outlook),
		Writes: words.Each(x.Writes, func(w report.Write) jsonWrite {
			return jsonWrite{w.At.UTC(), w.Kind.String(), words.Each(w.Fields, words.Same), orNull(w.Outcome), object(w.Run)}
		}),
		Sends: words.Each(x.Step.Ops, func(o plan.Operation) jsonSend { return sending(have.ID, o) }),
	}
	if x.Life.At >= 0 {
		j.Life.At = &x.Life.At
	}
	if !x.Turn.Nobody {
		j.Next.Actor = orNull(x.Turn.Next.String())
	}
	return j
}

// asReport is what an explanation shares with a plan of the one request.
func asReport(x report.Explanation) report.Report {
	r := report.Report{Plan: plan.Plan{API: x.API, Now: x.Now, Steps: []plan.Step{x.Step}}}
	if x.ControlRead {
		r.Control = report.Controls{x.Step.Want.ID: {Proofs: x.Control}}
	}
	return r
}

func outlook(o plan.Outlook) jsonOutlook {
	j := jsonOutlook{Field: o.Edit.String(), Open: o.Open}
	if b := o.Why; !o.Open {
		j.Why = &jsonWhy{b.Verdict.String(), string(b.Rule), b.Because, b.Until, instant(b.UntilAt), b.Do, b.Next.String()}
	}
	return j
}

func sending(id cert.ID, o plan.Operation) jsonSend {
	method, path := words.Request(id, o)
	return jsonSend{method, path, words.BodyOf(o)}
}
