package text

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
)

// mostDomains is how many domains of a request are shown; -v shows all.
const mostDomains = 12

// request writes what the API says of the request, whatever a manifest wants.
func (p *page) request(have cert.Live) {
	p.Title("REQUEST", "")
	p.Hang(requestHead("status"), status(have), layout.Plain)
	if have.ErrorMessage != "" {
		p.Hang(requestHead("message"), words.Quote(have.ErrorMessage), layout.Plain)
	}
	p.domainStates(have)
	common := "not marked"
	if have.Common != "" {
		common = cert.DisplayName(have.Common)
	}
	rows := [][2]string{
		{"common name", common},
		{"DCV method", string(have.DCVMethod)},
		{"validation type", string(have.ValidationType)},
		{"CA", string(have.Authority)},
	}
	if have.Organization != "" {
		rows = append(rows, [2]string{"organization", have.Organization})
	}
	if have.Thumbprint != "" {
		rows = append(rows, [2]string{"thumbprint", have.Thumbprint})
	}
	if !have.Created.IsZero() {
		rows = append(rows, [2]string{"created", have.Created.UTC().Format(plan.Minute)})
	}
	if !have.Modified.IsZero() {
		rows = append(rows, [2]string{"modified", words.Modified(have)})
	}
	for _, d := range have.Deployments {
		rows = append(rows, [2]string{"CDN host", words.EdgeHost(d)})
	}
	if len(have.Deployments) == 0 {
		rows = append(rows, [2]string{"CDN host", "none"})
	}
	for _, r := range rows {
		p.Hang(requestHead(r[0]), r[1], layout.Plain)
	}
}

// requestHead is the word before a row of the request: the API's own are longer than those
// of a plan.
func requestHead(key string) string {
	return strings.Repeat(" ", layout.RowIndent) + layout.Pad(key, len("validation type")+layout.Margin)
}

// domainStates writes the domains under each other, each with its status.
func (p *page) domainStates(have cert.Live) {
	all := append(have.Domains[:len(have.Domains):len(have.Domains)], have.Leaving...)
	shown := all
	if !p.Style.Verbose && len(all) > mostDomains {
		shown = all[:mostDomains]
	}
	head, width := requestHead("domains"), 0
	for _, d := range shown {
		width = max(width, layout.Columns(words.Clean(cert.DisplayName(d.Name))))
	}
	for _, d := range shown {
		status := "  " + d.Status.String()
		name := words.Clean(cert.DisplayName(d.Name))
		if layout.Columns(head+status)+width <= p.Style.Width {
			name = layout.Pad(name, width)
		}
		p.Put(head + name + status)
		head = requestHead("")
	}
	if rest := len(all) - len(shown); rest > 0 {
		p.Put(fmt.Sprintf("%sand %d more (-v)", requestHead(""), rest))
	}
	if len(all) == 0 {
		p.Put(head + "none")
	}
}
