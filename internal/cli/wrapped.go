package cli

import (
	"io"
	"strings"

	"github.com/cpsync/cpsync/internal/render/layout"
)

// WrapStderr returns the world with stderr in lines that fit its terminal. Elsewhere a
// line stays whole, so that it can be searched and matched.
func (w World) WrapStderr() World {
	if w.Terminal != nil {
		if _, ok := w.Terminal(); ok {
			w.Stderr = fitting{w.Stderr, w.Terminal}
		}
	}
	return w
}

// fitting breaks the lines that are written to it at the width of a terminal.
type fitting struct {
	w    io.Writer
	size func() (width int, ok bool)
}

func (f fitting) Write(b []byte) (int, error) {
	width, _ := f.size()
	var out strings.Builder
	for line := range strings.Lines(string(b)) {
		text := strings.TrimSuffix(line, "\n")
		forProgram := strings.HasPrefix(text, "::") || strings.HasPrefix(text, "{") // a command to GitHub, or JSON
		if width < layout.LeastWidth || layout.Columns(text) <= width || forProgram {
			out.WriteString(line)
			continue
		}
		out.WriteString(layout.Broken(text, width))
	}
	_, err := io.WriteString(f.w, out.String())
	return len(b), err
}
