package githubtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"
)

// routes are the few calls there are.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for route, handle := range map[string]http.HandlerFunc{
		"GET /pulls/{n}":              s.one,
		"GET /commits/{commit}/pulls": s.pullsOf,
		"GET /issues/{n}/comments":    s.listComments,
		"POST /issues/{n}/comments":   s.create,
		"PATCH /issues/comments/{n}":  s.edit,
		"DELETE /issues/comments/{n}": s.remove,
		"GET /issues":                 s.listIssues,
		"POST /issues":                s.postIssue,
		"PATCH /issues/{n}":           s.editIssue,
		"/":                           notFound,
	} {
		mux.HandleFunc(route, handle)
	}
	top := http.NewServeMux()
	top.HandleFunc("GET /user", s.user)
	top.Handle("/repos/"+s.Repository+"/", http.StripPrefix("/repos/"+s.Repository, mux))
	top.HandleFunc("/", notFound)
	return top
}

// answer serves a request of who may make it.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r.Header.Get("Authorization") != "Bearer "+Token:
		refuse(w, http.StatusUnauthorized, "Bad credentials")
	case r.Method != http.MethodGet && s.ReadOnly:
		forbid(w)
	default:
		s.routes().ServeHTTP(w, r)
	}
}

// number is the number in the path.
func number(r *http.Request) int { return numberOf(r.PathValue("n")) }

func numberOf(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func (s *Server) user(w http.ResponseWriter, _ *http.Request) {
	if !s.User {
		forbid(w)
		return
	}
	reply(w, http.StatusOK, map[string]any{"login": s.Me, "type": "User"})
}

func (s *Server) one(w http.ResponseWriter, r *http.Request) {
	p := s.pulls[number(r)]
	if p == nil {
		notFound(w, r)
		return
	}
	reply(w, http.StatusOK, pullJSON(p))
}

func (s *Server) pullsOf(w http.ResponseWriter, r *http.Request) {
	all, commit := []any{}, r.PathValue("commit")
	for n := range len(s.pulls) + 1000 {
		if p := s.pulls[n]; p != nil && (p.Commit == commit || p.Head == commit || slices.Contains(p.Commits, commit)) {
			all = append(all, pullJSON(p))
		}
	}
	reply(w, http.StatusOK, all)
}

func pullJSON(p *Pull) map[string]any {
	m := map[string]any{"number": p.Number, "head": map[string]any{"sha": p.Head}, "merged_at": nil, "merge_commit_sha": p.Commit}
	if p.Merged {
		m["merged_at"] = "2026-11-22T09:00:00Z"
	}
	return m
}

func (s *Server) listComments(w http.ResponseWriter, r *http.Request) {
	if s.pulls[number(r)] == nil {
		notFound(w, r)
		return
	}
	all := []any{}
	for _, c := range s.comments {
		if c.Pull == number(r) {
			all = append(all, s.commentJSON(c))
		}
	}
	s.page(w, r, all)
}

// page answers one page of a list, and says where the next is.
func (s *Server) page(w http.ResponseWriter, r *http.Request, all []any) {
	query := r.URL.Query()
	size := numberOf(query.Get("per_page"))
	if size == 0 {
		size = 30
	}
	if s.PageSize > 0 {
		size = min(size, s.PageSize)
	}
	page := max(numberOf(query.Get("page")), 1)
	from, to := min((page-1)*size, len(all)), min(page*size, len(all))
	if to < len(all) {
		query.Set("page", strconv.Itoa(page+1))
		w.Header().Set("Link", fmt.Sprintf(`<http://%s/repos/%s%s?%s>; rel="next"`, r.Host, s.Repository, r.URL.Path, query.Encode()))
	}
	reply(w, http.StatusOK, all[from:to])
}

func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	is, ok := read(w, r, body)
	switch {
	case !ok:
	case s.pulls[number(r)] == nil:
		notFound(w, r)
	default:
		reply(w, http.StatusCreated, s.commentJSON(s.add(number(r), s.Me, is.Body)))
	}
}

