package cps

import (
	"net/url"
	"path"
	"strings"
)

// Address returns the one spelling of the URL of an API: scheme and host in lower case,
// without the port that the scheme implies, nor a dot or slash at the end. What two runs
// note about one API, a journal or an approval, must not depend on how it was typed. What
// is no URL stays as it is.
func Address(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return text
	}
	host, port := strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), u.Port()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" && port != map[string]string{"https": "443", "http": "80"}[u.Scheme] {
		host += ":" + port
	}
	u.Host = host
	u.Path, u.RawPath = strings.TrimSuffix(path.Clean("/"+u.Path), "/"), ""
	return u.String()
}
