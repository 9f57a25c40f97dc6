package explore

import (
	"fmt"
	"os"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/journal"
	"github.com/cpsync/cpsync/internal/plan"
	stages "github.com/cpsync/cpsync/internal/run"
)

// killed is the panic that stands for the end of a process.
type killed struct{}

// moment is one at which the process may be killed.
func (u *run) moment(kind string) {
	if u.dead.Load() {
		panic(killed{})
	}
	if n := u.passed[kind].Add(1); u.kill == kind && int(n) == u.killAt {
		u.dead.Store(true)
		panic(killed{})
	}
}

func (u *run) alive() {
	if u.dead.Load() {
		panic(killed{})
	}
}

// mortal is the journal of a process that may be killed.
type mortal struct {
	stages.JournalWriter
	u *run
}

func (m mortal) Before(op plan.Operation, id cert.ID, have cert.Live) (string, error) {
	m.u.alive()
	return m.JournalWriter.Before(op, id, have)
}

func (m mortal) After(write, outcome string, have cert.Live) {
	m.u.alive()
	m.JournalWriter.After(write, outcome, have)
}

func (m mortal) Seen(write string) {
	m.u.alive()
	m.JournalWriter.Seen(write)
}

func (m mortal) Refused(write, answer string) {
	m.u.alive()
	m.JournalWriter.Refused(write, answer)
}

func (m mortal) Settle(e journal.Entry, by string) error {
	m.u.settles(e)
	return m.JournalWriter.Settle(e, by)
}

// tear leaves the half of a line that a crash cuts off.
func (u *run) tear() {
	if u.journal == "" || !u.torn {
		return
	}
	f, err := os.OpenFile(u.journal, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return // it had not come so far
	}
	_, _ = fmt.Fprint(f, `{"time":"2026-11-`)
	_ = f.Close()
}
