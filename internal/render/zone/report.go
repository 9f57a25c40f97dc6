// Package zone writes the DNS records to create as a zone file.
package zone

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// ttl is that of the records: they are needed once, and a wrong one is soon forgotten.
const ttl = "$TTL 300\n"

// Report writes all DNS records to create, each once, below the certificate it is for.
// Names are absolute, so that the file fits below any origin. What is not a record, and
// what could not be read, is a comment.
func Report(w io.Writer, r report.Report) error {
	var b bytes.Buffer
	comment := func(text string) { b.WriteString("; " + words.Clean(text) + "\n") }
	comment("DNS records to create, " + r.Target + ", " + r.Plan.Now.UTC().Format(plan.Minute))
	if r.Failure != nil || len(r.Problems) > 0 {
		comment("NOT COMPLETE: the run failed, and what it says on stderr counts")
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
