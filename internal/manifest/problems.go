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

// A fault is what is wrong with something and what to do. The message is a
// predicate: whoever reports it puts the subject in front. The zero fault is none.
type fault struct{ message, hint string }

func (f fault) none() bool { return f == fault{} }

const leaveOut = "Leave the key out: a key that is left out is not managed."

var notRegular = fault{"is not a regular file", "Name a file or a directory of files."}

// outsideTop is the fault of a file outside of the top. It quotes nothing of the file, which
// may be secret.
var outsideTop = fault{"leads out of the repository, or of the directory that stands for one, through a link, and is not read",
	"Put the file itself there, or name a directory that holds both: --root DIR"}

// unreadable returns why a file or directory could not be read. The system's
// words without the path: the place says that already.
func unreadable(err error) fault {
	if errors.Is(err, errOutside) {
		return outsideTop
	}
	hint := "Make it readable, or leave it out."
	if errors.Is(err, fs.ErrNotExist) {
		hint = "Check the spelling; paths start from the working directory, and a link needs a target."
	}
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return fault{"cannot be read: " + err.Error(), hint}
}

// maxQuote is how many bytes of a value a message repeats.
const maxQuote = 80

// quote is %q of what the user wrote, cut when it is long.
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

// The most problems that are listed: of one manifest, and of one file. Of the manifests that
// follow in such a file, problems are only counted. Nobody reads more, and each costs time.
const (
	mostProblems = 50
	mostInFile   = 1000
)

// problems are the first of what is wrong with one text, and how many more there are.
type problems struct {
	most  int
	first []report.Problem
	more  int
	at    cert.Pos // of the first that is only counted
}

// full reports whether the next problem is only counted.
func (p *problems) full() bool { return len(p.first) >= p.most }

// any reports whether something is wrong.
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

// all returns the first problems, and one that counts the others.
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
	return report.Problem{At: at, Message: text, Hint: "Fix the first ones, and look again."}
}

// problemsOf returns the problems of manifests. Those that are only counted are one problem
// for each file.
func problemsOf(all []*manifest) []report.Problem {
	var list []report.Problem
	untold := map[string]problems{}
	for _, m := range all {
		if m.problems.most > 0 {
			list = append(list, m.problems.all()...)
		} else if m.problems.more > 0 {
			u, known := untold[m.file]
			if !known {
				u.at = m.problems.at
			}
			u.more += m.problems.more
			untold[m.file] = u
		}
	}
	for _, u := range untold {
		list = append(list, andMore(u.at, u.more))
	}
	return list
}
