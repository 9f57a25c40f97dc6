package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/jsontext"
	"github.com/cpsync/cpsync/internal/plan"
)

// Read returns the History of a journal without a lock. A missing file has none.
func Read(path, api string) (h History, err error) {
	data, err := whole(path)
	if errors.Is(err, fs.ErrNotExist) {
		return History{}, nil
	}
	if err == nil {
		h, err = historyOf(data, api)
	}
	if err != nil {
		return History{}, fmt.Errorf("journal %s: %w", path, err)
	}
	return h, nil
}

// historyOf reads the lines of a journal. It skips those of other targets, and an outcome without a
// write: a person may have removed the first line of the write.
func historyOf(data []byte, api string) (h History, err error) {
	writes := map[string]*Entry{} // the last of that name
	at := 0
	for text := range bytes.Lines(data) {
		at++
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		l, err := parse(text)
		switch e, known := writes[l.Write]; {
		case err != nil || l.API != api:
		case l.Applied:
			h.Applied = l.Time
		case l.Before != nil && len(h.all) == mostWrites:
			return History{}, errMany
		case l.Before != nil:
			var first Entry
			first, err = l.toEntry(at)
			writes[l.Write], h.all = &first, append(h.all, &first)
		case known:
			if e.Outcome = l.Outcome; l.Outcome == notConvergedInLine {
				e.Outcome = notConverged
			}
			e.OutcomeAt, e.Refused = l.Time, l.Refused
			if l.Shown != nil {
				e.Shown = l.Shown
			}
		}
		if err != nil {
			return History{}, fmt.Errorf("line %d: %w; fix that line", at, err)
		}
	}
	for _, e := range h.all {
		if e.Operation.Order() && !harmless[e.Outcome] {
			h.Pending = append(h.Pending, *e)
		}
	}
	h.Refused = refusals(h.all)
	return h, nil
}

// mostJournal is the size, in bytes, of the largest journal that is read: years of writes.
const mostJournal = 32 << 20

// mostWrites is how many writes a journal may hold: three for each of a fleet of 10,000.
const mostWrites = 30_000

// whole reads the file, up to a last line that a crash cut off. It refuses a pipe or a device, which
// may have no end, and does not block when it opens one.
func whole(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, ErrNoFile
	case info.Size() > mostJournal:
		return nil, errLarge
	}
	data, err := io.ReadAll(io.LimitReader(f, mostJournal+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > mostJournal:
		return nil, errLarge
	}
	return withoutTorn(data)
}

var (
	// ErrNoFile: the path is a directory or a device.
	ErrNoFile = errors.New("it is not a regular file")
	errMany   = fmt.Errorf("it holds more than %d writes; keep the lines of the last year", mostWrites)
	errLarge  = fmt.Errorf("it is larger than %d MiB; keep the lines of the last year", mostJournal>>20)
)

// withoutTorn removes a last line that a crash cut off: nothing was sent after it. A whole
// last line without a line break, as some editors leave it, stays.
func withoutTorn(data []byte) ([]byte, error) {
	end := bytes.LastIndexByte(data, '\n') + 1
	last := data[end:]
	// What a crash leaves of a line is its beginning, or zero bytes. Any other text was not
	// written by cpsync.
	const line = `{"time":"`
	n := min(len(last), len(line))
	begun := string(last[:n]) == line[:n] || len(bytes.Trim(last, "\x00")) == 0
	switch {
	case bytes.ContainsRune(last, '\r'):
		return nil, errors.New("its lines end in CR alone, or its last one does; end each with LF")
	case json.Valid(last):
		return data, nil
	case !begun:
		return nil, errors.New("its last line is not the beginning of a line of a journal")
	default:
		return data[:end], nil
	}
}

