package jsonplan

import (
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// List writes a fleet as one document, also when it could not be read. Its form is described by
// schemas/list.v2.schema.json.
func List(w io.Writer, l report.Listing) error {
	return writeDocument(w, object{
		{"tool", tool(l.Version)}, {"now", l.Now}, {"api", orNull(l.API)},
		{"total", l.Total},
		{"unmanaged", l.Unmanaged},
		{"certificates", each(l.Steps, func(s plan.Step) object { return listed(l, s) })},
		{"errors", failures(l.Failure, l.Problems, l.Steps)},
		{"requests", requests(l.Requests)},
	})
}

func listed(l report.Listing, s plan.Step) object {
	row, have, managed := words.RowOf(l, s), s.Have, l.Managed[s.Want.ID]
	var source object // null: no manifest
	if managed {
		source = position(s.Want.Place("metadata.id"))
	}
	days, err := strconv.Atoi(row.Days)
	return object{
		{"expires_at", have.Expires},
		{"days", known(err == nil, days)},
		{"name", row.Name},
		{"id", s.Want.ID},
		{"state", row.State},
		{"status_read", have.StatusRead()},
		{"renewed_by", known(row.RenewedBy != words.NotRead, orNull(row.RenewedBy))}, // null too where there is nothing to renew
		{"label", orNull(have.Label)},
		{"thumbprint", orNull(have.Thumbprint)},
		{"validation_type", orNull(have.ValidationType)},
		{"domains", have.Names()},
		{"tags", s.Want.Tags},
		{"managed", managed},
		{"source", source},
		{"edge", edge(l.Edges, s)},
	}
}

// Explanation writes the explanation as one document, also when there is none. Its form is
// described by schemas/explain.v2.schema.json. What it shares with a plan has the plan's form.
func Explanation(w io.Writer, x report.Explanation) error {
	var explained object // null when there is none to explain
	errors := failures(x.Failure, x.Problems, nil)
	if x.Failure == nil {
		explained = request(words.SelfContained(x))
		errors = failures(nil, nil, []plan.Step{x.Step})
	}
	return writeDocument(w, object{
		{"tool", tool(x.Version)}, {"asked", x.Asked}, {"now", x.Now}, {"api", orNull(x.API)},
		{"request", explained},
		{"errors", errors},
		{"requests", requests(x.Requests)},
	})
}

// request is the step of a plan of this request alone, what the API says of it whatever a
// manifest wants, and what follows from both.
func request(x report.Explanation) object {
	alone := report.Report{Edges: x.Edges, Plan: plan.Plan{API: x.API, Now: x.Now, Steps: []plan.Step{x.Step}}}
	if x.DCVRead {
		alone.DCV = report.DCVs{x.Step.Want.ID: {Validations: x.DCV}}
	}
	have := x.Step.Have
	return slices.Concat(step(alone, x.Step), object{
		{"domains", domains(have)},
		{"dcv_method", have.DCVMethod},
		{"validation_type", have.ValidationType},
		{"certificate_authority", have.Authority},
		{"organization", orNull(have.Organization)},
		{"thumbprint", orNull(have.Thumbprint)}, // null until issued
		{"created", have.Created},
		{"last_modified", have.Modified},
		{"modified_by", orNull(have.ModifiedBy)}, // null: the API does not say
		{"deployments", each(have.Deployments, func(d cert.EdgeHost) object {
			return object{{"delivery_region", d.Region}, {"platform", d.Platform}, {"hex_url", orNull(d.Host)}} // null until there is one
		})},
		{"managed", x.Managed},
		{"state", words.State(x.Step, x.Now)},
		{"life", object{{"stops", x.Life.Stops}, {"at", known(x.Life.At >= 0, x.Life.At)}}},
		{"next", object{
			{"actor", known(!x.Next.Nobody, x.Next.Next.String())}, // null: nobody
			{"actions", words.Each(x.Next.Do, plan.Action.String)},
		}},
		{"renewal", object{
			{"by", x.Renewal.Kind.String()}, {"at", x.Renewal.At}, {"reason", x.Renewal.Because}, {"action", orNull(x.Renewal.Do.String())},
		}},
		{"requires_attention", have.RequiresAttention},
		{"error_message", orNull(have.ErrorMessage)},
		{"edits", each(x.Outlooks, func(o plan.Outlook) object {
			var why object // null when allowed
			if !o.Open {
				why = reason(o.Why)
			}
			return object{{"field", o.Edit.String()}, {"allowed", o.Open}, {"withheld", why}}
		})},
		{"sends", each(x.Step.Ops, func(o plan.Operation) object {
			method, path := words.Request(have.ID, o)
			return object{{"method", method}, {"path", path}, {"body", words.BodyOf(o)}}
		})},
		{"writes", each(x.Writes, func(w report.Write) object { // as the journal holds them
			return object{
				{"at", w.At.UTC().Format(time.RFC3339Nano)}, {"kind", w.Kind.String()}, {"fields", w.Fields},
				{"outcome", orNull(w.Outcome)}, // null: not known
				{"run", w.Run},
			}
		})},
	})
}

// Validation writes what a validation found as one document. Its form is described by
// schemas/validate.v2.schema.json.
func Validation(w io.Writer, v report.Validation) error {
	doc := object{
		{"manifests", v.Manifests},
		{"problems", each(v.Problems, problem)},
		{"notes", each(v.Notes, func(n report.Note) object {
			return append(object{{"name", n.Spec.Name}, {"id", n.Spec.ID}}, warning(n.Warning)...)
		})},
		{"warnings", each(v.Warnings, problem)},
	}
	if e := v.Effective; e != nil { // with --effective only
		own := e.Spec.At[""]
		doc = append(doc, member{"effective", object{
			{"id", e.Spec.ID}, {"name", e.Spec.Name}, {"source", position(own)},
			{"keys", each(e.Keys, func(k report.Key) object {
				return object{
					{"key", k.Path}, {"value", k.Value}, {"idle", orNull(k.Idle)}, {"inherited", k.At.File != own.File}, {"source", position(k.At)},
				}
			})},
		}})
	}
	return writeDocument(w, doc)
}

func problem(p report.Problem) object {
	return object{
		{"file", p.At.File}, {"line", p.At.Line}, {"column", p.At.Column}, // 0: the whole file; columns count characters, from 1
		{"rule", orNull(p.Rule)}, {"message", p.Message}, {"hint", orNull(p.Hint)},
	}
}
