package seed

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/patience"
)

// TestOfCommit: the number follows from the hash of the commit, and from nothing else.
func TestOfCommit(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir))
	if got := of("commit"); got != fallback {
		t.Errorf("without git the seed is %d", got)
	}
	git := func(args ...string) string {
		c := patience.Command(t, "git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
		out, err := c.CombinedOutput()
		if err != nil {
			t.Skipf("git %q: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "-q")
	git("commit", "-q", "--allow-empty", "-m", "another repository")
	if got := of("commit"); got != fallback {
		t.Errorf("in another repository the seed is %d", got)
	}
	if err := os.MkdirAll("internal/seed", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("internal/seed/seed.go", []byte("package seed\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	git("add", ".")
	git("commit", "-q", "-m", "one")
	if got, want := of("commit"), ofHash(git("rev-parse", "HEAD")); got != want || got == fallback {
		t.Errorf("got %d, want %d", got, want)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	if of("1570") != 1570 || ofHash("0000ff00abcdef") != 0xff00 || ofHash("") != fallback || ofHash("no hash") != fallback {
		t.Error("a seed is read as another")
	}
	random := map[uint64]bool{}
	for range 4 {
		random[of("random")] = true
	}
	if len(random) == 1 {
		t.Error("random seeds are alike")
	}
	defer func() {
		if recover() == nil {
			t.Error("a word that is no seed is taken")
		}
	}()
	of("today")
}
