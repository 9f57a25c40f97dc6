// Package githubtest is a GitHub of one repository, in memory: pull requests and their
// comments, pages, rights, limits and faults. It shares nothing with the client, so
// that it can disagree.
package githubtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// Token is what a request has to authenticate with.
const Token = "ghs_0123456789abcdef"

// Workflow is who comments with the token of a workflow.
const Workflow = "github-actions[bot]"

// MostBody is how many characters a comment may have.
const MostBody = 65536

// Server is the simulated GitHub. Its exported fields are set before it is used.
type Server struct {
	Repository string // "owner/name"
	Me         string // who comments with Token
	User       bool   // Me is a user, who may be asked for
	ReadOnly   bool   // Token may not comment: that of a fork
	PageSize   int    // at most so many entries a page, whatever is asked for; 0 means 100
	Sleep      func(time.Duration)

	mu       sync.Mutex
	pulls    map[int]*Pull
	comments []*Comment
	issues   []*Issue
	last     int64
	faults   []*Fault
	log      []string
}

// Pull is a pull request.
type Pull struct {
	Number  int
	Head    string
	Merged  bool
	Commit  string   // the commit it was merged as
	Commits []string // others that belong to it
}

// Comment is a comment on a pull request.
type Comment struct {
	ID           int64
	Pull         int
	Author, Body string
}

// Issue is an issue.
type Issue struct {
	Number              int
	Title, Body, Author string
	Open                bool
}

// Issues returns the issues, the oldest first.
func (s *Server) Issues() []Issue {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Issue
	for _, i := range s.issues {
		all = append(all, *i)
	}
	return all
}

// OpenIssue opens an issue, whoever may, and returns its number.
func (s *Server) OpenIssue(author, title, body string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addIssue(author, title, body).Number
}

// CloseIssue closes an issue, whoever may.
func (s *Server) CloseIssue(number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.issues {
		if i.Number == number {
			i.Open = false
		}
	}
}

func (s *Server) addIssue(author, title, body string) *Issue {
	s.last++
	i := &Issue{int(s.last) + 1000, title, body, author, true}
	s.issues = append(s.issues, i)
	return i
}

// New returns a GitHub without pull requests, on which the token is a workflow's.
func New(repository string) *Server {
	return &Server{Repository: repository, Me: Workflow, pulls: map[int]*Pull{}, Sleep: time.Sleep}
}

// Open adds a pull request, or moves the head of one.
func (s *Server) Open(number int, head string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pulls[number] = &Pull{Number: number, Head: head}
}

// Merge merges a pull request as a commit.
func (s *Server) Merge(number int, commit string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pulls[number].Merged, s.pulls[number].Commit = true, commit
}

// AddComment adds a comment, whoever may.
func (s *Server) AddComment(number int, author, body string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.add(number, author, body).ID
}

func (s *Server) add(number int, author, body string) *Comment {
	s.last++
	c := &Comment{s.last, number, author, body}
	s.comments = append(s.comments, c)
	return c
}

// Comments returns the comments of a pull request, the oldest first.
func (s *Server) Comments(number int) []Comment {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Comment
	for _, c := range s.comments {
		if c.Pull == number {
			all = append(all, *c)
		}
	}
	return all
}

// Requests returns what was asked, one "GET /path" each, without the part of the
// path that names the repository.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.log...)
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
		return
	}
	f.serve(s, w, r)
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
