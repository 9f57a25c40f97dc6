package main

import (
	"fmt"

	"github.com/cpsync/cpsync/internal/apply"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/journal"
	"github.com/cpsync/cpsync/internal/plan"
)

// openJournal reads what --journal holds. An apply also keeps the file for itself; a
// plan only looks.
func (s *session) openJournal() (err error) {
	if s.o.journal == "" {
		return nil
	}
	if !s.o.apply {
		s.entries, err = journal.Read(s.o.journal, s.target.api)
		return err
	}
	if s.journal, err = journal.Open(s.o.journal, s.target.api, s.target.now); err != nil {
		return err
	}
	s.entries = s.journal.Holding()
	return nil
}

// closeJournal gives the journal back. A line that could not be written is a failed
// output: the write it is about was made.
func (s *session) closeJournal() {
	if s.journal == nil {
		return
	}
	if err := s.journal.Close(); err != nil {
		s.ending.outputFailed = true
		s.talk.Error(err.Error())
	}
}

// trail is where an apply notes its writes; nil without --journal.
func (s *session) trail() apply.Journal {
	if s.journal == nil {
		return nil
	}
	return s.journal
}

// inJournal reports whether the journal holds an order of the request, so that its
// status has to be read.
func (s *session) inJournal(id cert.ID) bool {
	for _, e := range s.entries {
		if e.ID == id {
			return true
		}
	}
	return false
}

// held are the requests whose order no reading has shown so far. What a reading does
// show is noted in the journal of an apply, however the request looks later.
func (s *session) held(pairs []plan.Pair) map[cert.ID]plan.Hold {
	have := map[cert.ID]cert.Live{}
	for _, p := range pairs {
		if p.Found && p.Err == nil {
			have[p.Want.ID] = p.Have
		}
	}
	held := map[cert.ID]plan.Hold{}
	for _, e := range s.entries {
		live, read := have[e.ID]
		switch {
		case !read || !plan.TookEffect(e.Operation, e.Before, live):
			held[e.ID] = plan.Hold{Kind: e.Operation.Kind, Sent: e.Time, Line: fmt.Sprintf("%s:%d", s.o.journal, e.Line)}
		case s.journal != nil:
			s.journal.Seen(e)
		}
	}
	return held
}