// parse reads a line. It ignores unknown members, which a later version may have added. A
// missing member is an error, because the line may be a pending order.
func parse(text []byte) (l line, err error) {
	if err := jsontext.Decode(text, &l); err != nil {
		return l, fmt.Errorf("it is not a line of a journal: %w", err)
	}
	applied := l.Applied && l.Write == "" && l.Before == nil && l.Outcome == ""
	if l.API == "" || !applied && (l.Write == "" || (l.Before == nil) == (l.Outcome == "")) {
		return l, errors.New("it is not a line of a journal: it says no API, no write, or not exactly one of before and outcome")
	}
	return l, nil
}

// History is the writes of earlier runs.
type History struct {
	// Pending holds the orders that may have been placed and that no reading has shown, oldest first.
	Pending []Entry
	// Refused holds the writes that the API rejected when they were last sent.
	Refused map[cert.ID][]plan.Refusal

	// Applied is when an apply last came to its end, or zero.
	Applied time.Time

	all []*Entry
}

// Writes returns the writes to a request, oldest first.
func (h History) Writes(id cert.ID) (all []Entry) {
	for _, e := range h.all {
		if e.ID == id {
			all = append(all, *e)
		}
	}
	return all
}

// Own returns the writes of a client, by request: those after which a reading named it as the
// last to change the request.
func (h History) Own(client string) map[cert.ID][]plan.Own {
	own := map[cert.ID][]plan.Own{}
	for _, e := range h.all {
		if client != "" && e.Shown != nil && e.Shown.By == client && !e.Shown.Modified.IsZero() {
			own[e.ID] = append(own[e.ID], plan.Own{Before: e.Before.Modified, After: e.Shown.Modified, Metadata: e.Metadata})
		}
	}
	return own
}

// Ordered returns when the last order of each request was sent that the journal does not say
// to have been refused, held back or never placed.
func (h History) Ordered() map[cert.ID]time.Time {
	at := map[cert.ID]time.Time{}
	for _, e := range h.all {
		placed := e.Outcome == seenLater || !harmless[e.Outcome]
		if e.Operation.Order() && placed && e.Time.After(at[e.ID]) {
			at[e.ID] = e.Time
		}
	}
	return at
}

// Pending splits the pending orders of the journal at path by what was read of the account: those that are
// still pending, by request, and those that a reading shows. A request that was not read shows nothing.
func Pending(path string, entries []Entry, pairs []plan.Pair) (orders map[cert.ID]plan.PendingOrder, shown []Entry) {
	orders = map[cert.ID]plan.PendingOrder{}
	for _, e := range entries {
		shows := slices.ContainsFunc(pairs, func(p plan.Pair) bool {
			return p.Want.ID == e.ID && p.Found && p.Err == nil && plan.TookEffect(e.Operation, e.Before, p.Have)
		})
		if shows {
			shown = append(shown, e)
		} else {
			order := plan.PendingOrder{Kind: e.Operation.Kind, Sent: e.Time, Line: fmt.Sprintf("%s:%d", path, e.Line)}
			if accepted[e.Outcome] {
				order.Answered = e.OutcomeAt
			}
			if before, ok := orders[e.ID]; !ok || !before.Answered.IsZero() { // a lost answer counts more
				orders[e.ID] = order
			}
		}
	}
	return orders, shown
}

// refusals returns the writes that the API rejected when they were last sent, by request.
func refusals(all []*Entry) map[cert.ID][]plan.Refusal {
	last := map[string]*Entry{}
	for _, e := range all {
		last[e.ID.String()+" "+e.Operation.Kind.String()+" "+strings.Join(e.Asked, " ")] = e
	}
	refused := map[cert.ID][]plan.Refusal{}
	for _, e := range last {
		if e.Outcome == failed && e.Refused != "" {
			refused[e.ID] = append(refused[e.ID], plan.Refusal{
				Kind: e.Operation.Kind, Asked: e.Asked, At: e.Time, Answer: e.Refused,
				Status: e.Before.Status, Order: e.Before.Order, Domains: e.line.Before.Domains,
			})
		}
	}
	for _, of := range refused {
		slices.SortFunc(of, func(a, b plan.Refusal) int { return b.At.Compare(a.At) })
	}
	return refused
}
