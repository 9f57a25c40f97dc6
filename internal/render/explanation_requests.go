package render

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// sends writes the requests that an apply would make.
func (p *page) sends(s plan.Step) {
	if len(s.Ops) == 0 {
		return
	}
	p.title("REQUESTS", "what an apply sends, in this order")
	for _, o := range s.Ops {
		method, path := requestOf(s.Want.ID, o)
		p.line(rowIndent, method+" "+path)
		p.body(body(o))
	}
}

// body writes the names of a long list below each other, so that they can be read.
func (p *page) body(b *cert.Patch) {
	if b == nil {
		return
	}
	text := compact(b)
	names := b.Domains.Or(cert.Domains{}).Entries()
	if columns(text)+2*rowIndent <= p.style.Width || len(names) == 0 {
		p.line(2*rowIndent, text)
		return
	}
	p.line(2*rowIndent, `{"domains":[`)
	for i, n := range names {
		// Not broken, as no name is.
		p.put(strings.Repeat(" ", 2*rowIndent+margin) + Clean(compact(n)+strings.Repeat(",", b2i(i+1 < len(names)))))
	}
	p.line(2*rowIndent, `]}`)
}

// compact is JSON on one line, as it is sent.
func compact(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("render: " + err.Error())
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// requestOf is the call that an operation makes, its path below the API's address.
func requestOf(id cert.ID, o plan.Operation) (method, path string) {
	if o.Kind == plan.Patch {
		return cert.PatchCall(id)
	}
	return cert.OrderCall(id, o.Edit())
}

// body is what an operation sends, or nil when it sends none.
func body(o plan.Operation) *cert.Patch {
	if o.Kind != plan.Patch {
		return nil
	}
	return &o.Body
}
