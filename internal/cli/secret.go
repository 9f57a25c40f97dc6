package cli

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/platform"
)

// authenticate takes the credentials from the environment alone.
func (w World) authenticate(ctx context.Context, c *cps.Config) (err error) {
	c.ClientID = w.Getenv(envClientID)
	c.ClientSecret, c.AccessToken = cps.Secret(w.Getenv(envClientSecret)), cps.Secret(w.Getenv(envAccessToken))
	if file := w.Getenv(envClientSecretFile); file != "" && c.ClientSecret == "" && c.AccessToken == "" {
		c.ClientSecret, err = readSecret(ctx, file, c.Log)
	}
	short := func(name string, value cps.Secret) { // it can't be told from words
		if value != "" && len(value) < cps.ShortSecret {
			c.Log.Warn(fmt.Sprintf("%s has fewer than %d characters; it is not hidden in messages that repeat it", name, cps.ShortSecret))
		}
	}
	short("the client secret", c.ClientSecret)
	short(envAccessToken, c.AccessToken)
	if err == nil && c.AccessToken == "" && (c.ClientID == "" || c.ClientSecret == "") {
		err = missingCredentials{w.Getenv}
	}
	return err
}

// readSecret reads a file that holds a secret. One that others may write could be
// anybody's secret, and is refused.
func readSecret(ctx context.Context, file string, log *slog.Logger) (cps.Secret, error) {
	info, err := os.Stat(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", envClientSecretFile, err)
	}
	switch mode := info.Mode().Perm(); {
	case !info.Mode().IsRegular() && info.Mode()&fs.ModeNamedPipe == 0:
		return "", fmt.Errorf("%s: %s is not a file", envClientSecretFile, file)
	case platform.PermissionBits && mode&0o022 != 0:
		return "", fmt.Errorf("%s: others may write %s (mode %04o); chmod 600 it and make sure of its content", envClientSecretFile, file, mode)
	case platform.PermissionBits && mode&0o044 != 0:
		log.Warn(fmt.Sprintf("%s: others may read %s (mode %04o); chmod 600 it", envClientSecretFile, file, mode))
	}
	data, err := ReadFile(ctx, file, MaxSecret)
	if err != nil {
		return "", fmt.Errorf("%s: %w", envClientSecretFile, err)
	}
	for _, mark := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"} {
		if strings.HasPrefix(string(data), mark) {
			return "", fmt.Errorf("%s: %s begins with a byte order mark; save it as UTF-8 without one", envClientSecretFile, file)
		}
	}
	secret := strings.TrimSpace(string(data))
	if secret == "" {
		return "", fmt.Errorf("%s: %s is empty", envClientSecretFile, file)
	}
	return cps.Secret(secret), nil
}

// missingCredentials lists each variable as set or not, and what works without.
type missingCredentials struct{ getenv func(string) string }

func (missingCredentials) Error() string { return "no credentials" }

// Code is what the report calls it.
func (missingCredentials) Code() string { return "no-credentials" }

// Hint is what to do, in several lines.
func (m missingCredentials) Hint() string {
	var b strings.Builder
	for _, name := range []string{envClientID, envClientSecret, envClientSecretFile, envAccessToken} {
		state := "not set"
		if m.getenv(name) != "" {
			state = "set"
		}
		fmt.Fprintf(&b, "  %-27s %s\n", name, state)
	}
	b.WriteString(`Set CPSYNC_CLIENT_ID with CPSYNC_CLIENT_SECRET or CPSYNC_CLIENT_SECRET_FILE, or
set CPSYNC_ACCESS_TOKEN. Pull requests from forks and from Dependabot get no
secrets. These work without credentials:
  cpsync validate PATH...
  cpsync --sandbox FILE PATH...`)
	return b.String()
}
