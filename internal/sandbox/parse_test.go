package sandbox

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

func TestParseSaysWhereAndWhat(t *testing.T) {
	t.Parallel()
	const clock = `{"clock": "2026-11-22T12:00:00Z", `
	for _, test := range []struct{ name, text, want string }{
		{"not JSON", "{\n\"clock\": }", "2:10: not JSON"},
		{"nothing", "", "1:1: not JSON"},
		{"trailing data", "{}\n{}", "2:1: not JSON"},
		{"not an object", "[]", "1:1: must be an object, not an array"},
		{"no clock", "{}", "1:1: /clock: must be given, such as \"2026-11-22T09:00:00Z\""},
		{"no time", `{"clock": "noon"}`, "1:11: /clock: must be a time such as 2026-11-22T09:00:00Z"},
		{"no usual time", `{"clock": "0000-01-01T00:00:00Z"}`, "1:11: /clock: must be a time such as 2026-11-22T09:00:00Z"},
		{"unknown member", clock + "\n \"x\": {\"y\": [1]}}", "2:2: unknown member"},
		{"another case", clock + `"Faults": []}`, "1:35: unknown member"},
		{"twice", clock + `"faults": [], "faults": []}`, "1:49: /faults: given twice"},
		{"wrong type", clock + `"certificates": [{"id": "1"}]}`, "1:59: /certificates/0/id: must be a whole number"},
		{"fraction", clock + `"certificates": [{"id": 1.5}]}`, "1:59: /certificates/0/id: must be a whole number"},
		{"null", clock + `"certificates": [{"certificate_label": null}]}`, "1:74: /certificates/0/certificate_label: must be given"},
		{"object for string", clock + `"certificates": [{"certificate_label": {}}]}`, "1:74: /certificates/0/certificate_label: must be a string, not an object"},
		{"order of nobody", clock + `"orders": {"a": 1}}`, "1:45: /orders: must be a whole number, not an object"},
		{"known elsewhere", clock + `"certificates": [{"certificate_label": "a", "status": {"status": "Active", "deployments": []}, "deployments": []}]}`,
			"1:110: /certificates/0/status: unknown member"},
		{"duration", clock + `"certificates": [{"certificate_label": "a", "validates_after": "soon"}]}`,
			"1:98: /certificates/0/validates_after: \"soon\" is not a duration such as 90s, 4h or 7d"},
		{"unknown word", clock + `"certificates": [{"certificate_label": "a", "dcv_method": "Dns"}]}`,
			`1:93: /certificates/0/dcv_method: "Dns" is not one of Email, DnsCnameToken, DnsTxtToken`},
		{"no label", clock + `"certificates": [{"id": 1}]}`, "1:52: /certificates/0/certificate_label: must be given"},
		{"label twice", clock + `"certificates": [{"certificate_label": "a"}, {"certificate_label": "A"}]}`,
			"1:102: /certificates/1/certificate_label: another certificate has this label"},
		{"id twice", clock + `"certificates": [{"id": 1, "certificate_label": "a"}, {"id": 1, "certificate_label": "b"}]}`,
			"1:96: /certificates/1/id: another certificate has this id"},
		{"switch", clock + `"switches": {"name_case": "title"}}`,
			`1:61: /switches/name_case: switch name_case: must be lower or as-sent or upper, not "title"`},
		{"fault", clock + `"faults": [{"name": "flood"}]}`, `1:46: /faults/0: fault "flood": no fault has this name`},
		{"made of nothing", clock + `"certificates": [{"certificate_label": "a", "thumbprint": "made"}]}`,
			"1:93: /certificates/0/thumbprint: is made for a certificate that was issued: give its expiration_date"},
		{"regions", clock + `"certificates": [{"certificate_label": "a", "made": [{"regions": -1}]}]}`,
			"1:100: /certificates/0/made/0/regions: must not be negative"},
		{"first of two", clock + "\n\"a\": 1,\n\"b\": 2}", "2:1: unknown member"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse("state.json", []byte(test.text))
			if err == nil || strings.ReplaceAll(err.Error(), "state.json:", "") != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestRecordedAnswerIsAState(t *testing.T) {
	t.Parallel()
	w := worldOf(t, read(t, "certificate.json"))
	got := New(w).single(&w.Certificates[0])
	if diff := cmp.Diff(decoded(t, read(t, "certificate.json")), decoded(t, string(world.JSON(got, "")))); diff != "" {
		t.Errorf("what was pasted is answered differently (-pasted +answered):\n%s", diff)
	}
}

func TestStoredFormIsStable(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"shop": shop, "sample": read(t, "certificate.json"),
		"no common name": `{"certificate_label": "a", "domains": [{"name": "a.b", "is_common_name": false}]}`,
	} {
		first := encoded(New(worldOf(t, text)))
		second := encoded(New(parsed(t, string(first))))
		if diff := cmp.Diff(string(first), string(second)); diff != "" {
			t.Errorf("%s: storing and reading changes it:\n%s", name, diff)
		}
	}
	for _, column := range columns {
		text := column.certificate
		if !strings.Contains(text, `"domains"`) {
			text += `, "domains": [{"name": "a.example.com"}]`
		}
		w := worldOf(t, `{"certificate_label": "a", `+text+"}")
		first := w.Encode()
		w = parsed(t, string(first))
		if diff := cmp.Diff(string(first), string(w.Encode())); diff != "" {
			t.Errorf("%s: storing and reading changes it:\n%s", column.phase, diff)
		}
	}
}

func TestTheFirstNameIsCommonUnlessSaid(t *testing.T) {
	t.Parallel()
	w := worldOf(t, `{"certificate_label": "a", "domains": [{"name": "a.b"}, {"name": "c.b"}]},
		{"certificate_label": "b", "domains": [{"name": "a.b", "is_common_name": false}, {"name": "c.b"}]}`)
	var got []bool
	for _, c := range w.Certificates {
		got = append(got, c.Domains[0].IsCommonName, c.Domains[1].IsCommonName)
	}
	if diff := cmp.Diff([]bool{true, false, false, false}, got); diff != "" {
		t.Error(diff)
	}
}

// read returns a file of testdata.
func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
