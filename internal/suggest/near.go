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
		// Two letters of a long word may differ, and none of one so short that anything is near
		// it. The lengths spare most words the comparison.
		slips := min(len(w)/3, 2)
		apart := utf8.RuneCountInString(written) - utf8.RuneCountInString(Fold(w))
		if apart < -slips || apart > slips {
			continue
		}
		if d := edits(written, Fold(w)); d <= slips && d < distance {
			best, distance = w, d
		}
	}
	if best != "" || len(part) < 4 {
		return best, best != ""
	}
	for _, w := range words {
		lower := strings.ToLower(w)
		parts := strings.FieldsFunc(lower, func(r rune) bool { return r == '_' || r == '-' })
		switch has := slices.Contains(parts, part) || strings.HasPrefix(lower, part); {
		case !has || w == best:
		case best != "":
			return "", false
		default:
			best = w
		}
	}
	return best, best != ""
}

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
	for i := range d {
		d[i][0], d[0][i] = i, i
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