func (s *Server) edit(w http.ResponseWriter, r *http.Request) {
	is, ok := read(w, r, body)
	at := s.find(r)
	switch {
	case !ok:
	case at < 0:
		notFound(w, r)
	case s.comments[at].Author != s.Me:
		forbid(w)
	default:
		s.comments[at].Body = is.Body
		reply(w, http.StatusOK, s.commentJSON(s.comments[at]))
	}
}

func (s *Server) remove(w http.ResponseWriter, r *http.Request) {
	at := s.find(r)
	if at < 0 {
		notFound(w, r)
		return
	}
	s.comments = slices.Delete(s.comments, at, at+1)
	w.WriteHeader(http.StatusNoContent)
}

// find returns where the comment in the path is, or -1.
func (s *Server) find(r *http.Request) int {
	return slices.IndexFunc(s.comments, func(c *Comment) bool { return c.ID == int64(number(r)) })
}

// sent is the text of a comment or an issue.
type sent struct{ Title, Body, State string }

// read reads what was sent, and refuses what lacks its text or is too long.
func read(w http.ResponseWriter, r *http.Request, text func(sent) string) (is sent, ok bool) {
	data, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(data, &is) != nil || text(is) == "" || len(is.Title) > 256 || utf8.RuneCountInString(is.Body) > MostBody {
		refuse(w, http.StatusUnprocessableEntity, "Validation Failed")
		return sent{}, false
	}
	return is, true
}

func body(s sent) string  { return s.Body }
func title(s sent) string { return s.Title }

func (s *Server) commentJSON(c *Comment) map[string]any {
	url := fmt.Sprintf("https://github.example/%s/pull/%d#issuecomment-%d", s.Repository, c.Pull, c.ID)
	return map[string]any{"id": c.ID, "body": c.Body, "html_url": url, "user": map[string]any{"login": c.Author}}
}

// listIssues answers issues and, as GitHub does, pull requests among them.
func (s *Server) listIssues(w http.ResponseWriter, r *http.Request) {
	all := []any{}
	for n := range len(s.pulls) + 1000 {
		if s.pulls[n] != nil {
			all = append(all, map[string]any{"number": n, "state": "open", "user": map[string]any{"login": s.Me}, "pull_request": map[string]any{"url": "x"}})
		}
	}
	query := r.URL.Query()
	for _, i := range s.issues {
		if creator := query.Get("creator"); (creator == "" || creator == i.Author) && (query.Get("state") == "all" || i.Open) {
			all = append(all, issueJSON(i))
		}
	}
	s.page(w, r, all)
}

func (s *Server) postIssue(w http.ResponseWriter, r *http.Request) {
	if is, ok := read(w, r, title); ok {
		reply(w, http.StatusCreated, issueJSON(s.addIssue(s.Me, is.Title, is.Body)))
	}
}

func (s *Server) editIssue(w http.ResponseWriter, r *http.Request) {
	is, ok := read(w, r, title)
	at := slices.IndexFunc(s.issues, func(i *Issue) bool { return i.Number == number(r) })
	switch {
	case !ok:
	case at < 0:
		notFound(w, r)
	default:
		i := s.issues[at]
		i.Title, i.Body, i.Open = is.Title, is.Body, is.State == "open"
		reply(w, http.StatusOK, issueJSON(i))
	}
}

func issueJSON(i *Issue) map[string]any {
	state := map[bool]string{true: "open", false: "closed"}[i.Open]
	return map[string]any{"number": i.Number, "title": i.Title, "body": i.Body, "state": state,
		"html_url": fmt.Sprintf("https://github.example/issues/%d", i.Number), "user": map[string]any{"login": i.Author}}
}

func notFound(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, "Not Found") }

func forbid(w http.ResponseWriter) {
	refuse(w, http.StatusForbidden, "Resource not accessible by integration")
}

func refuse(w http.ResponseWriter, status int, message string) {
	reply(w, status, map[string]any{"message": message})
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
