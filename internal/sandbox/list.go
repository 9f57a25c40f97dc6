package sandbox

import (
	"net/http"
	"net/url"
	"strconv"
)

// maxPage is the default and the limit of page_size (cps-api, section 4.8).
const maxPage = 20

// list answers GET /certificates (cps-api, sections 3.1 and 4.8).
func (s *Server) list(q *request) (any, error) {
	page, size, err := s.page(q)
	if err != nil {
		return nil, err
	}
	found, err := s.found(q.query)
	if err != nil {
		return nil, err
	}
	pages := max((len(found)+size-1)/size, 1)
	if page > pages && s.world.Switches.PagePastEnd == "404" {
		return nil, refused(http.StatusNotFound, "page", "There are %d pages.", pages)
	}
	from := min((min(page, pages+1)-1)*size, len(found))
	if q.shifted && page > 1 {
		from = max(from-1, 0)
	}
	shapes := []certificateShape{}
	for _, c := range found[from:min(from+size, len(found))] {
		shapes = append(shapes, s.shape(c))
	}
	answer := collection(q, shapes)
	answer.TotalItems = len(found)
	answer.Links = links(q.query, page, size, pages)
	return answer, nil
}

// page reads page and page_size.
func (s *Server) page(q *request) (page, size int, err error) {
	page, size = 1, maxPage
	for name, into := range map[string]*int{"page": &page, "page_size": &size} {
		if !q.query.Has(name) {
			continue
		}
		n, err := strconv.Atoi(q.query.Get(name))
		if err != nil || n < 1 {
			return 0, 0, invalid(name, "This must be a whole number, counted from 1.")
		}
		*into = n
	}
	if size > maxPage {
		if s.world.Switches.PageSizeAbove20 == "400" {
			return 0, 0, invalid("page_size", "This must not be above %d.", maxPage)
		}
		size = maxPage
	}
	return page, size, nil
}

type link struct {
	Href string `json:"href"`
}

// links returns the links to other pages; next is missing on the last page and
// previous on the first (cps-api, section 12.1).
func links(query url.Values, page, size, pages int) map[string]link {
	to := func(page int) link {
		values := url.Values{"page": {strconv.Itoa(page)}, "page_size": {strconv.Itoa(size)}}
		for _, name := range []string{"query", "sort"} {
			if query.Has(name) {
				values.Set(name, query.Get(name))
			}
		}
		return link{"/v2.0/certificates?" + values.Encode()}
	}
	links := map[string]link{"first": to(1), "last": to(pages)}
	if page > 1 {
		links["previous"] = to(page - 1)
	}
	if page < pages {
		links["next"] = to(page + 1)
	}
	return links
}
