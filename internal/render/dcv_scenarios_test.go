package render_test

import (
	"fmt"
	"slices"
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
func txt(token string, names ...string) cert.DomainValidation {
	p := cert.DomainValidation{Names: names, Method: cert.DNSTxtToken, Inferred: true}
	for _, n := range names {
		p.Records = append(p.Records, cert.RecordFor(cert.DNSTxtToken, cert.DigiCert, n, token))
	}
	return p
}

// proving is a fleet that waits for domain control in all ways.
func proving() report.Report {
	many := append([]string{"many.example.com"}, numbered(24, "h%02d.many.example.com")...)
	pairs := []plan.Pair{shop(), waiting(21001, "mail.example.com"), waiting(21002, "early.example.com", "www.early.example.com"),
		waiting(21003, "unread.example.com"), waiting(21004, many...), waiting(21005, "proven.example.com"), waiting(21006, "both.example.com", "both.example.net"),
		waiting(21008, "x.example.net", "www.x.example.net", "pay.example.org")}
	moves := waiting(21007, "moves.example.com")
	moves.Want.DCVMethod = cert.Some(cert.Email)
	r := of(append(pairs, moves, legacy()), nil, true)
	r.DCV = report.DCVs{
		11607: {Validations: []cert.DomainValidation{txt(`1f25"ff2f\789443c7ab7e094ed9dcb895`, "shop.example.com", "a.shop.example.com")}},
		21001: {Validations: []cert.DomainValidation{{Names: []string{"mail.example.com"}, Method: cert.Email, Emails: numbered(7, "admin%d@mail.example.com")}}},
		21008: {Validations: []cert.DomainValidation{
			{Names: []string{"x.example.net", "www.x.example.net"}, Method: cert.Email, Emails: numbered(7, "admin%d@x.example.net")},
			{Names: []string{"pay.example.org"}, Method: cert.Email, Emails: []string{"admin@pay.example.org"}}}},
		21002: {Validations: []cert.DomainValidation{{Names: []string{"early.example.com", "www.early.example.com"}, Method: cert.DNSTxtToken}}},
		21003: {Err: "reading the DCV of request 21003: GET /v2.0/dcv/certificates/21003: 500 Internal Server Error"},
		21004: {Validations: []cert.DomainValidation{txt("1f25ff2f789443c7ab7e094ed9dcb895", many...)}},
		21005: {},
		21006: {Validations: []cert.DomainValidation{
			{Names: []string{"both.example.com"}, Method: cert.DNSCnameToken, Inferred: true, Records: []cert.Record{
				cert.RecordFor(cert.DNSCnameToken, cert.DigiCert, "both.example.com", "_1f25ff2f789443c7ab7e094ed9dcb89"),
				cert.RecordFor(cert.DNSCnameToken, cert.LetsEncrypt, "both.example.com", "_1f25")}},
			{Names: []string{"both.example.net"}, Method: cert.DNSCnameToken}}},
	}
	return r
}

// someProofs are one certificate with a record that was looked up, one with mail, one
// without anything yet and one that could not be read.
func someProofs() report.Report {
	looked, all := lookedAt(), proving()
	r := of([]plan.Pair{waiting(21001, "mail.example.com"), waiting(21002, "early.example.com"), waiting(21003, "unread.example.com"), waiting(23001, "lookup7.example.com")}, nil, true)
	r.DCV = report.DCVs{21001: all.DCV[21001], 21002: all.DCV[21002], 21003: all.DCV[21003],
		23001: {Validations: slices.Clone(looked.DCV[23001].Validations)}}
	r.DCV[23001].Validations[0].Names = []string{"lookup7.example.com"}
	r.DCV[23001].Validations[0].Records = looked.DCV[23001].Validations[0].Records[6:7]
	return r
}

// provingMany is n certificates that wait for domain control, and one that ends soon.
func provingMany(n int) report.Report {
	pairs := []plan.Pair{legacy()}
	control := report.DCVs{}
	for i := range n {
		id, name := cert.ID(22000+i), fmt.Sprintf("w%03d.example.com", i)
		pairs = append(pairs, waiting(id, name))
		control[id] = report.DCV{Validations: []cert.DomainValidation{txt(fmt.Sprintf("token%027d", i), name, "www."+name)}}
	}
	r := of(pairs, nil, true)
	r.DCV = control
	return r
}

// lookedAt is one certificate with a record for each thing that DNS can say.
func lookedAt() report.Report {
	zone := func(answers ...cert.ServerAnswer) []cert.ServerAnswer {
		for i := range answers {
			answers[i].Server = fmt.Sprintf("ns%d.example.com", i+1)
		}
		return answers
	}
	found, absent := cert.ServerAnswer{Result: cert.Found}, cert.ServerAnswer{Result: cert.Absent}
	silent := cert.ServerAnswer{Result: cert.NoAnswer, Err: "no answer within 3s"}
	other := cert.ServerAnswer{Result: cert.OtherValue, Values: []string{"a \"quoted\" text", strings.Repeat("x", 300), "three", "four"}}
	lookups := []cert.Lookup{
		{Result: cert.Found, Servers: zone(found, found)},
		{Result: cert.Found, Servers: zone(found, silent)},
		{Result: cert.Found, Servers: zone(cert.ServerAnswer{Result: cert.Found, Via: []string{"a.example.net", "b.example.net"}})},
		{Result: cert.Absent, Servers: zone(absent, absent)},
		{Result: cert.OtherValue, Servers: zone(other, other)},
		{Result: cert.NoSuchName, Servers: zone(cert.ServerAnswer{Result: cert.NoSuchName}, silent)},
		{Result: cert.Disagree, Servers: zone(found, absent, cert.ServerAnswer{Result: cert.OtherValue, Values: []string{"old"}}, silent)},
		{Result: cert.Looped, Servers: zone(cert.ServerAnswer{Result: cert.Looped, Via: []string{"a.example.net", "lookup8.example.com"}})},
		{Result: cert.NoAnswer, Servers: zone(silent, silent)},
		{Result: cert.Failed, Servers: zone(cert.ServerAnswer{Result: cert.Failed, Err: "it answers SERVFAIL"})},
		{Result: cert.Failed, Why: "the name is none that can be asked for"},
		{Result: cert.NotAsked, Servers: zone(cert.ServerAnswer{Result: cert.NotAsked, Err: "the run has used up its queries"})},
		{Result: cert.NotAsked, Why: "the run stopped before"},
	}
	names := numbered(len(lookups), "lookup%d.example.com")
	p := txt("1f25ff2f789443c7ab7e094ed9dcb895", names...)
	for i := range lookups {
		lookups[i].Name, lookups[i].Zone = names[i], "example.com"
		p.Records[i].Lookup = lookups[i]
	}
	p.Records = append(p.Records,
		cert.Record{Name: "_a.example.net", Type: "CNAME", Lookup: cert.Lookup{Result: cert.Present, Name: "_a.example.net",
			Why:     "the zone's own servers could not be found: 192.0.2.53:53: it answers SERVFAIL",
			Servers: []cert.ServerAnswer{{Server: "192.0.2.53:53", Result: cert.Present, Values: []string{"dcv.example.org"}}}}},
		cert.Record{Name: "b.example.net", Type: "TXT", Value: "b", Lookup: cert.Lookup{Result: cert.Found, Name: "_dnsauth.b.example.net",
			Servers: []cert.ServerAnswer{{Server: "192.0.2.53:53", Result: cert.Found}}}},
		cert.Record{Name: "not-looked-up.example.net", Type: "TXT", Value: "c"})
	done := txt("done", "done.example.com")
	done.Records[0].Lookup = cert.Lookup{Result: cert.Found, Name: "done.example.com", Zone: "example.com", Servers: zone(found)}
	r := of([]plan.Pair{waiting(23001, names...), waiting(23002, "done.example.com")}, nil, true)
	r.DCV = report.DCVs{23001: {Validations: []cert.DomainValidation{p}}, 23002: {Validations: []cert.DomainValidation{done}}}
	r.Requests.Queries = 41
	return r
}

// provedBy holds a text wherever the API writes one.
func provedBy(text string) report.DCV {
	said := cert.Lookup{Result: cert.Disagree, Name: text, Zone: text, Why: text, Servers: []cert.ServerAnswer{
		{Server: text, Result: cert.OtherValue, Values: []string{text, text}, Via: []string{text}}, {Server: text, Result: cert.Failed, Err: text}}}
	other := said
	other.Result = cert.OtherValue
	return report.DCV{Validations: []cert.DomainValidation{
		{Names: []string{text}, Method: cert.DCVMethod(text), Inferred: true, Records: []cert.Record{
			{Name: text, Type: "TXT", Value: text, Lookup: said}, {Name: text, Type: "TXT", Value: strings.Repeat(text, 3)},
			{Name: text, Type: "CNAME", Lookup: other}, {Name: text, Type: "CNAME", Value: text}, {Name: "shop.example.com", Type: "TXT", Value: text}}},
		{Names: []string{text}, Method: cert.Email, Emails: []string{text, text + text}},
	}}
}
