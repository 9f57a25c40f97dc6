package words

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/cpsync/cpsync/internal/cert"
)

func TestZoneLines(t *testing.T) {
	t.Parallel()
	host := strings.Repeat("a.", 126)
	long, label := strings.Repeat("x", 256), strings.Repeat("a", 64)
	for want, r := range map[string]cert.Record{
		`example.com. IN TXT "abc"`:                                         {Name: "example.com", Type: "TXT", Value: "abc"},
		`_a.example.com. IN CNAME dcv.digicert.com.`:                        {Name: "_a.example.com", Type: "CNAME", Value: "dcv.digicert.com"},
		`; _a.example.com. IN CNAME ?`:                                      {Name: "_a.example.com", Type: "CNAME"},
		`a\032b\059.example. IN TXT "\"\\\195\169\010"`:                     {Name: "a b;.example", Type: "TXT", Value: "\"\\é\n"},
		`\036INCLUDE. IN TXT "\058\058error"`:                               {Name: "$INCLUDE", Type: "TXT", Value: "::error"},
		`a.example. IN TXT "` + long[1:] + `" "x"`:                          {Name: "a.example", Type: "TXT", Value: long},
		`; a..example. IN TXT ...: not a valid DNS name`:                    {Name: "a..example", Type: "TXT", Value: "x"},
		host + `a. IN TXT "x"`:                                              {Name: host + "a", Type: "TXT", Value: "x"},
		`; ` + host + `ab. IN TXT ...: not a valid DNS name`:                {Name: host + "ab", Type: "TXT", Value: "x"},
		`; . IN TXT ...: not a valid DNS name`:                              {Type: "TXT", Value: "x"},
		`; ` + label + `.a. IN TXT ...: not a valid DNS name`:               {Name: label + ".a", Type: "TXT", Value: "x"},
		`; a.example. IN TXT ...: the value is longer than a record can be`: {Name: "a.example", Type: "TXT", Value: strings.Repeat("x", 1<<16)},
	} {
		if d := cmp.Diff(want, ZoneLine(r)); d != "" {
			t.Error(d)
		}
	}
}

// FuzzZoneLine has a reader of zone files judge the lines: each is one record, with the
// name and the value that it was made of, or a comment; never more.
func FuzzZoneLine(f *testing.F) {
	for _, s := range []string{"", " ", "a b", "`", "|", "a_b_c", "http://a.example/b", "a@b.example", "::error::x", "##[error]x", "$ORIGIN x.", "a\nb IN TXT c", "a ( b", "a;b", strings.Repeat("a.", 130), strings.Repeat("a.", 126) + "a", strings.Repeat("a.", 126) + "ab", evil, "..", ".", "@", `\`, strings.Repeat("é", 200)} {
		f.Add(s, s, false)
		f.Add(s+".example.com", s, true)
		f.Add("shop.example.com", s, false)
	}
	f.Fuzz(func(t *testing.T, name, value string, alias bool) {
		r := cert.Record{Name: name, Type: "TXT", Value: value}
		if alias {
			r.Type, r.Value = "CNAME", "dcv.digicert.com"
		}
		line := ZoneLine(r)
		if strings.ContainsFunc(line, func(c rune) bool { return c < ' ' || c > '~' }) || Clean(line) != line {
			t.Fatalf("%q is not plain", line)
		}
		read := readZone(t, "before. IN TXT \"b\"\n"+line+"\nafter. IN TXT \"a\"\n")
		if len(read) < 2 || len(read) > 3 || read[0].Header().Name != "before." || read[len(read)-1].Header().Name != "after." {
			t.Fatalf("%s is read as %v", line, read)
		}
		switch comment := strings.HasPrefix(line, "; "); {
		case comment != (len(read) == 2):
			t.Errorf("%s: %d records", line, len(read))
		case comment && isDNSName(name) && r.Value != "" && len(r.Value) <= mostText:
			t.Errorf("%s could be a record", line)
		case !comment:
			sameRecord(t, r, read[1])
		}
	})
}

func readZone(t *testing.T, text string) []dns.RR {
	t.Helper()
	zone := dns.NewZoneParser(strings.NewReader(text), "origin.test.", "")
	zone.SetDefaultTTL(300)
	zone.SetIncludeAllowed(false)
	var all []dns.RR
	for rr, ok := zone.Next(); ok; rr, ok = zone.Next() {
		all = append(all, rr)
	}
	if err := zone.Err(); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return all
}

// sameRecord compares what goes over the wire, where nothing is escaped.
func sameRecord(t *testing.T, r cert.Record, rr dns.RR) {
	t.Helper()
	wire := make([]byte, 1<<17)
	n, err := dns.PackRR(rr, wire, 0, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	var want []byte
	for label := range strings.SplitSeq(r.Name, ".") {
		want = append(append(want, byte(len(label))), label...)
	}
	if got := string(wire[:len(want)]); got != string(want) {
		t.Errorf("the name is read as %q, want %q", got, want)
	}
	const fixed = 1 + 10 // the root, then type, class, TTL and length
	data := wire[len(want)+fixed : n]
	if cname, ok := rr.(*dns.CNAME); ok {
		if cname.Target != r.Value+"." {
			t.Errorf("points to %s", cname.Target)
		}
		return
	}
	var value []byte
	for len(data) > 0 {
		value, data = append(value, data[1:1+int(data[0])]...), data[1+int(data[0]):]
	}
	if string(value) != r.Value {
		t.Errorf("the value is read as %q, want %q", value, r.Value)
	}
}
