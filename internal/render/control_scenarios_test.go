package render

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// waiting is a request with a manifest that waits for domain control.
func waiting(id cert.ID, names ...string) plan.Pair {
	return pair(spec(id, fmt.Sprintf("certs/%d.yaml", id)), inStatus(live(id, "", names...),
		cert.StatusDomainControlValidation, cert.OrderPending, cert.DomainAwaitingCertificateAuthority))
}

// txt is a record for each name, with one token.
func txt(token string, names ...string) cert.Proof {
	p := cert.Proof{Names: names, Method: cert.DNSTxtToken, Inferred: true}
	for _, n := range names {
		p.Records = append(p.Records, cert.RecordFor(cert.DNSTxtToken, cert.DigiCert, n, token))
	}
	return p
}

// proving is a fleet that waits for domain control in all ways.
func proving() report.Report {
	many := append([]string{"many.example.com"}, numbered(24, "h%02d.many.example.com")...)
	pairs := []plan.Pair{shop(), waiting(21001, "mail.example.com"), waiting(21002, "early.example.com", "www.early.example.com"),
		waiting(21003, "unread.example.com"), waiting(21004, many...), waiting(21005, "proven.example.com"), waiting(21006, "both.example.com", "both.example.net")}
	moves := waiting(21007, "moves.example.com")
	moves.Want.DCVMethod = cert.Some(cert.Email)
	r := of(append(pairs, moves, legacy()), nil, true)
	r.Control = report.Controls{
		11607: {Proofs: []cert.Proof{txt(`1f25"ff2f\789443c7ab7e094ed9dcb895`, "shop.example.com", "a.shop.example.com")}},
		21001: {Proofs: []cert.Proof{{Names: []string{"mail.example.com"}, Method: cert.Email, Emails: numbered(7, "admin%d@mail.example.com")}}},
		21002: {Proofs: []cert.Proof{{Names: []string{"early.example.com", "www.early.example.com"}, Method: cert.DNSTxtToken}}},
		21003: {Err: "reading the domain control of request 21003: GET /v2.0/dcv/certificates/21003: 500 Internal Server Error"},
		21004: {Proofs: []cert.Proof{txt("1f25ff2f789443c7ab7e094ed9dcb895", many...)}},
		21005: {},
		21006: {Proofs: []cert.Proof{
			{Names: []string{"both.example.com"}, Method: cert.DNSCnameToken, Inferred: true, Records: []cert.Record{
				cert.RecordFor(cert.DNSCnameToken, cert.DigiCert, "both.example.com", "_1f25ff2f789443c7ab7e094ed9dcb89"),
				cert.RecordFor(cert.DNSCnameToken, cert.LetsEncrypt, "both.example.com", "_1f25")}},
			{Names: []string{"both.example.net"}, Method: cert.DNSCnameToken}}},
	}
	return r
}

// provingMany is n certificates that wait for domain control, and one that ends soon.
func provingMany(n int) report.Report {
	pairs := []plan.Pair{legacy()}
	control := report.Controls{}
	for i := range n {
		id, name := cert.ID(22000+i), fmt.Sprintf("w%03d.example.com", i)
		pairs = append(pairs, waiting(id, name))
		control[id] = report.Control{Proofs: []cert.Proof{txt(fmt.Sprintf("token%027d", i), name, "www."+name)}}
	}
	r := of(pairs, nil, true)
	r.Control = control
	return r
}

// provedBy holds a text wherever the API writes one.
func provedBy(text string) report.Control {
	return report.Control{Proofs: []cert.Proof{
		{Names: []string{text}, Method: cert.DCVMethod(text), Inferred: true, Records: []cert.Record{
			{Name: text, Type: "TXT", Value: text}, {Name: text, Type: "TXT", Value: strings.Repeat(text, 3)},
			{Name: text, Type: "CNAME"}, {Name: text, Type: "CNAME", Value: text}, {Name: "shop.example.com", Type: "TXT", Value: text}}},
		{Names: []string{text}, Method: cert.Email, Emails: []string{text, text + text}},
	}}
}
