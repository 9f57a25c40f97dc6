package sandbox

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// maxPage is the default and the limit of page_size (cps-api, section 4.8).
const maxPage = 20

// list answers GET /certificates (cps-api, sections 3.1 and 4.8).
func (s *Server) list(q *request, _ *world.Certificate) (any, error) {
	page, size := 1, maxPage
	for name, into := range map[string]*int{"page": &page, "page_size": &size} {
		if !q.query.Has(name) {
			continue
		}
		n, err := strconv.Atoi(q.query.Get(name))
		if err != nil || n < 1 {
			return nil, invalid(name, "This must be a whole number, counted from 1.")
		}
		*into = n
	}
	size = min(size, maxPage)
	found, err := s.found(q.query)
	if err != nil {
		return nil, err
	}
	pages := max((len(found)+size-1)/size, 1)
	from := min((min(page, pages+1)-1)*size, len(found))
	if q.shifted && page > 1 {
		from = max(from-1, 0)
	}
	found, total := found[from:min(from+size, len(found))], len(found)
	shapes := make([]certificateShape, 0, len(found))
	for _, c := range found {
		shapes = append(shapes, s.shape(c))
	}
	answer := collection(q, shapes)
	answer["total_items"] = total
	answer["@links"] = links(q.query, page, size, pages)
	return answer, nil
}

func collection[T any](q *request, items []T) object {
	return object{"@id": q.public(), "@type": "Collection", "items": append([]T{}, items...), "total_items": len(items)}
}

// links returns the links to other pages; next is missing on the last page and
// previous on the first (cps-api, section 12.1).
func links(query url.Values, page, size, pages int) object {
	links := object{}
	for name, to := range map[string]int{"first": 1, "previous": page - 1, "next": page + 1, "last": pages} {
		if to < 1 || name == "next" && to > pages {
			continue
		}
		values := url.Values{"page": {strconv.Itoa(to)}, "page_size": {strconv.Itoa(size)}}
		for _, kept := range []string{"query", "sort"} {
			if query.Has(kept) {
				values.Set(kept, query.Get(kept))
			}
		}
		links[name] = object{"href": "/v2.0/certificates?" + values.Encode()}
	}
	return links
}

// listed is what the last list held, for its search and order. It holds until the world
// changes. Without it a run on 10,000 certificates takes a tenth longer.
type listed struct {
	query string
	found []*world.Certificate
}

// found returns the certificates that match the query parameter field:value, where * is a
// wildcard, upper and lower case are alike. Sort "id", or its default, is descending and "-id"
// is ascending (cps-api, section 4.8). cpsync sorts by nothing else.
func (s *Server) found(query url.Values) ([]*world.Certificate, error) {
	asked := fmt.Sprintf("%q", [][]string{query["query"], query["sort"]})
	if s.listed.query == asked {
		return s.listed.found, nil
	}
	field, value, ok := strings.Cut(query.Get("query"), ":")
	texts, known := searchable[field]
	pattern, err := regexp.Compile("(?is)^" + strings.ReplaceAll(regexp.QuoteMeta(value), `\*`, ".*") + "$")
	if query.Has("query") && (!ok || !known || value == "" || err != nil) {
		return nil, invalid("query", "This must be certificate_label, description, id or domain_names, a colon and a value.")
	}
	name, ascending := strings.CutPrefix(query.Get("sort"), "-")
	if query.Has("sort") && name != "id" {
		return nil, invalid("sort", "This must be id, with or without a leading -.")
	}
	found := make([]*world.Certificate, 0, len(s.world.Certificates))
	for i := range s.world.Certificates {
		c := &s.world.Certificates[i]
		if s.deleted(c) && s.world.Switches.DeletedListed != "yes" {
			continue
		}
		if !query.Has("query") || slices.ContainsFunc(texts(c), pattern.MatchString) {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *world.Certificate) int {
		if ascending {
			a, b = b, a
		}
		return cmp.Compare(b.ID, a.ID)
	})
	s.listed = listed{asked, found}
	return found, nil
}

var searchable = map[string]func(*world.Certificate) []string{
	"certificate_label": func(c *world.Certificate) []string { return []string{c.Label} },
	"description":       func(c *world.Certificate) []string { return []string{text(c.Description)} },
	"id":                func(c *world.Certificate) []string { return []string{strconv.FormatInt(c.ID, 10)} },
	"domain_names": func(c *world.Certificate) (names []string) {
		for _, d := range c.Domains {
			names = append(names, d.Name)
		}
		return names
	},
}

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
