package comment

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"
)

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
	key  string
	mode string
	head string
	run  Run
	sum  string
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

// same reports whether two marks are of one comment.
func (m mark) same(o mark) bool { return m.key == o.key && m.mode == o.mode }

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
