// Package githubtest is a GitHub of one repository, in memory: pull requests and their
// comments, issues, pages, rights, limits and faults. It shares nothing with the client, so
// that it can disagree.
package githubtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

// Token is what a request has to authenticate with.
const Token = "ghs_0123456789abcdef"

// Workflow is who comments with the token of a workflow.
const Workflow = "github-actions[bot]"

// Server is the simulated GitHub. Its exported fields are set before it is used.
type Server struct {
	Repository string // "owner/name"
	Me         string // who comments with Token
	User       bool   // Me is a user, who may be asked for
	ReadOnly   bool   // Token may not comment: that of a fork
	PageSize   int    // at most so many entries a page, whatever is asked for; 0 means 100

	mu     sync.Mutex
	pulls  map[int]*pull
	posts  []*Post // the oldest first
	last   int     // the ID of the last post
	faults []*Fault
	log    []string
}

type pull struct {
	number int
	head   string
	merged bool
	commit string // the commit it was merged as
}

// Post is a comment on a pull request, or an issue.
type Post struct {
	ID                  int // of an issue, its number
	Pull                int // 0: an issue
	Author, Title, Body string
	Open                bool
}

// New returns a GitHub without pull requests, on which the token is a workflow's.
func New(repository string) *Server {
	return &Server{Repository: repository, Me: Workflow, pulls: map[int]*pull{}}
}

// Open adds a pull request, or moves the head of one.
func (s *Server) Open(number int, head string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pulls[number] = &pull{number: number, head: head}
}

// Merge merges a pull request as a commit.
func (s *Server) Merge(number int, commit string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pulls[number].merged, s.pulls[number].commit = true, commit
}

// AddComment adds a comment, whoever may.
func (s *Server) AddComment(number int, author, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(Post{Pull: number, Author: author, Body: body})
}

// OpenIssue opens an issue, whoever may.
func (s *Server) OpenIssue(author, title, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(Post{Author: author, Title: title, Body: body})
}

func (s *Server) add(p Post) *Post {
	s.last++
	p.ID, p.Open = s.last, true
	if p.Pull == 0 {
		p.ID += 1000 // pull requests and issues are numbered together
	}
	s.posts = append(s.posts, &p)
	return &p
}

// CloseIssue closes an issue, whoever may.
func (s *Server) CloseIssue(number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.find(number, false).Open = false
}

// find returns the issue of a number, or the comment of an ID, or nil.
func (s *Server) find(id int, comment bool) *Post {
	i := slices.IndexFunc(s.posts, func(p *Post) bool { return p.ID == id && (p.Pull != 0) == comment })
	if i < 0 {
		return nil
	}
	return s.posts[i]
}

// Issues returns the issues, the oldest first.
func (s *Server) Issues() []Post { return s.Comments(0) }

// Comments returns the comments of a pull request, the oldest first.
func (s *Server) Comments(number int) (all []Post) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.posts {
		if p.Pull == number {
			all = append(all, *p)
		}
	}
	return all
}

// Requests returns what was asked, one "GET /path" each, without the part of the
// path that names the repository.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// ServeHTTP answers a request, or meets a fault.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	what := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/repos/"+s.Repository)
	s.mu.Lock()
	s.log = append(s.log, what)
	f := s.nextFault(what)
	s.mu.Unlock()
	if f == nil {
		s.answer(w, r)
	} else {
		f.serve(s, w, r)
	}
}

// RoundTrip serves a request inside the process, until its context ends. So a test
// can put the clock of the whole exchange into its own hands.
func (s *Server) RoundTrip(q *http.Request) (*http.Response, error) {
	recorder, done := httptest.NewRecorder(), make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("connection lost: %v", p)
			}
		}()
		s.ServeHTTP(recorder, q)
		done <- nil
	}()
	select {
	case err := <-done:
		if err != nil {
			return nil, err
		}
		response := recorder.Result()
		response.Request = q
		return response, nil
	case <-q.Context().Done():
		return nil, q.Context().Err()
	}
}

// Fault is something that goes wrong with requests of a kind.
type Fault struct {
	Call  string // how "METHOD /path" begins; "" is every request
	Skip  int    // so many of them pass before
	Times int    // so many are struck; 0 means 1, -1 all

	Delay    time.Duration     // before anything else
	Do       func()            // what happens meanwhile: another job, a push
	After    bool              // the request is applied all the same
	Status   int               // answered in place of the answer; 0: see NoAnswer
	NoAnswer bool              // the connection breaks off in place of the answer
	Header   map[string]string // of an answer with Status
	Body     string
}

// Strike adds a fault. Of several for a request the first is met.
func (s *Server) Strike(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults = append(s.faults, &f)
}

// nextFault returns the fault that a request meets, or nil.
func (s *Server) nextFault(what string) *Fault {
	for _, f := range s.faults {
		switch {
		case !strings.HasPrefix(what, f.Call) || f.Times == 0:
		case f.Skip > 0:
			f.Skip--
		default:
			f.Times--
			return f
		}
	}
	return nil
}

// serve lets a request meet the fault.
func (f *Fault) serve(s *Server, w http.ResponseWriter, r *http.Request) {
	time.Sleep(f.Delay)
	if f.Do != nil {
		f.Do()
	}
	if !f.NoAnswer && f.Status == 0 {
		s.answer(w, r)
		return
	}
	if f.After {
		s.answer(httptest.NewRecorder(), r)
	}
	if f.NoAnswer {
		panic(http.ErrAbortHandler)
	}
	for name, value := range f.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(f.Status)
	_, _ = w.Write([]byte(f.Body))
}
