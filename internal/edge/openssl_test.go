//go:build unix

package edge

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/patience"
)

// TestOpenSSL looks at a TLS server that was written elsewhere, with versions of TLS that are
// spoken today and one that is not.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	ca := newAuthority(t)
	good := ca.sign(t, now.AddDate(0, 3, 0), "www.example.com")
	key, err := x509.MarshalPKCS8PrivateKey(good.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: good.Certificate[0]}, "key.pem": {Type: "PRIVATE KEY", Bytes: key}}
	for name, block := range files {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for flag, want := range map[string]string{"-tls1_2": "cdn served", "-tls1_3": "cdn served", "-tls1_1": "cdn no-answer"} {
		address := sServer(t, openssl, dir, flag)
		n := newNetwork()
		cfg := n.config(ca)
		cfg.Dial, cfg.Connect = (&net.Dialer{}).DialContext, address
		res := Check(t.Context(), cfg, []Target{target(good, "www.example.com")}, 3)
		if got := findings(res.Edges[0]); got != want {
			t.Errorf("%s: found %s, want %s: %+v", flag, got, want, res.Edges[0].Looks)
		}
	}
}

// sServer runs openssl s_server and returns where it listens.
func sServer(t *testing.T, openssl, dir, flag string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(patience.Context(t))
	cmd := exec.CommandContext(ctx, openssl, "s_server", flag, "-accept", "127.0.0.1:0", "-cert", "cert.pem", "-key", "key.pem", "-cipher", "DEFAULT@SECLEVEL=0")
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	if _, err := cmd.StdinPipe(); err != nil { // it ends when nobody can type
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = cmd.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "ACCEPT "); ok {
			return address
		}
	}
	t.Fatal("openssl does not say where it listens")
	return ""
}
