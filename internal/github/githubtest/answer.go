package githubtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// answer serves the few calls there are.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer "+Token {
		refuse(w, http.StatusUnauthorized, "Bad credentials")
		return
	}
	if r.URL.Path == "/user" {
		s.user(w)
		return
	}
	path, ours := strings.CutPrefix(r.URL.Path, "/repos/"+s.Repository+"/")
	if !ours {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	s.repository(w, r, strings.Split(path, "/"))
}

func (s *Server) user(w http.ResponseWriter) {
	if !s.User {
		refuse(w, http.StatusForbidden, "Resource not accessible by integration")
		return
	}
	reply(w, http.StatusOK, map[string]any{"login": s.Me, "type": "User"})
}

// repository serves what is below the repository.
func (s *Server) repository(w http.ResponseWriter, r *http.Request, at []string) {
	switch route := r.Method + " " + pattern(at); {
	case route == "GET pulls/N":
		s.one(w, number(at[1]))
	case route == "GET commits/X/pulls":
		s.pullsOf(w, at[1])
	case route == "GET issues/N/comments":
		s.list(w, r, number(at[1]))
	case route == "GET issues":
		s.listIssues(w, r)
	case r.Method != http.MethodGet && s.ReadOnly:
		refuse(w, http.StatusForbidden, "Resource not accessible by integration")
	case route == "POST issues":
		s.postIssue(w, r)
	case route == "PATCH issues/N":
		s.editIssue(w, r, number(at[1]))
	case route == "POST issues/N/comments":
		s.create(w, r, number(at[1]))
	case route == "PATCH issues/comments/N":
		s.edit(w, r, int64(number(at[2])))
	case route == "DELETE issues/comments/N":
		s.remove(w, int64(number(at[2])))
	default:
		refuse(w, http.StatusNotFound, "Not Found")
	}
}

// pattern is a path with its numbers and commits taken out.
func pattern(at []string) string {
	out := slices.Clone(at)
	for i, part := range out {
		switch {
		case i > 0 && out[i-1] == "commits":
			out[i] = "X"
		case number(part) > 0:
			out[i] = "N"
		}
	}
	return strings.Join(out, "/")
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func (s *Server) one(w http.ResponseWriter, number int) {
	p := s.pulls[number]
	if p == nil {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	reply(w, http.StatusOK, pullJSON(p))
}

func (s *Server) pullsOf(w http.ResponseWriter, commit string) {
	all := []any{}
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

// list answers a page, and says where the next is.
func (s *Server) list(w http.ResponseWriter, r *http.Request, pull int) {
	if s.pulls[pull] == nil {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	all := []any{}
	for _, c := range s.comments {
		if c.Pull == pull {
			all = append(all, s.commentJSON(c))
		}
	}
	s.page(w, r, all)
}

// page answers one page of a list, and says where the next is.
func (s *Server) page(w http.ResponseWriter, r *http.Request, all []any) {
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
	reply(w, http.StatusOK, all[from:to])
}

func (s *Server) create(w http.ResponseWriter, r *http.Request, pull int) {
	is, ok := read(w, r, body)
	switch {
	case !ok:
	case s.pulls[pull] == nil:
		refuse(w, http.StatusNotFound, "Not Found")
	default:
		reply(w, http.StatusCreated, s.commentJSON(s.add(pull, s.Me, is.Body)))
	}
}

func (s *Server) edit(w http.ResponseWriter, r *http.Request, id int64) {
	c := s.find(id)
	is, ok := read(w, r, body)
	switch {
	case !ok:
	case c == nil:
		refuse(w, http.StatusNotFound, "Not Found")
	case c.Author != s.Me:
		refuse(w, http.StatusForbidden, "Resource not accessible by integration")
	default:
		c.Body = is.Body
		reply(w, http.StatusOK, s.commentJSON(c))
	}
}

func (s *Server) remove(w http.ResponseWriter, id int64) {
	if s.find(id) == nil {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	s.comments = slices.DeleteFunc(s.comments, func(c *Comment) bool { return c.ID == id })
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) find(id int64) *Comment {
	for _, c := range s.comments {
		if c.ID == id {
			return c
		}
	}
	return nil
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

func refuse(w http.ResponseWriter, status int, message string) {
	reply(w, status, map[string]any{"message": message})
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
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

func (s *Server) editIssue(w http.ResponseWriter, r *http.Request, number int) {
	is, ok := read(w, r, title)
	at := slices.IndexFunc(s.issues, func(i *Issue) bool { return i.Number == number })
	switch {
	case !ok:
	case at < 0:
		refuse(w, http.StatusNotFound, "Not Found")
	default:
		i := s.issues[at]
		i.Title, i.Body, i.Open = is.Title, is.Body, is.State == "open"
		reply(w, http.StatusOK, issueJSON(i))
	}
}

func issueJSON(i *Issue) map[string]any {
	state := "closed"
	if i.Open {
		state = "open"
	}
	return map[string]any{"number": i.Number, "title": i.Title, "body": i.Body, "state": state,
		"html_url": fmt.Sprintf("https://github.example/issues/%d", i.Number), "user": map[string]any{"login": i.Author}}
}
