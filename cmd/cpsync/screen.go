package main

import (
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

// screen is a terminal with a line at its end that changes, beside what is written to
// it in whole lines.
type screen struct {
	w io.Writer

	mu   sync.Mutex
	last string // what stands at the end; "" when nothing does
}

// wipe goes to the start of the line and empties it.
const wipe = "\r\x1b[K"

// Write writes whole lines above the changing one.
func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == "" {
		return s.w.Write(b)
	}
	_, err := io.WriteString(s.w, wipe+string(b)+s.last)
	return len(b), err
}

// show replaces the changing line, cut to fit in width; "" takes it away.
func (s *screen) show(line string, width int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for utf8.RuneCountInString(line) >= max(width, 1) { // a full line would wrap
		_, size := utf8.DecodeLastRuneInString(line)
		line = line[:len(line)-size]
	}
	line = strings.TrimRight(line, " ")
	if line != s.last {
		_, _ = io.WriteString(s.w, wipe+line)
		s.last = line
	}
}
