package sandbox

import "strings"

// named is an element of most look-ups (cps-api, section 3.4).
type named struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// lookUp answers a look-up with a list of words, numbered from 1.
func lookUp(words []string) func(*Server, *request) (any, error) {
	var items []named
	for i, word := range words {
		items = append(items, named{i + 1, word})
	}
	return func(_ *Server, q *request) (any, error) { return collection(q, items), nil }
}

type country struct {
	Country string `json:"country"`
	Code    string `json:"two_letter_code"`
}

// countries are a few of them: the vendor's list is unknown.
var countries = []country{
	{"Australia", "AU"}, {"Austria", "AT"}, {"Brazil", "BR"}, {"Canada", "CA"}, {"France", "FR"}, {"Germany", "DE"},
	{"India", "IN"}, {"Ireland", "IE"}, {"Italy", "IT"}, {"Japan", "JP"}, {"Netherlands", "NL"}, {"Poland", "PL"},
	{"Singapore", "SG"}, {"Spain", "ES"}, {"Sweden", "SE"}, {"Switzerland", "CH"}, {"United Kingdom", "GB"},
	{"United States", "US"},
}

// countryCodes answers GET /appendix/country-codes, narrowed by a country's name.
func (s *Server) countryCodes(q *request) (any, error) {
	var found []country
	for _, c := range countries {
		if !q.query.Has("name") || strings.EqualFold(c.Country, q.query.Get("name")) {
			found = append(found, c)
		}
	}
	return collection(q, found), nil
}
