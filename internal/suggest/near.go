// Package suggest finds the word that was most likely meant.
package suggest

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Near returns the word that was most likely meant: the one that differs only in
// case or in dashes, else the one a slip or two away, else the only one with such a part.
func Near(written string, words []string) (string, bool) {
	best, distance := "", len(written)
	part := strings.ToLower(written)
	written = Fold(written)
	for _, w := range words {
		if !sameLength(written, Fold(w), slips(w)) {
			continue
		}
		if d := edits(written, Fold(w)); d <= slips(w) && d < distance {
			best, distance = w, d
		}
	}
	if best == "" {
		best = onlyWith(part, words)
	}
	return best, best != ""
}

// onlyWith returns the only word that begins with a part, or has it between dashes; "" where
// there is none, or more than one.
func onlyWith(part string, words []string) (found string) {
	for _, w := range words {
		parts := strings.FieldsFunc(strings.ToLower(w), func(r rune) bool { return r == '_' || r == '-' })
		if len(part) < 4 || !slices.Contains(parts, part) && !strings.HasPrefix(strings.ToLower(w), part) {
			continue
		}
		if found != "" && found != w {
			return ""
		}
		found = w
	}
	return found
}

// sameLength is true when a and b differ by at most within characters. It spares
// most words the comparison.
func sameLength(a, b string, within int) bool {
	apart := utf8.RuneCountInString(a) - utf8.RuneCountInString(b)
	return -within <= apart && apart <= within
}

// slips is how many letters may differ from a word: two of a long one, none of
// one so short that anything is near it.
func slips(word string) int { return min(len(word)/3, 2) }

// Fold takes away what people mix up: case, dashes and underscores.
func Fold(s string) string { return strings.ToLower(dashes.Replace(s)) }

var dashes = strings.NewReplacer("_", "", "-", "", " ", "")

// maxWord is the longest text that is compared, in characters: no word of the
// table is longer.
const maxWord = 40

// edits counts the insertions, deletions, replacements and swaps of neighbours
// that turn a into b. What is too long for a slip counts as far away.
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > maxWord || len(y) > maxWord {
		return maxWord
	}
	var d [maxWord + 1][maxWord + 1]int
	for i := range x {
		d[i+1][0] = i + 1
	}
	for j := range y {
		d[0][j+1] = j + 1
	}
	for i := range x {
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			d[i+1][j+1] = min(d[i][j+1]+1, d[i+1][j]+1, d[i][j]+cost)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				d[i+1][j+1] = min(d[i+1][j+1], d[i-1][j-1]+1)
			}
		}
	}
	return d[len(x)][len(y)]
}
