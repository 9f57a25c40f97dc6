package manifest

import (
	"errors"
	"io/fs"
	"strconv"
	"unicode/utf8"
)

// A fault is what is wrong with something and what to do. The message is a
// predicate: whoever reports it puts the subject in front. The zero fault is none.
type fault struct{ message, hint string }

func (f fault) none() bool { return f == fault{} }

const leaveOut = "Leave the key out: a key that is left out is not managed."

var notRegular = fault{"is not a regular file", "Name a file or a directory of files."}

// leadsOut is for a file that somebody else may have meant to show: nothing of it is.
var leadsOut = fault{"leads out of the repository, or of the directory that stands for one, through a link, and is not read",
	"Put the file itself there, or name a directory that holds both: --root DIR"}

// unreadable tells why the system did not give a file or directory. The system's
// words without the path: the place says that already.
func unreadable(err error) fault {
	if errors.Is(err, errOutside) {
		return leadsOut
	}
	hint := "Make it readable, or leave it out."
	if errors.Is(err, fs.ErrNotExist) {
		hint = "Check the spelling; paths start from the working directory, and a link needs a target."
	}
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return fault{"cannot be read: " + err.Error(), hint}
}

// maxQuote is how many bytes of a value a message repeats.
const maxQuote = 80

// quote is %q of what the user wrote, cut when it is long.
func quote(s string) string {
	if len(s) <= maxQuote {
		return strconv.Quote(s)
	}
	end := maxQuote
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return strconv.Quote(s[:end]) + "…"
}
