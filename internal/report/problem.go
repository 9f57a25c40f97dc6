package report

import "github.com/cpsync/cpsync/internal/cert"

// Problem is something wrong with a file, and where.
type Problem struct {
	At      cert.Pos // Line 0: the whole file; File "": no file at all
	Message string   // what is wrong, without a full stop
	Hint    string   // what to do, a sentence that can be pasted when it is YAML or a command; may be ""
}
