package sandbox

import "time"

// struck are the faults that befall one request.
type struck []Fault

// delay passes the time of the slow faults that strike at this moment.
func (fs struck) delay(when string, wait func(time.Duration) error) error {
	for _, f := range fs {
		if f.Name != "slow" || f.moment() != when {
			continue
		}
		d := time.Duration(f.For)
		if d == 0 {
			d = 30 * time.Second
		}
		if err := wait(d); err != nil {
			return err
		}
	}
	return nil
}

// replace returns the answer of the first fault that gives one at this moment.
func (fs struck) replace(s *Server, q *request, when string) (answer, bool) {
	for _, f := range fs {
		if replace := f.kind().replace; replace != nil && f.moment() == when {
			return replace(s, q, f), true
		}
	}
	return answer{}, false
}

// afterwards reports whether the answer was replaced after the write took effect.
func (fs struck) afterwards() bool {
	for _, f := range fs {
		if f.kind().replace != nil {
			return f.moment() == "after"
		}
	}
	return false
}

// moment returns whether f strikes before or after the write takes effect.
func (f Fault) moment() string {
	if f.Name == "drop-answer" || f.When == "after" {
		return "after"
	}
	return "before"
}

// kind returns the row of FaultTable.
func (f Fault) kind() FaultKind {
	for _, k := range FaultTable {
		if k.Name == f.Name {
			return k
		}
	}
	return FaultKind{}
}
