package comment

import (
	"crypto/sha256"
	"fmt"
	"regexp"
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

func tooLong(n int) error {
	return fmt.Errorf("the page takes %d bytes, and GitHub takes no comment of more than %d characters", n, mostBody)
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
	run       Run
	job       string // of the run; "-" for none
	sum, text string // sum is of the whole page, also where text is a part of it
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
// the later sections are cut down to their first line, without that of the page, and then the first one.
func (p Page) bodyOver(ours []ourComment) string {
	if p.Mode != Apply {
		return p.body()
	}
	all := p.with(ours)
	body := p.join(all)
	for i := 1; len(body) > mostBody && i <= len(all); i++ {
		s := &all[i%len(all)]
		if i < len(all) && *s == p.own() {
			continue
		}
		first, _, _ := strings.Cut(s.text, "\n")
		s.text = first + "\n\nThe rest is in the summary of the run."
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

// The mark is the first line of a comment, which nobody sees:
//
//	<!-- cpsync:comment version=1 key=default mode=plan head=1f0c... run=123.1 sum=9a41... -->
//
// That of an issue is of the kind cpsync:issue. Its mode is the group, and its head is "-".
//
// By tool, key and mode a comment is found again. Head and run say how old it is, sum
// what it says. A later version may have more words, and unknown words are
// skipped, so that an older cpsync updates the comment of a newer one, and does not
// put a second beside it.
const (
	markOpens  = "<!-- cpsync:comment "
	issueOpens = "<!-- cpsync:issue "
	markEnds   = " -->\n"
	markFormat = "version=1 key=%s mode=%s head=%s run=%d.%d sum=%s" + markEnds
)

// Run is a run of a workflow, and which attempt at it. The zero Run is none.
type Run struct{ ID, Attempt int64 }

// after reports whether r was started after o. A run that is none can't tell.
func (r Run) after(o Run) bool {
	if o.ID == 0 {
		return false
	}
	return r.ID > o.ID || r.ID == o.ID && r.Attempt > o.Attempt
}

// mark is what the first line says.
type mark struct {
	key, mode, head string
	run             Run
	sum             string
}

// line is the first line, with how it opens.
func (m mark) line(opens string) string {
	return fmt.Sprintf(opens+markFormat, m.key, m.mode, m.head, m.run.ID, m.run.Attempt, m.sum)
}

// markOf reads a mark that opens so.
func markOf(body, opens string) (m mark, ok bool) {
	rest, ok := strings.CutPrefix(body, opens)
	words, _, ends := strings.Cut(rest, "-->")
	if !ok || !ends {
		return mark{}, false
	}
	fields := map[string]string{}
	for _, word := range strings.Fields(words) {
		key, value, _ := strings.Cut(word, "=")
		fields[key] = value
	}
	m = mark{key: fields["key"], mode: fields["mode"], head: fields["head"], sum: fields["sum"]}
	// A run that can't be read is no run, and older than any.
	_, _ = fmt.Sscanf(fields["run"], "%d.%d", &m.run.ID, &m.run.Attempt)
	return m, m.key != "" && m.mode != ""
}

// sumOf tells texts apart. What GitHub does to line ends does not matter to it, since
// it is compared with another sum and never with a text.
func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x", sum[:8])
}

// mostKey is how long a key may be.
const mostKey = 64

var keys = regexp.MustCompile(`^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$`)

// CheckKey refuses a key that could end the mark, or that no file, cache or artifact
// could be named after.
func CheckKey(key string) error {
	if len(key) > mostKey || !keys.MatchString(key) {
		return fmt.Errorf("the key %.80q is not made of letters and digits, with single . _ - between them, at most %d in all", key, mostKey)
	}
	return nil
}
