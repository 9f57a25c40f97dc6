package comment

import (
	"fmt"
	"slices"
	"strings"
)

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

// The comment of an outcome has a section for each run that applied the merged commit, the
// earliest first, and for each job of it. So a run by hand or a re-run adds to what an earlier one did and never
// takes it away. Each section begins with a line that nobody sees:
//
//	<!-- cpsync:outcome run=123.1 job=apply sum=9a41... -->
const (
	sectionOpens  = "<!-- cpsync:outcome "
	sectionFormat = sectionOpens + "run=%d.%d job=%s sum=%s" + markEnds
	between       = "\n\n---"
)

// section is what one run did.
type section struct {
	run  Run
	job  string // of the run; "-" for none
	sum  string // of the whole page, also where text is a part of it
	text string
}

func (s section) String() string {
	return fmt.Sprintf(sectionFormat, s.run.ID, s.run.Attempt, s.job, s.sum) + s.text
}

// sectionsOf reads the sections of a comment.
func sectionsOf(body string) []section {
	var all []section
	for _, part := range strings.Split(strings.ReplaceAll(body, "\r\n", "\n"), "\n"+sectionOpens)[1:] {
		words, text, _ := strings.Cut(part, markEnds)
		var s section
		if _, err := fmt.Sscanf(words, "run=%d.%d job=%s sum=%s", &s.run.ID, &s.run.Attempt, &s.job, &s.sum); err == nil {
			s.text = strings.TrimSuffix(strings.TrimRight(text, "\n"), between)
			all = append(all, s)
		}
	}
	return all
}

// own is the section of the page itself.
func (p Page) own() section {
	job := p.Job
	if !keys.MatchString(job) {
		job = "-"
	}
	return section{p.Run, job, sumOf(p.Text), strings.TrimRight(p.Text, "\n")}
}

// with returns the sections of the comments and that of the page, which replaces an earlier
// one of the same run.
func (p Page) with(ours []ourComment) []section {
	var all []section
	for _, c := range ours {
		for _, s := range sectionsOf(c.Body) {
			all = insert(all, s, false)
		}
	}
	return insert(all, p.own(), true)
}

// insert keeps the sections in the order of their runs. A run that is none comes last.
func insert(all []section, s section, replace bool) []section {
	if i := slices.IndexFunc(all, func(o section) bool { return o.run == s.run && o.job == s.job }); i >= 0 {
		if replace && all[i].sum != s.sum {
			all[i] = s
		}
		return all
	}
	at := slices.IndexFunc(all, func(o section) bool { return s.run.ID != 0 && o.run.after(s.run) })
	if at < 0 {
		at = len(all)
	}
	return slices.Insert(all, at, s)
}

// bodyOver is the body that the comments together come to. Where it is too long for GitHub,
// the later sections are cut down to their first line, then the first one.
func (p Page) bodyOver(ours []ourComment) string {
	if p.Mode != Apply {
		return p.body()
	}
	all := p.with(ours)
	body := p.join(all)
	for i := 1; len(body) > mostBody && i <= len(all); i++ {
		s := &all[i%len(all)]
		if s.String() != p.own().String() || i == len(all) {
			first, _, _ := strings.Cut(s.text, "\n")
			s.text = first + "\n\nThe rest is in the summary of the run."
		}
		body = p.join(all)
	}
	return body
}

func (p Page) join(all []section) string {
	parts := make([]string, len(all))
	for i, s := range all {
		parts[i] = s.String()
	}
	return p.mark().line(markOpens) + strings.Join(parts, between+"\n\n")
}

// upToDate reports whether the oldest of the comments says what it should.
func (p Page) upToDate(ours []ourComment) bool {
	if p.Mode != Apply {
		return ours[0].mark == p.mark()
	}
	there := sectionsOf(ours[0].Body)
	return slices.EqualFunc(there, p.with(ours), func(a, b section) bool { return a.run == b.run && a.job == b.job && a.sum == b.sum })
}
