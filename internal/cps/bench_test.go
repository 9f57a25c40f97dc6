package cps

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkPage reads a full page of requests with 10 names each: a list of 10,000 has
// 500 of them.
func BenchmarkPage(b *testing.B) {
	var names, items []string
	for i := range 10 {
		names = append(names, fmt.Sprintf(`{"id":%d,"name":"n%d.example.com","status":"Active","active_date":null,"is_common_name":%t,"created":"2026-10-15T02:53:39.000000Z"}`,
			400+i, i, i == 0))
	}
	for id := range pageSize {
		item := certificateJSON(id + 1)
		begin := strings.Index(item, `"domains":[`) + len(`"domains":[`)
		end := begin + strings.Index(item[begin:], "]")
		items = append(items, item[:begin]+strings.Join(names, ",")+item[end:])
	}
	body := []byte(fmt.Sprintf(`{"@links":{},"items":[%s],"total_items":%d}`, strings.Join(items, ","), pageSize))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := isObject(body); err != nil {
			b.Fatal(err)
		}
		if p, err := decodePage(body); err != nil || len(p.items[19].live.Names()) != 10 {
			b.Fatal(err)
		}
	}
}
