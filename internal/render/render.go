// Package render is the table of the formats of a report. A format is a package below this one, or a function
// of it where that is all, and an entry in Formats. It compares, filters and orders nothing: plan and
// report say what to show, and in which order.
package render

import (
	"bytes"
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/jsonplan"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/markdown"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// Style is how text looks.
type Style = layout.Style

// Func writes one report to w.
type Func func(w io.Writer, r report.Report, s Style) error

// Formats maps the values of --format to what prints them.
var Formats = map[string]Func{
	"text":     text.Report,
	"json":     func(w io.Writer, r report.Report, _ Style) error { return jsonplan.Report(w, r) },
	"zone":     zone,
	"markdown": func(w io.Writer, r report.Report, _ Style) error { return markdown.Report(w, r) },
}

// Names returns the names of the formats, sorted.
func Names() []string { return slices.Sorted(maps.Keys(Formats)) }

// ttl is that of the records: they are needed once, and a wrong one is soon forgotten.
const ttl = "$TTL 300\n"

// zone writes all DNS records to create, each once, below the certificate it is for.
// Names are absolute, so that the file fits below any origin. What is not a record, and
// what could not be read, is a comment.
func zone(w io.Writer, r report.Report, _ Style) error {
	var b bytes.Buffer
	comment := func(text string) { b.WriteString("; " + words.Clean(text) + "\n") }
	head := []string{"DNS records to create"}
	if r.Target != "" {
		head = append(head, r.Target)
	}
	if !r.Plan.Now.IsZero() { // the run came to read the account
		head = append(head, r.Plan.Now.UTC().Format(plan.Minute))
	}
	comment(strings.Join(head, ", "))
	if r.Failure != nil || len(r.Problems) > 0 {
		comment("NOT COMPLETE: the run failed, and what it says on stderr counts")
	}
	for _, s := range r.Plan.Steps {
		if s.Fault != nil {
			comment("NOT COMPLETE: " + words.Title(s) + ": " + s.Fault.Message)
		}
	}
	if n := len(r.Plan.NotEvaluated()); n > 0 {
		comment("NOT COMPLETE: " + words.Plural(n, "certificate was", "certificates were") + " not evaluated; --read-status all reads their records too")
	}
	b.WriteString(ttl)
	var written []string
	for _, s := range r.Plan.Steps {
		c, asked := r.DCV[s.Want.ID]
		if !asked {
			continue
		}
		b.WriteByte('\n')
		comment(words.Title(s))
		t := words.DCVOf(c)
		if c.Err != "" {
			comment("NOT COMPLETE: its records could not be read: " + c.Err)
		} else if t.Validated {
			comment("no record: every domain is validated")
		}
		for _, m := range t.Mail {
			comment("no record, but an e-mail to answer: " + strings.Join(m.Names, ", "))
		}
		if t.Waiting > 0 {
			comment(words.Plural(t.Waiting, "domain has ", "domains have ") + words.NotYet)
		}
		for _, record := range t.Records {
			if line := words.ZoneLine(record); !slices.Contains(written, line) {
				written = append(written, line)
				b.WriteString(words.Clean(line) + "\n")
			}
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// columns are the head of a list. Columns are only added, at the end.
var columns = []string{"expires_at", "days", "name", "id", "state", "renewed_by", "label", "thumbprint",
	"validation_type", "domains", "tags", "manifest", "line", "served"}

// CSV writes a fleet as comma-separated values, as RFC 4180 has them: a head, and one record a request. Several values in one field
// have spaces between them.
func CSV(w io.Writer, l report.Listing) error {
	records := words.Each(l.Steps, func(s plan.Step) []string { return record(l, s) })
	return csv.NewWriter(w).WriteAll(append([][]string{columns}, records...))
}

func record(l report.Listing, s plan.Step) []string {
	r, have := words.RowOf(l, s), s.Have
	expires, file, line := "", "", ""
	if !have.Expires.IsZero() {
		expires = have.Expires.UTC().Format(time.RFC3339)
	}
	if at := s.Want.Place("metadata.id"); l.Managed[s.Want.ID] {
		file, line = at.File, strconv.Itoa(at.Line)
	}
	var tags []string
	for _, key := range slices.Sorted(maps.Keys(s.Want.Tags)) {
		tags = append(tags, key+"="+s.Want.Tags[key])
	}
	return words.Each([]string{expires, r.Days, r.Name, r.ID, r.State, r.RenewedBy, have.Label, have.Thumbprint,
		string(have.ValidationType), strings.Join(have.Names(), " "), strings.Join(tags, " "), file, line, r.Served}, words.Clean)
}
