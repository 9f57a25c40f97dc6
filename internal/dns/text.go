package dns

import (
	"strings"

	"github.com/miekg/dns"
)

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
		case isDigit(rest[0]) && len(rest) >= 3:
			b.WriteByte(100*(rest[0]-'0') + 10*(rest[1]-'0') + rest[2] - '0')
			i += 3
		default:
			b.WriteByte(rest[0])
			i++
		}
	}
	return b.String()
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

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
