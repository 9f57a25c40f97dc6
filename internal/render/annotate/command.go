package annotate

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/cpsync/cpsync/internal/render/words"
)

// mostAnnotation is how much of a text is shown, in characters.
const mostAnnotation = 1000

// command writes the annotation as one line of the log.
func (n note) command(level, workspace string) string {
	text := n.text
	properties := ""
	file, is := inside(n.at.File, workspace)
	switch is = is && isPlainName(file); {
	case is && n.at.Line > 0:
		properties = fmt.Sprintf("file=%s,line=%d,col=%d,", inProperty.Replace(file), n.at.Line, max(n.at.Column, 1))
	case is:
		properties = fmt.Sprintf("file=%s,", inProperty.Replace(file))
	case n.at.File != "":
		text = words.Place(n.at) + ": " + text
	}
	return fmt.Sprintf("::%s %stitle=%s::%s\n", level, properties, property(n.title), message(text))
}

// inside returns a file as it is named from the workspace, and whether it is in there.
func inside(file, workspace string) (string, bool) {
	if file == "" || workspace == "" {
		return filepath.ToSlash(file), file != ""
	}
	root, err := filepath.Abs(workspace)
	if err != nil {
		return "", false
	}
	full, err := filepath.Abs(file)
	if err != nil {
		return "", false
	}
	rel, err := filepath.Rel(root, full)
	return filepath.ToSlash(rel), err == nil && filepath.IsLocal(rel)
}

// isPlainName reports whether a parameter can hold the name of a file as it is: with an
// escape of ours it would be the name of another. Line breaks have one of the runner's.
func isPlainName(file string) bool {
	rest := strings.NewReplacer("\r", "", "\n", "").Replace(file)
	return words.IsClean(rest) && !strings.Contains(rest, "##[") && len(file) <= mostAnnotation
}

// message is text for the end of a command. Only the line breaks between our own
// sentences stay what they are.
func message(text string) string {
	kept, rest := words.Shorten(text, mostAnnotation)
	lines := strings.Split(kept, "\n")
	for i, line := range lines {
		lines[i] = inMessage.Replace(words.Clean(line))
	}
	return strings.Join(lines, "%0A") + words.More(rest)
}

// property is text for a parameter of a command.
func property(text string) string {
	kept, rest := words.Shorten(text, mostAnnotation)
	return inProperty.Replace(words.Clean(kept) + words.More(rest))
}

var (
	inMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	inProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
