package dns

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/cpsync/cpsync/internal/cert"
)

// question is what to ask for, and which value is hoped for.
type question struct {
	name string // canonical, as all names here
	kind uint16
	want string // "" when it is not known
}

func questionOf(r cert.Record, name string) question {
	q := question{name: dns.CanonicalName(name), kind: dns.StringToType[r.Type], want: r.Value}
	if q.kind == dns.TypeCNAME && q.want != "" {
		q.want = dns.CanonicalName(q.want)
	}
	return q
}

// mostAliases is how many aliases are followed, one to the next.
const mostAliases = 8

// opinion is what one server says of a record.
func (c *Checker) opinion(ctx context.Context, s server, q question) cert.ServerAnswer {
	a := cert.ServerAnswer{Server: s.name}
	in, err := c.ask(ctx, s.address, q.name, q.kind, s.resolver)
	switch {
	case err != nil:
		return without(a, err)
	case !s.resolver && !in.Authoritative:
		return without(a, errLame)
	case in.Rcode == dns.RcodeSuccess && len(in.Answer) == 0 && says(in.Ns, dns.TypeNS) && !says(in.Ns, dns.TypeSOA):
		return without(a, errReferral) // it only says who might know
	case len(in.Answer) > 0 && !holds(in, q.name):
		return without(a, errOthers)
	default:
		return c.resolveAlias(ctx, a, s, q, in)
	}
}

func says(section []dns.RR, kind uint16) bool {
	return slices.ContainsFunc(section, func(rr dns.RR) bool { return rr.Header().Rrtype == kind })
}

// without is the answer of a server that says nothing of the record.
func without(a cert.ServerAnswer, err error) cert.ServerAnswer {
	a.Result, a.Err = kindOf(err), err.Error()
	return a
}

// resolveAlias goes from alias to alias to what there is in the end. What the answer does not
// hold itself is asked of a resolver.
func (c *Checker) resolveAlias(ctx context.Context, a cert.ServerAnswer, s server, q question, in *dns.Msg) cert.ServerAnswer {
	at, seen := q.name, map[string]bool{q.name: true}
	for {
		values, alias := read(in, at, q.kind)
		if len(values) > 0 && in.Rcode == dns.RcodeNameError {
			return without(a, errBoth)
		}
		if q.kind == dns.TypeCNAME && alias != "" {
			values = []string{alias}
		}
		if slices.Contains(values, q.want) {
			a.Result, a.Values = cert.Found, nil
			return a
		}
		if len(values) > 0 && (q.kind == dns.TypeTXT || at == q.name) {
			a.Result, a.Values = cert.OtherValue, values
			if q.want == "" {
				a.Result = cert.Present
			}
			if q.kind == dns.TypeCNAME {
				a.Values = []string{name(alias)} // as people write it
			}
			if q.kind == dns.TypeTXT || q.want == "" {
				return a
			}
		}
		if alias == "" {
			return ended(a, in)
		}
		a.Via = append(a.Via, name(alias))
		if seen[alias] || len(a.Via) > mostAliases {
			a.Result, a.Values = cert.Looped, nil
			return a
		}
		at, seen[alias] = alias, true
		if s.knows(at) && holds(in, at) {
			continue
		}
		next, err := c.recurse(ctx, at, q.kind)
		switch {
		case err != nil && a.Result == cert.OtherValue:
			a.Via = nil
			return a
		case err != nil:
			return without(a, fmt.Errorf("%s: %w", name(at), err))
		}
		in, s = next, server{resolver: true}
	}
}

// ended is the answer where the last alias leads nowhere. A record that is an alias
// itself has another value then.
func ended(a cert.ServerAnswer, in *dns.Msg) cert.ServerAnswer {
	switch {
	case a.Result == cert.OtherValue:
		a.Via = nil
	case in.Rcode == dns.RcodeNameError:
		a.Result = cert.NoSuchName
	default:
		a.Result = cert.Absent
	}
	return a
}

// read returns the texts that an answer holds for a name, sorted, and the name that an
// alias there leads to.
func read(in *dns.Msg, at string, kind uint16) (texts []string, alias string) {
	for _, rr := range in.Answer {
		if dns.CanonicalName(rr.Header().Name) != at || rr.Header().Class != dns.ClassINET {
			continue
		}
		switch rr := rr.(type) {
		case *dns.CNAME:
			alias = dns.CanonicalName(rr.Target)
		case *dns.TXT:
			if kind == dns.TypeTXT {
				texts = append(texts, text(rr))
			}
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts), alias
}

// holds reports whether an answer has something to say of a name.
func holds(in *dns.Msg, at string) bool {
	return slices.ContainsFunc(in.Answer, func(rr dns.RR) bool {
		return dns.CanonicalName(rr.Header().Name) == at && rr.Header().Class == dns.ClassINET
	})
}

// text joins the strings of a record, without the escapes that the library writes.
func text(rr *dns.TXT) string {
	escaped := strings.Join(rr.Txt, "")
	var b strings.Builder
	for i := 0; i < len(escaped); i++ {
		c := escaped[i]
		rest := escaped[i+1:]
		switch {
		case c != '\\' || rest == "":
			b.WriteByte(c)
		case '0' <= rest[0] && rest[0] <= '9' && len(rest) >= 3:
			b.WriteByte(100*(rest[0]-'0') + 10*(rest[1]-'0') + rest[2] - '0')
			i += 3
		default:
			b.WriteByte(rest[0])
			i++
		}
	}
	return b.String()
}

// name is a name without its last dot.
func name(canonical string) string { return strings.TrimSuffix(canonical, ".") }

// isHost reports whether a name can be asked for as it is written.
func isHost(name string) bool {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-._", c)
	}
	_, ok := dns.IsDomainName(name)
	return ok && strings.Trim(name, ".") != "" && strings.IndexFunc(name, func(c rune) bool { return !plain(c) }) < 0
}
