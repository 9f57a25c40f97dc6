package journal

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
)

// TestWhatTheDiskMayNotHold: nothing is sent after a line of which that is not certain, and none is left that says
// otherwise. The outcome of what was sent stays.
func TestWhatTheDiskMayNotHold(t *testing.T) {
	t.Parallel()
	path := written(t, "done")
	before := contents(t, path)
	j, err := Open(path, api, at)
	if err != nil {
		t.Fatal(err)
	}
	sync := j.sync
	j.sync = func() error { return errors.New("the disk is gone") }
	if _, err := j.Before(renew, 8, have); err == nil || contents(t, path) != before {
		t.Errorf("%v, and the file holds %s", err, contents(t, path))
	}
	j.sync = sync
	write, err := j.Before(renew, 9, have)
	if err != nil {
		t.Fatal(err)
	}
	j.sync = func() error { return errors.New("the disk is gone") }
	j.After(write, "done", cert.Live{})
	if err := j.Close(); err == nil {
		t.Error("nobody hears of it")
	}
	held, err := holdings(path, api)
	if err != nil || len(held) != 2 || held[1].ID != 9 || held[1].Outcome != "done" {
		t.Errorf("%+v, %v", held, err)
	}
}

// TestAsManyWritesAsAJournalMayHold are read, with what came of the last one.
func TestAsManyWritesAsAJournalMayHold(t *testing.T) {
	t.Parallel()
	write := func(i int) string {
		return fmt.Sprintf(`{"write":"%d","api":"`+api+`","before":{},"id":7,"kind":"renew"}`+"\n", i)
	}
	var text strings.Builder
	for i := range mostWrites {
		text.WriteString(write(i))
	}
	fmt.Fprintf(&text, `{"write":"%d","api":"%s","outcome":"%s"}`+"\n", mostWrites-1, api, seenLater)
	if h, err := historyOf([]byte(text.String()), api); err != nil || len(h.Pending) != mostWrites-1 {
		t.Errorf("%d are pending, %v", len(h.Pending), err)
	}
	text.WriteString(write(mostWrites))
	if _, err := historyOf([]byte(text.String()), api); err != errMany { // not one of its lines is wrong
		t.Error(err)
	}
}
