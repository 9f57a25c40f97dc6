package sandbox

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// many returns a world with n certificates, 20001 and so on.
func many(t *testing.T, n int, switches string) World {
	t.Helper()
	var certificates []string
	for i := range n {
		certificates = append(certificates, fmt.Sprintf(
			`{"certificate_label": "label-%02d", "description": "D%d", "domains": [{"name": "%d.example.com"}, {"name": "x%d.example.net"}]}`, i+1, (i+1)%3, i+1, i+1))
	}
	return worldOf(t, strings.Join(certificates, ","), `"switches": {`+switches+`}`)
}

// ids returns the ids of a list.
func (c *caller) ids(path string) string {
	c.t.Helper()
	var ids []string
	for _, item := range c.get(path)["items"].([]any) {
		ids = append(ids, fmt.Sprint(int(item.(map[string]any)["id"].(float64))))
	}
	return strings.Join(ids, " ")
}

func TestListOrderAndSearch(t *testing.T) {
	t.Parallel()
	c := call(t, New(many(t, 4, "")))
	for query, want := range map[string]string{
		"":                                         "20004 20003 20002 20001",
		"?sort=id":                                 "20004 20003 20002 20001",
		"?sort=-id":                                "20001 20002 20003 20004",
		"?query=id:20002":                          "20002",
		"?query=certificate_label:LABEL-03":        "20003",
		"?query=certificate_label:label":           "",
		"?query=certificate_label:label-*":         "20004 20003 20002 20001",
		"?query=domain_names:*2.example.*":         "20002",
		"?query=description:D1&sort=-id":           "20001 20004",
		"?query=domain_names:nothing.example.com":  "",
		"?query=domain_names:%5B1%5D.example.com":  "",
		"?sort=-id&page=2&page_size=3":             "20004",
		"?sort=-id&page=9&page_size=3":             "",
		"?sort=-id&page=9223372036854775807":       "",
		"?query=certificate_label:label-0?&page=1": "",
	} {
		if got := c.ids("/certificates" + query); got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	c := call(t, New(many(t, 45, "")))
	for query, want := range map[string]int{"": 20, "?page_size=100": 20, "?page=3": 5, "?page_size=7&page=7": 3} {
		answer := c.get("/certificates" + query)
		if got := len(answer["items"].([]any)); got != want || answer["total_items"] != 45.0 {
			t.Errorf("%q: %d items of %v", query, got, answer["total_items"])
		}
	}
	if diff := cmp.Diff(map[string]any{
		"first":    map[string]any{"href": "/v2.0/certificates?page=1&page_size=20"},
		"previous": map[string]any{"href": "/v2.0/certificates?page=2&page_size=20"},
		"last":     map[string]any{"href": "/v2.0/certificates?page=3&page_size=20"},
	}, c.get("/certificates?page=3")["@links"]); diff != "" {
		t.Error(diff)
	}
}

func TestNamesAreAnsweredAsSwitched(t *testing.T) {
	t.Parallel()
	names := func(switches string) string {
		c := call(t, New(worldOf(t, shop, `"switches": {`+switches+`}`)))
		c.do(200, "PATCH", "/certificates/11604", `{"domains":[{"name":"shop.example.com","is_common_name":true},{"name":"WWW.shop.example.com"},{"name":"New.example.com"}]}`)
		var names []string
		for _, d := range c.get("/certificates/11604")["domains"].([]any) {
			names = append(names, d.(map[string]any)["name"].(string))
		}
		return strings.Join(names, " ")
	}
	for switches, want := range map[string]string{
		"":                         "shop.example.com www.shop.example.com new.example.com",
		`"name_case": "upper"`:     "SHOP.EXAMPLE.COM WWW.SHOP.EXAMPLE.COM NEW.EXAMPLE.COM",
		`"name_case": "as-sent"`:   "shop.example.com WWW.shop.example.com New.example.com",
		`"name_order": "reversed"`: "new.example.com www.shop.example.com shop.example.com",
	} {
		if got := names(switches); got != want {
			t.Errorf("%s: %s", switches, got)
		}
	}
	if got := names(`"name_order": "shuffled"`); got != names(`"name_order": "shuffled"`) {
		t.Errorf("shuffled differently each time: %s", got)
	}
}
