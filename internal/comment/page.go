package comment

import "fmt"

// mostBody is how long a comment may get, in bytes. GitHub takes 65,536 characters and
// answers 422 to more; it does not say what it counts as one, and never counts more of
// them than there are bytes.
const mostBody = 65_536

// Page is what is to stand on a pull request.
type Page struct {
	Key  string
	Mode string // of the run: Plan or Apply; the two do not replace each other
	Head string // the commit it is about
	Run  Run
	Job  string // of the run; it tells outcomes of one run apart
	Text string // Markdown
	Open bool   // worth a comment of its own; without it one is only updated
}

func (p Page) mark() mark { return mark{p.Key, p.Mode, p.Head, p.Run, sumOf(p.Text)} }

func (p Page) body() string { return p.mark().line(markOpens) + p.Text }

// check refuses what GitHub would refuse.
func (p Page) check() error {
	if n := len(p.body()); n > mostBody {
		return tooLong(n)
	}
	return nil
}

func tooLong(n int) error {
	return fmt.Errorf("the page takes %d bytes, and GitHub takes no comment of more than %d characters", n, mostBody)
}

// olderThan reports whether a comment of ours is the work of a later run. That one
// head is behind another is not told from marks: only GitHub knows which is the head,
// and it was asked. Outcomes do not replace each other.
func (p Page) olderThan(m mark) bool {
	return p.Mode == Plan && m.head == p.Head && m.run.after(p.Run)
}
