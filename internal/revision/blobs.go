package revision

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
)

// maxBlob is the size, in bytes, of the largest file that is read. It is well above
// what a manifest may have, so that a larger one is still told as what it is.
const maxBlob = 48 << 20

// errMissing: the tree names contents that the clone does not hold.
var errMissing = errors.New("this clone does not hold its contents")

// errLarge: nobody wants the contents.
var errLarge = fmt.Errorf("is larger than %d MiB", maxBlob>>20)

// blobs gives the contents of files. One git serves them all, one after another.
type blobs struct {
	cmd       *exec.Cmd
	in        io.WriteCloser
	out       *bufio.Reader
	complaint bytes.Buffer

	mu     sync.Mutex
	failed error // nothing more can be read
}

// blobs starts the git that gives contents.
func (g git) blobs(ctx context.Context) (*blobs, error) {
	b := &blobs{cmd: g.command(ctx, "cat-file", "--batch")}
	b.cmd.Stderr = &b.complaint
	in, err := b.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	b.in, b.out = in, bufio.NewReader(out)
	return b, b.cmd.Start()
}

// read returns the contents of an object.
func (b *blobs) read(object string) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed != nil {
		return nil, b.failed
	}
	data, err := b.ask(object)
	if err != nil && !errors.Is(err, errMissing) && !errors.Is(err, errLarge) {
		b.failed = fmt.Errorf("git stopped: %w", err)
		err = b.failed
	}
	return data, err
}

// ask writes the id of an object and reads the answer: a line with its size, then its
// contents and a line end.
func (b *blobs) ask(object string) ([]byte, error) {
	if _, err := fmt.Fprintln(b.in, object); err != nil {
		return nil, err
	}
	head, err := b.out.ReadString('\n')
	if err != nil {
		return nil, err
	}
	var id, kind string
	var size int64
	if n, _ := fmt.Sscan(head, &id, &kind, &size); n < 3 {
		return nil, errMissing
	}
	if size > maxBlob {
		_, err := io.CopyN(io.Discard, b.out, size+1)
		return nil, errors.Join(err, errLarge)
	}
	data := make([]byte, size+1)
	if _, err := io.ReadFull(b.out, data); err != nil {
		return nil, err
	}
	return data[:size], nil
}

// stop ends git, which stops when nobody asks any more.
func (b *blobs) stop() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failed = errors.New("closed")
	closed := b.in.Close()
	if err := b.cmd.Wait(); err != nil {
		return failureOf(err, b.complaint.String())
	}
	return closed
}
