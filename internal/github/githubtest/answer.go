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

// route answers a request: with an object, with a list, of which a page is sent, or with nothing.
type route func(r *http.Request) (status int, body any)

type object = map[string]any

// routes are the few calls there are.
func (s *Server) routes() map[string]route {
	repository := "/repos/" + s.Repository
	return map[string]route{
		"GET /user": func(*http.Request) (int, any) {
			if !s.User {
				return forbidden()
			}
			return http.StatusOK, object{"login": s.Me, "type": "User"}
		},
		"GET " + repository + "/pulls/{n}": func(r *http.Request) (int, any) {
			if p := s.pulls[number(r)]; p != nil {
				return http.StatusOK, pullJSON(p)
			}
			return notFound(r)
		},
		"GET " + repository + "/commits/{commit}/pulls": s.pullsOf,
		"GET " + repository + "/issues/{n}/comments":    s.listComments,
		"POST " + repository + "/issues/{n}/comments": func(r *http.Request) (int, any) {
			is, ok := read(r)
			switch {
			case !ok || is.Body == "":
				return invalid()
			case s.pulls[number(r)] == nil:
				return notFound(r)
			}
			return http.StatusCreated, s.commentJSON(s.add(number(r), s.Me, is.Body))
		},
		"PATCH " + repository + "/issues/comments/{n}":  s.edit,
		"DELETE " + repository + "/issues/comments/{n}": s.remove,
		"GET " + repository + "/issues":                 s.listIssues,
		"POST " + repository + "/issues": func(r *http.Request) (int, any) {
			is, ok := read(r)
			if !ok || is.Title == "" {
				return invalid()
			}
			return http.StatusCreated, issueJSON(s.addIssue(s.Me, is.Title, is.Body))
		},
		"PATCH " + repository + "/issues/{n}": s.editIssue,
		"/":                                   notFound,
	}
}

// answer serves a request of who may make it.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mux := http.NewServeMux()
	for pattern, serve := range s.routes() {
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

func invalid() (int, any) {
	return http.StatusUnprocessableEntity, object{"message": "Validation Failed"}
}

func forbidden() (int, any) {
	return http.StatusForbidden, object{"message": "Resource not accessible by integration"}
}

// number is the number in the path.
func number(r *http.Request) int { return numberOf(r.PathValue("n")) }

func numberOf(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// page is one page of a list, and says in w where the next is.
func (s *Server) page(w http.ResponseWriter, r *http.Request, all []any) []any {
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
		w.Header().Set("Link", fmt.Sprintf(`<http://%s%s?%s>; rel="next"`, r.Host, r.URL.Path, query.Encode()))
	}
	return all[from:to]
}

func (s *Server) pullsOf(r *http.Request) (int, any) {
	all, commit := []any{}, r.PathValue("commit")
	for _, n := range slices.Sorted(maps.Keys(s.pulls)) {
		if p := s.pulls[n]; p.Commit == commit || p.Head == commit || slices.Contains(p.Commits, commit) {
			all = append(all, pullJSON(p))
		}
	}
	return http.StatusOK, all
}

func pullJSON(p *Pull) object {
	m := object{"number": p.Number, "head": object{"sha": p.Head}, "merged_at": nil, "merge_commit_sha": p.Commit}
	if p.Merged {
		m["merged_at"] = "2026-11-22T09:00:00Z"
	}
	return m
}

func (s *Server) listComments(r *http.Request) (int, any) {
	if s.pulls[number(r)] == nil {
		return notFound(r)
	}
	all := []any{}
	for _, c := range s.comments {
		if c.Pull == number(r) {
			all = append(all, s.commentJSON(c))
		}
	}
	return http.StatusOK, all
}

func (s *Server) edit(r *http.Request) (int, any) {
	is, ok := read(r)
	at := s.find(r)
	switch {
	case !ok || is.Body == "":
		return invalid()
	case at < 0:
		return notFound(r)
	case s.comments[at].Author != s.Me:
		return forbidden()
	}
	s.comments[at].Body = is.Body
	return http.StatusOK, s.commentJSON(s.comments[at])
}

func (s *Server) remove(r *http.Request) (int, any) {
	at := s.find(r)
	if at < 0 {
		return notFound(r)
	}
	s.comments = slices.Delete(s.comments, at, at+1)
	return http.StatusNoContent, nil
}

// find returns where the comment in the path is, or -1.
func (s *Server) find(r *http.Request) int {
	return slices.IndexFunc(s.comments, func(c *Comment) bool { return c.ID == int64(number(r)) })
}

// sent is the text of a comment or an issue.
type sent struct{ Title, Body, State string }

// read reads what was sent, and refuses what is too long.
func read(r *http.Request) (is sent, ok bool) {
	data, err := io.ReadAll(r.Body)
	ok = err == nil && json.Unmarshal(data, &is) == nil && len(is.Title) <= 256 && utf8.RuneCountInString(is.Body) <= MostBody
	return is, ok
}

func (s *Server) commentJSON(c *Comment) object {
	url := fmt.Sprintf("https://github.example/%s/pull/%d#issuecomment-%d", s.Repository, c.Pull, c.ID)
	return object{"id": c.ID, "body": c.Body, "html_url": url, "user": object{"login": c.Author}}
}

// listIssues answers issues and, as GitHub does, pull requests among them.
func (s *Server) listIssues(r *http.Request) (int, any) {
	all := []any{}
	for _, n := range slices.Sorted(maps.Keys(s.pulls)) {
		all = append(all, object{"number": n, "state": "open", "user": object{"login": s.Me}, "pull_request": object{"url": "x"}})
	}
	query := r.URL.Query()
	for _, i := range s.issues {
		if creator := query.Get("creator"); (creator == "" || creator == i.Author) && (query.Get("state") == "all" || i.Open) {
			all = append(all, issueJSON(i))
		}
	}
	return http.StatusOK, all
}

func (s *Server) editIssue(r *http.Request) (int, any) {
	is, ok := read(r)
	at := slices.IndexFunc(s.issues, func(i *Issue) bool { return i.Number == number(r) })
	switch {
	case !ok || is.Title == "":
		return invalid()
	case at < 0:
		return notFound(r)
	}
	i := s.issues[at]
	i.Title, i.Body, i.Open = is.Title, is.Body, is.State == "open"
	return http.StatusOK, issueJSON(i)
}

func issueJSON(i *Issue) object {
	state := map[bool]string{true: "open", false: "closed"}[i.Open]
	return object{"number": i.Number, "title": i.Title, "body": i.Body, "state": state,
		"html_url": fmt.Sprintf("https://github.example/issues/%d", i.Number), "user": object{"login": i.Author}}
}
