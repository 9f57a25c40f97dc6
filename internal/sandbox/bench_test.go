package sandbox

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

// BenchmarkPage10000 is what one page of the list costs in an account of 10,000. It is
// no part of cpsync, but whoever measures a whole run against the sandbox pays for it.
func BenchmarkPage10000(b *testing.B) {
	var all []string
	for i := range 10000 {
		var names []string
		for j := range 10 {
			names = append(names, fmt.Sprintf(`{"name": "n%d.host%05d.example.com"}`, j, i))
		}
		all = append(all, fmt.Sprintf(`{"id": %d, "certificate_label": "host%05d", "auto_renew": true, "expiration_date": "2027-03-01T00:00:00Z", "thumbprint": "%040X", "domains": [%s]}`,
			10001+i, i, i, strings.Join(names, ", ")))
	}
	w, err := Parse("state.json", []byte(fmt.Sprintf(`{"clock": %q, "certificates": [%s]}`, noon, strings.Join(all, ","))))
	if err != nil {
		b.Fatal(err)
	}
	s := New(w)
	q, err := readRequest(httptest.NewRequest("GET", "/sec/cps/v2.0/certificates?page=250&page_size=20&sort=-id", nil))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.list(q, nil); err != nil {
			b.Fatal(err)
		}
	}
}
