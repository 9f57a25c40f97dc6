package sandbox

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Parse reads a state file. Its error has one line per problem, each beginning
// with line:column, sorted by place.
func Parse(data []byte) (World, error) { return parse("", data) }

// parse is Parse for a file whose name begins each problem.
func parse(name string, data []byte) (World, error) {
	var w World
	r := strict(data, &w)
	if len(r.flaws) == 0 {
		r.flaws = w.check(r)
	}
	if len(r.flaws) > 0 {
		return World{}, problems(name, data, r.flaws)
	}
	w.markCommonNames(r)
	w.complete()
	return w, nil
}

// problems makes one error of all flaws.
func problems(name string, data []byte, flaws []flaw) error {
	slices.SortStableFunc(flaws, func(a, b flaw) int { return cmp.Compare(a.offset, b.offset) })
	var lines []string
	for _, f := range flaws {
		line := place(data, f.offset) + ": "
		if name != "" {
			line = name + ":" + line
		}
		if f.text == unknownMember { // its name is nobody's business: the file may be another
			f.pointer = f.pointer[:strings.LastIndexByte(f.pointer, '/')]
		}
		if f.pointer != "" {
			line += f.pointer + ": "
		}
		lines = append(lines, line+f.text)
	}
	return fmt.Errorf("%s", strings.Join(lines, "\n"))
}

// place returns "line:column" of an offset in bytes, both counted from 1.
func place(data []byte, offset int) string {
	before := data[:min(offset, len(data))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("%d:%d", line, column)
}

// markCommonNames makes the first name the common name of every certificate
// whose text says nothing about common names.
func (w *World) markCommonNames(r reading) {
	for i := range w.Certificates {
		domains := w.Certificates[i].Domains
		said := false
		for j := range domains {
			said = said || r.sent(fmt.Sprintf("/certificates/%d/domains/%d/is_common_name", i, j))
		}
		if !said && len(domains) > 0 {
			domains[0].IsCommonName = true
		}
	}
}
