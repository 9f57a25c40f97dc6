package render

import "strings"

// ink is the emphasis of a piece of text. No escape code exists outside this file.
type ink uint8

const (
	plain ink = iota
	bold
	red
	green
	alarm // what is written in capitals stands out, the rest is plain
)

// off ends any emphasis.
const off = "\x1b[0m"

var codes = [...]string{bold: "\x1b[1m", red: "\x1b[31m", green: "\x1b[32m", alarm: "\x1b[1;31m"}

// alarms are the words of our own that stand out within a line.
var alarms = []string{"ENDS IN", "ENDS TODAY", "ENDED", "EXCEEDED"}

// paint emphasizes text, when the style wants colour at all.
func (p *page) paint(i ink, text string) string {
	switch {
	case !p.style.Color || i == plain || text == "":
		return text
	case i == alarm:
		for _, word := range alarms {
			text = strings.ReplaceAll(text, word, codes[alarm]+word+off)
		}
		return text
	default:
		return codes[i] + text + off
	}
}
