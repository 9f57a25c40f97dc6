package cli

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Word are the arguments of a command that takes one word.
type Word struct {
	Common
	Word string
}

func (w *Word) take(*Flags) error {
	if len(w.Paths) == 0 {
		return errors.New("name one")
	}
	w.Word = w.Paths[0]
	return nil
}

// Raw are words that nothing is read from.
type Raw struct {
	Common
}

// NoSuch says that a table lacks a word, and which was meant.
func NoSuch[V any](what, word string, table map[string]V) error {
	return oneOf("the "+what, word, slices.Sorted(maps.Keys(table)))
}

// shells are what each shell loads. All of them ask the program itself.
var shells = map[string]string{
	"bash": `# bash: source <(cpsync completion bash)
_cpsync() {
  local line cur="${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      :files) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur"); compopt -o filenames ;;
      *) COMPREPLY+=("$line") ;;
    esac
  done < <(cpsync __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _cpsync cpsync
`,
	"zsh": `#compdef cpsync
# zsh: source <(cpsync completion zsh)
_cpsync() {
  local -a found
  found=("${(@f)$(cpsync __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ "${found[-1]}" == ":files" ]]; then
    found[-1]=()
    _files
  fi
  compadd -a found
}
(( $+functions[compdef] )) && compdef _cpsync cpsync
`,
	"fish": `# fish: cpsync completion fish | source
function __cpsync_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in (cpsync __complete -- $words[2..-1] 2>/dev/null)
    if test "$line" = :files
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c cpsync -f -a '(__cpsync_complete)'
`,
}

// Completion returns what a shell loads.
func Completion(shell string) (string, error) {
	if text, known := shells[shell]; known {
		return text, nil
	}
	return "", NoSuch("shell", shell, shells)
}

// Complete returns what may stand in the place of the last word, and whether a file may.
// names are those of the manifests of some paths.
func Complete(all []Command, words []string, names func(paths []string) []string) (found []string, files bool) {
	if len(words) == 0 {
		return nil, true
	}
	last, before := words[len(words)-1], words[:len(words)-1]
	c, rest := Named(all, before)
	f := newFlags(c.Name, c.New())
	var paths []string
	for _, w := range rest {
		if !strings.HasPrefix(w, "-") {
			paths = append(paths, w)
		}
	}
	var flag *pflag.Flag
	if len(before) > 0 {
		flag = f.valued(before[len(before)-1])
	}
	switch {
	case flag != nil:
		found, files = f.values(flag, names)
	case strings.HasPrefix(last, "-"):
		f.set.VisitAll(func(flag *pflag.Flag) { found = append(found, "--"+flag.Name) })
	case c.Name == "" && len(paths) == 0:
		found, files = namesOf(all), true
	case c.Name == "help":
		found = slices.Concat(topics, namesOf(all))
	case c.Name == "completion":
		found = slices.Sorted(maps.Keys(shells))
	case c.Name == "schema":
		found = []string{"certificate", "defaults", "explain", "plan"}
	case c.Name == "explain" && len(paths) == 0:
		found = names([]string{"."})
	default:
		files = true
	}
	return slices.DeleteFunc(found, func(w string) bool { return !strings.HasPrefix(w, last) }), files
}

// valued is the flag that a word names and that takes the next word; nil when there is none.
func (f *Flags) valued(word string) *pflag.Flag {
	name, long := strings.CutPrefix(word, "--")
	if !long || strings.Contains(name, "=") {
		return nil
	}
	flag := f.set.Lookup(name)
	if flag == nil || flag.NoOptDefVal != "" {
		return nil
	}
	return flag
}

// values are what a flag takes.
func (f *Flags) values(flag *pflag.Flag, names func([]string) []string) (found []string, files bool) {
	value, _ := pflag.UnquoteUsage(flag)
	switch {
	case f.facts[flag.Name].allowed != nil:
		return f.facts[flag.Name].allowed, false
	case flag.Name == "only", flag.Name == "effective":
		return names([]string{"."}), true
	default:
		return nil, strings.Contains(value, "FILE") || value == "DIR" || value == "PATH"
	}
}
