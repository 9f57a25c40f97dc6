package githubtest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// Fault is something that goes wrong with requests of a kind.
type Fault struct {
	Call  string // how "METHOD /path" begins; "" is every request
	Skip  int    // so many of them pass before
	Times int    // so many are struck; 0 means 1, -1 all

	Delay    time.Duration     // before anything else
	Do       func()            // what happens meanwhile: another job, a push
	After    bool              // the request is applied all the same
	Status   int               // answered in place of the answer; 0: see Lost
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
	if f.Delay > 0 {
		s.Sleep(f.Delay)
	}
	if f.Do != nil {
		f.Do()
	}
	spoilt := f.NoAnswer || f.Status != 0
	switch {
	case !spoilt:
		s.answer(w, r)
		return
	case f.After:
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
