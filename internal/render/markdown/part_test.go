package markdown

import (
	"fmt"
	"strings"
	"testing"
)

// everyRank is a page with a part of each rank, each of another size.
func everyRank() []part {
	var all []part
	for r := range cutProblems + 1 {
		p := part{title: fmt.Sprintf("Rank %d", r), rank: r, entry: "line", folded: r%2 == 0}
		for i := range 40 {
			p.entries = append(p.entries, strings.Repeat("x", 20+i%7*30+int(r))+"\n")
		}
		all = append(all, p)
	}
	return append(all, part{title: "Empty"})
}

// Whatever the room, a page leaves out whole entries, says how many, and those of more
// weight only when those of less are gone.
func TestLeavesOutInOrderAndSaysHowMuch(t *testing.T) {
	t.Parallel()
	whole := everyRank()
	for room := 500; room < total(whole)+1000; room += 997 {
		parts := everyRank()
		fit(parts, room)
		for i, p := range parts {
			if got := len(p.entries) + p.left; got != len(whole[i].entries) {
				t.Errorf("%s: %d kept and left out, of %d", p.title, got, len(whole[i].entries))
			}
			if strings.Join(whole[i].entries[:len(p.entries)], "") != strings.Join(p.entries, "") {
				t.Errorf("%s: an entry was changed", p.title)
			}
			if p.left > 0 && !strings.Contains(p.String(), fmt.Sprintf("%d line", p.left)) {
				t.Errorf("%s does not say that it leaves out %d", p.title, p.left)
			}
			for _, lighter := range parts {
				if p.left > 0 && lighter.rank < p.rank && len(lighter.entries) > 0 {
					t.Errorf("room for %d: %s lost entries before %s", room, p.title, lighter.title)
				}
			}
		}
		if got := total(parts); got > room && got > 4000 {
			t.Errorf("room for %d: %d bytes", room, got)
		}
	}
}
