package manifest

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"unicode/utf8"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// fault is a problem without its subject, and a hint. The message is a predicate, and the
// reporter adds the subject. The zero fault is none.
type fault struct{ message, hint string }

func (f fault) none() bool { return f == fault{} }

const leaveOut = "Leave the key out: a key that is left out is not managed."

var notRegular = fault{"is not a regular file", "Name a file or a directory of files."}

// outsideTop is the fault of a file outside of the top. It quotes nothing of that file, which
// may be secret.
var outsideTop = fault{"leads out of the repository, or of the directory that stands for one, through a link, and is not read",
	"Put the file itself there, or name a directory that holds both: --root DIR"}

// unreadable returns the fault of a file or directory that cannot be read. Its message leaves
// out the path, which the place has.
func unreadable(err error) fault {
	if errors.Is(err, errOutside) {
		return outsideTop
	}
	hint := "Make it readable, or leave it out."
	if errors.Is(err, fs.ErrNotExist) {
		hint = "Check the spelling; paths start from the working directory, and a link needs a target."
	}
	return fault{"cannot be read: " + causeOf(err).Error(), hint}
}

// maxQuote is how many bytes of a value a message repeats.
const maxQuote = 80

// quote quotes what the user wrote, shortened to maxQuote.
func quote(s string) string {
	if len(s) <= maxQuote {
		return strconv.Quote(s)
	}
	end := maxQuote
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return strconv.Quote(s[:end]) + "…"
}

// The most listed problems of one manifest and of one file. More are only counted, because
// nobody reads them and each costs time.
const (
	mostProblems = 50
	mostInFile   = 1000
)

// problems holds the first problems of one text and counts the others.
type problems struct {
	most  int
	first []report.Problem
	more  int
	at    cert.Pos // of the first one only counted
}

// full reports whether the next problem is only counted.
func (p *problems) full() bool { return len(p.first) >= p.most }

// any reports whether there is a problem.
func (p *problems) any() bool { return len(p.first)+p.more > 0 }

func (p *problems) add(problem report.Problem) {
	switch {
	case !p.full():
		p.first = append(p.first, problem)
	case p.more == 0:
		p.at = problem.At
		fallthrough
	default:
		p.more++
	}
}

// all returns the listed problems, and one that counts the others.
func (p *problems) all() []report.Problem {
	if p.more == 0 {
		return p.first
	}
	return append(p.first[:len(p.first):len(p.first)], andMore(p.at, p.more))
}

func andMore(at cert.Pos, n int) report.Problem {
	text := fmt.Sprintf("and %d more problems from here on", n)
	if n == 1 {
		text = "and 1 more problem here"
	}
	return report.Problem{At: at, More: n, Message: text, Hint: "Fix the first ones, and look again."}
}

// problemsOf returns the problems of manifests. It adds one problem for each file that counts
// those of manifests beyond mostInFile.
func problemsOf(all []*manifest) []report.Problem {
	var list []report.Problem
	counted := map[string]problems{}
	for _, m := range all {
		if m.problems.most > 0 {
			list = append(list, m.problems.all()...)
		} else if m.problems.more > 0 {
			c, known := counted[m.file]
			if !known {
				c.at = m.problems.at
			}
			c.more += m.problems.more
			counted[m.file] = c
		}
	}
	for _, c := range counted {
		list = append(list, andMore(c.at, c.more))
	}
	return list
}
