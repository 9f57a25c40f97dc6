package manifest

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// TestProblemsOfAFleetComeInOrder: files and documents are read side by side, and what
// is wrong with them is said in the order of their places all the same.
func TestProblemsOfAFleetComeInOrder(t *testing.T) {
	t.Parallel()
	const many = 300
	apart, together := map[string]string{}, ""
	var ofFiles, ofDocuments strings.Builder
	for i := range many {
		text := legal(i+1) + fmt.Sprintf("wibble%03d: 1\n", i) + strings.Repeat("# long\n", (many-i)*5)
		apart[fmt.Sprintf("certs/%03d.yaml", i)] = text
		fmt.Fprintf(&ofFiles, "%03d.yaml wibble%03d\n", i, i)
		together += text + "---\n"
		fmt.Fprintf(&ofDocuments, "all.yaml wibble%03d\n", i)
	}
	for want, fsys := range map[string]FS{
		ofFiles.String():     files(apart),
		ofDocuments.String(): files(map[string]string{"certs/all.yaml": strings.ReplaceAll(together, "metadata: {", "metadata: {name: x, ")}),
	} {
		var got strings.Builder
		_, problems := Load(fsys, []string{"certs"})
		for _, p := range problems {
			if word, ok := strings.CutPrefix(p.Message, "unknown key \""); ok {
				fmt.Fprintln(&got, strings.TrimPrefix(p.At.File, "certs/"), strings.TrimSuffix(word, "\""))
			}
		}
		if got.String() != want {
			t.Errorf("out of order:\n%.300s", got.String())
		}
	}
}

// TestAFleetFitsInOneFile: the size of a file is not what bounds a document.
func TestAFleetFitsInOneFile(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 300 {
		fmt.Fprintf(&text, "---\n%s# %s\n", strings.Replace(legal(i+1), "{", fmt.Sprintf("{name: n%d, ", i), 1), strings.Repeat("x", 5000))
	}
	if text.Len() <= maxDocument {
		t.Fatal("too short to show anything")
	}
	specs, problems := Load(files(map[string]string{"all.yaml": text.String()}), []string{"all.yaml"})
	if len(specs) != 300 || specs[299].Name != "n299" {
		t.Errorf("%d specs\n%s", len(specs), print(problems))
	}
}

func TestADocumentThatIsTooLarge(t *testing.T) {
	t.Parallel()
	fsys := files(map[string]string{"a.yaml": legal(1) + "---\n" + legal(2) + "# " + strings.Repeat("x", maxDocument) + "\n"})
	want := "a.yaml:4:1: the document is larger than 1 MiB [too-large]\n\tSplit it: begin each manifest with a line of \"---\".\n"
	if got := loaded(fsys, "a.yaml"); got != want {
		t.Errorf("got %s", got)
	}
}

// bugged is an FS with a bug.
type bugged struct{ memory }

func (bugged) Open(path string) (io.ReadCloser, error) {
	if path == "certs/7.yaml" {
		panic("a bug in a reader")
	}
	return nil, errors.New("not today")
}

// TestAPanicReachesTheCaller, who can recover from it and end the run properly.
func TestAPanicReachesTheCaller(t *testing.T) {
	t.Parallel()
	defer func() {
		if v, ok := recover().(string); !ok || !strings.Contains(v, "a bug in a reader") || !strings.Contains(v, "bugged") {
			t.Errorf("recovered %q", v)
		}
	}()
	texts := map[string]string{}
	for i := range 10 {
		texts[fmt.Sprintf("certs/%d.yaml", i)] = legal(i)
	}
	Load(bugged{files(texts)}, []string{"certs"})
}
