package sandbox

import (
	"cmp"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// found returns what a list holds, in its order. What does not change between two pages
// is searched for once.
func (s *Server) found(query url.Values) ([]*Certificate, error) {
	asked := fmt.Sprintf("%q", [][]string{query["query"], query["sort"]})
	if s.known.asked == asked {
		return s.known.found, nil
	}
	found, err := s.search(query)
	if err == nil {
		err = order(found, query)
	}
	if err == nil {
		s.known.asked, s.known.found = asked, found
	}
	return found, err
}

// search returns the certificates that match the query parameter field:value,
// where * is a wildcard; upper and lower case are alike.
func (s *Server) search(query url.Values) ([]*Certificate, error) {
	field, value, ok := strings.Cut(query.Get("query"), ":")
	texts, known := searchable[field]
	if query.Has("query") && (!ok || !known || value == "") {
		return nil, invalid("query", "This must be certificate_label, description, id or domain_names, a colon and a value.")
	}
	found := make([]*Certificate, 0, len(s.world.Certificates))
	for i := range s.world.Certificates {
		c := &s.world.Certificates[i]
		if c.gone() && c.phase(s.world.Clock) == deleted && s.world.Switches.DeletedListed != "yes" {
			continue
		}
		if !query.Has("query") || slices.ContainsFunc(texts(c), func(text string) bool { return wild(value, text) }) {
			found = append(found, c)
		}
	}
	return found, nil
}

var searchable = map[string]func(*Certificate) []string{
	"certificate_label": func(c *Certificate) []string { return []string{c.Label} },
	"description":       func(c *Certificate) []string { return []string{c.description()} },
	"id":                func(c *Certificate) []string { return []string{strconv.FormatInt(c.ID, 10)} },
	"domain_names": func(c *Certificate) (names []string) {
		for _, d := range c.Domains {
			names = append(names, d.Name)
		}
		return names
	},
}

// wild reports whether text matches a pattern in which only * is special.
func wild(pattern, text string) bool {
	quoted := strings.NewReplacer(`\`, `\\`, "[", `\[`, "?", `\?`).Replace(strings.ToLower(pattern))
	ok, err := path.Match(strings.ReplaceAll(quoted, "/", "\x00"), strings.ReplaceAll(strings.ToLower(text), "/", "\x00"))
	return err == nil && ok
}

// order sorts by the sort parameter. A bare name is descending and a leading
// "-" is ascending (cps-api, section 4.8); the default is descending by id.
func order(found []*Certificate, query url.Values) error {
	name, ascending := strings.CutPrefix(query.Get("sort"), "-")
	if !query.Has("sort") {
		name = "id"
	}
	var compare func(a, b *Certificate) int
	switch name {
	case "id":
		compare = func(a, b *Certificate) int { return cmp.Compare(a.ID, b.ID) }
	case "certificate_label":
		compare = func(a, b *Certificate) int { return strings.Compare(a.Label, b.Label) }
	case "description":
		compare = func(a, b *Certificate) int { return strings.Compare(a.description(), b.description()) }
	default:
		return invalid("sort", "This must be certificate_label, description or id, with or without a leading -.")
	}
	slices.SortFunc(found, func(a, b *Certificate) int { // no two have one id
		if ascending {
			a, b = b, a
		}
		return cmp.Or(compare(b, a), cmp.Compare(b.ID, a.ID))
	})
	return nil
}

func (c *Certificate) description() string {
	if c.Description == nil {
		return ""
	}
	return *c.Description
}
