package githubtest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"
)

const (
	mostTitle = 256   // bytes
	mostBody  = 65536 // characters
)

// route answers a request: with an object, with a list, of which a page is sent, or with nothing.
type route func(r *http.Request) (status int, body any)

type object = map[string]any

// answer serves a request of who may make it.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	repository, mux := "/repos/"+s.Repository, http.NewServeMux()
	for pattern, serve := range map[string]route{
		"GET /user":                                     s.user,
		"GET " + repository + "/pulls/{n}":              s.pull,
		"GET " + repository + "/commits/{commit}/pulls": s.pullsOf,
		"GET " + repository + "/issues/{n}/comments":    s.listComments,
		"POST " + repository + "/issues/{n}/comments":   s.create,
		"PATCH " + repository + "/issues/comments/{c}":  s.edit,
		"DELETE " + repository + "/issues/comments/{c}": s.remove,
		"GET " + repository + "/issues":                 s.listIssues,
		"POST " + repository + "/issues":                s.create,
		"PATCH " + repository + "/issues/{n}":           s.edit,
		"/":                                             notFound,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			status, body := serve(r)
			if list, ok := body.([]any); ok {
				body = s.page(w, r, list)
			}
			reply(w, status, body)
		})
	}
	switch {
	case r.Header.Get("Authorization") != "Bearer "+Token:
		reply(w, http.StatusUnauthorized, object{"message": "Bad credentials"})
	case r.Method != http.MethodGet && s.ReadOnly:
		status, body := forbidden()
		reply(w, status, body)
	default:
		mux.ServeHTTP(w, r)
	}
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if body != nil {
		_ = json.NewEncoder(w).Encode(body)
	}
}

func notFound(*http.Request) (int, any) { return http.StatusNotFound, object{"message": "Not Found"} }

func forbidden() (int, any) {
	return http.StatusForbidden, object{"message": "Resource not accessible by integration"}
}

// number is a number in the path or the query, or 0.
func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

// page is one page of a list. It says in w where the next is.
func (s *Server) page(w http.ResponseWriter, r *http.Request, all []any) []any {
	query := r.URL.Query()
	size := number(query.Get("per_page"))
	if size == 0 {
		size = 30
	}
	if s.PageSize > 0 {
		size = min(size, s.PageSize)
	}
	page := max(number(query.Get("page")), 1)
	from, to := min((page-1)*size, len(all)), min(page*size, len(all))
	if to < len(all) {
		query.Set("page", strconv.Itoa(page+1))
		w.Header().Set("Link", fmt.Sprintf(`<http://%s%s?%s>; rel="next"`, r.Host, r.URL.Path, query.Encode()))
	}
	return all[from:to]
}

func (s *Server) user(*http.Request) (int, any) {
	if !s.User {
		return forbidden()
	}
	return http.StatusOK, object{"login": s.Me, "type": "User"}
}

func (s *Server) pull(r *http.Request) (int, any) {
	p := s.pulls[number(r.PathValue("n"))]
	if p == nil {
		return notFound(r)
	}
	return http.StatusOK, p.json()
}

func (s *Server) pullsOf(r *http.Request) (int, any) {
	all, commit := []any{}, r.PathValue("commit")
	for _, n := range slices.Sorted(maps.Keys(s.pulls)) {
		if p := s.pulls[n]; p.commit == commit || p.head == commit {
			all = append(all, p.json())
		}
	}
	return http.StatusOK, all
}

func (p *pull) json() object {
	m := object{"number": p.number, "head": object{"sha": p.head}, "merged_at": nil, "merge_commit_sha": p.commit}
	if p.merged {
		m["merged_at"] = "2026-11-22T09:00:00Z"
	}
	return m
}

func (s *Server) listComments(r *http.Request) (int, any) {
	n, all := number(r.PathValue("n")), []any{}
	if s.pulls[n] == nil {
		return notFound(r)
	}
	for _, p := range s.posts {
		if p.Pull == n {
			all = append(all, p.json())
		}
	}
	return http.StatusOK, all
}

// listIssues answers issues and, as GitHub does, pull requests among them.
func (s *Server) listIssues(r *http.Request) (int, any) {
	all := []any{}
	for _, n := range slices.Sorted(maps.Keys(s.pulls)) {
		all = append(all, object{"number": n, "state": "open", "user": object{"login": s.Me}, "pull_request": object{"url": "x"}})
	}
	query := r.URL.Query()
	for _, p := range s.posts {
		if creator := query.Get("creator"); p.Pull == 0 && (creator == "" || creator == p.Author) && (query.Get("state") == "all" || p.Open) {
			all = append(all, p.json())
		}
	}
	return http.StatusOK, all
}

// create adds a comment to the pull request in the path, or an issue where there is none.
func (s *Server) create(r *http.Request) (int, any) {
	n := number(r.PathValue("n"))
	is, ok := read(r, n != 0)
	switch {
	case !ok:
		return http.StatusUnprocessableEntity, object{"message": "Validation Failed"}
	case n != 0 && s.pulls[n] == nil:
		return notFound(r)
	}
	return http.StatusCreated, s.add(Post{Pull: n, Author: s.Me, Title: is.Title, Body: is.Body}).json()
}

// edit replaces the texts of a comment or an issue.
func (s *Server) edit(r *http.Request) (int, any) {
	c := number(r.PathValue("c"))
	is, ok := read(r, c != 0)
	p := s.find(max(c, number(r.PathValue("n"))), c != 0)
	switch {
	case !ok:
		return http.StatusUnprocessableEntity, object{"message": "Validation Failed"}
	case p == nil:
		return notFound(r)
	case c != 0 && p.Author != s.Me:
		return forbidden()
	}
	p.Title, p.Body, p.Open = is.Title, is.Body, is.State == "open"
	return http.StatusOK, p.json()
}

func (s *Server) remove(r *http.Request) (int, any) {
	p := s.find(number(r.PathValue("c")), true)
	if p == nil {
		return notFound(r)
	}
	s.posts = slices.DeleteFunc(s.posts, func(o *Post) bool { return o == p })
	return http.StatusNoContent, nil
}

// sent is the text of a comment or an issue.
type sent struct{ Title, Body, State string }

// read reads what was sent, and refuses what is too long or lacks its text: of an issue, the title.
func read(r *http.Request, comment bool) (is sent, ok bool) {
	data, err := io.ReadAll(r.Body)
	ok = err == nil && json.Unmarshal(data, &is) == nil && len(is.Title) <= mostTitle && utf8.RuneCountInString(is.Body) <= mostBody
	return is, ok && (comment && is.Body != "" || !comment && is.Title != "")
}

func (p *Post) json() object {
	url := fmt.Sprintf("https://github.example/issues/%d", p.ID)
	if p.Pull != 0 {
		url = fmt.Sprintf("https://github.example/web/certs/pull/%d#issuecomment-%d", p.Pull, p.ID)
	}
	state := map[bool]string{true: "open", false: "closed"}[p.Open]
	return object{"id": p.ID, "number": p.ID, "title": p.Title, "body": p.Body, "state": state, "html_url": url, "user": object{"login": p.Author}}
}
