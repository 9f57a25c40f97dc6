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

// credentials are what the environment holds to authenticate with.
type credentials struct {
	clientID     string
	clientSecret cps.Secret
	accessToken  cps.Secret
}

// credentialsOf reads the credentials from the environment alone.
func credentialsOf(ctx context.Context, getenv func(string) string, log *slog.Logger) (c credentials, err error) {
	c = credentials{
		clientID:     getenv(envClientID),
		clientSecret: cps.Secret(getenv(envClientSecret)),
		accessToken:  cps.Secret(getenv(envAccessToken)),
	}
	defer func() { c.warnOfShort(log) }()
	if c.accessToken != "" {
		return c, nil
	}
	if file := getenv(envClientSecretFile); file != "" && c.clientSecret == "" {
		secret, err := readSecret(ctx, file, log)
		if err != nil {
			return c, err
		}
		c.clientSecret = secret
	}
	if c.clientID == "" || c.clientSecret == "" {
		return c, missingCredentials{getenv}
	}
	return c, nil
}

// warnOfShort says which credentials are too short to be told from words.
func (c credentials) warnOfShort(log *slog.Logger) {
	for _, s := range []struct {
		name  string
		value cps.Secret
	}{{"the client secret", c.clientSecret}, {envAccessToken, c.accessToken}} {
		if s.value != "" && len(s.value) < cps.ShortSecret {
			log.Warn(fmt.Sprintf("%s has fewer than %d characters; it is not hidden in messages that repeat it", s.name, cps.ShortSecret))
		}
	}
}

// readSecret reads a file that holds a secret. One that others may write could be
// anybody's secret, and is refused.
func readSecret(ctx context.Context, file string, log *slog.Logger) (cps.Secret, error) {
	info, err := os.Stat(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", envClientSecretFile, err)
	}
	mode := info.Mode().Perm()
	if !info.Mode().IsRegular() && info.Mode()&fs.ModeNamedPipe == 0 {
		return "", fmt.Errorf("%s: %s is not a file", envClientSecretFile, file)
	}
	if platform.PermissionBits && mode&0o022 != 0 {
		return "", fmt.Errorf("%s: others may write %s (mode %04o); chmod 600 it and make sure of its content", envClientSecretFile, file, mode)
	}
	if platform.PermissionBits && mode&0o044 != 0 {
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
