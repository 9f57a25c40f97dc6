package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/patience"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// TestNothingSecretIsPrinted runs every command in every format and at every level of
// talk against servers that fail in every way, some of which send back what they were
// sent, and looks for the secret and for each token in all that was printed.
func TestNothingSecretIsPrinted(t *testing.T) {
	t.Parallel()
	var talks [][]string
	for _, format := range render.Names() {
		for _, talk := range []string{"-v", "-v --log-format=json"} { // what is said at a lower level is among it
			talks = append(talks, append(strings.Fields(talk), "--format="+format))
		}
	}
	wrong := []string{"", "echo", "echo in HTML", "echo in a redirect", "echo in an object", "echo in a header", "echo in place of HTTP", "panic"}
	for name := range faults {
		wrong = append(wrong, name)
	}
	slices.Sort(wrong)
	for i, fault := range wrong {
		for j, c := range []call{aToken, aList, aGet, aRenewal} {
			t.Run(fmt.Sprint(fault, ", ", c), func(t *testing.T) {
				t.Parallel()
				for k, talk := range talks {
					if !chosen(i+j+k, 16) {
						continue
					}
					keepsSecrets(t, fault, c, slices.Concat(talk, []string{"--apply"}))
				}
				keepsSecrets(t, fault, c, []string{"auth", "-v"})
			})
		}
	}
}

// keepsSecrets runs the program once, and fails when a secret shows.
func keepsSecrets(t *testing.T, fault string, c call, args []string) {
	t.Helper()
	const secret = "hush/+= &%25<secret>"
	cleanSecret := strings.ReplaceAll(secret, " ", "")
	g := rigOf(t, sandbox.World{Clock: start2026, Certificates: fleet(1),
		Credentials: &sandbox.Credentials{ClientID: sandbox.ClientID, ClientSecret: cleanSecret}})
	g.secret = cleanSecret
	hidden := map[string]bool{cleanSecret: true, url.QueryEscape(cleanSecret): true}
	g.serve = func(w http.ResponseWriter, r *http.Request, got call) bool {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		return got == c && echoes(w, fault, r.Header.Get("Authorization")+" "+string(body)+" "+cleanSecret)
	}
	if _, known := faults[fault]; known {
		g.breaks(fault, c, always)
	}
	var stdout, stderr lockedBuffer
	if args[0] != "auth" {
		args = append(args, manifests(t, renewing(700)))
	}
	w := g.world(&stdout, &stderr, args...)
	if fault == "panic" {
		w.Transport = &faulty{rig: g, call: c}
	}
	run(patience.Context(t), w)
	if len(g.bearers) == 0 && c != aToken {
		t.Error("no token was used; the test shows nothing")
	}
	for token := range g.bearers {
		hidden[strings.TrimPrefix(token, "Bearer ")] = true
	}
	all := stdout.String() + stderr.String()
	for s := range hidden {
		quoted, _ := json.Marshal(s)
		for _, form := range []string{s, strings.Trim(string(quoted), `"`)} {
			if strings.Contains(all, form) {
				t.Errorf("%v prints %q:\n%s", args, form, all)
			}
		}
	}
}

// echoes answers with what it was sent, in one of several forms.
func echoes(w http.ResponseWriter, fault, text string) bool {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	switch fault {
	case "echo":
		answer(w, 400, fmt.Sprintf(`{"code":%s,"error":%[1]s,"error_description":%[1]s,"details":[{"description":%[1]s,"source":%[1]s}]}`, quoted))
	case "echo in HTML":
		answer(w, 502, "<html><title>"+text+"</title></html>")
	case "echo in a redirect":
		w.Header().Set("Location", "https://elsewhere.example.com/"+url.PathEscape(text)+"?"+url.QueryEscape(text))
		w.WriteHeader(http.StatusFound)
	case "echo in an object":
		answer(w, 200, fmt.Sprintf(`{"id":%s,"items":%[1]s,"access_token":%[1]s,"token_type":%[1]s,"expires_in":%[1]s,"scope":%[1]s}`, quoted))
	case "echo in a header":
		insteadOfHTTP(w, "HTTP/1.1 200 OK\r\nContent-Type: \x1b"+text+"\r\n\r\n")
	case "echo in place of HTTP":
		insteadOfHTTP(w, text+"\r\n\r\n")
	default:
		return false
	}
	return true
}

// insteadOfHTTP answers with bytes that are no HTTP: the errors of the network quote them.
func insteadOfHTTP(w http.ResponseWriter, text string) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(connection, text)
	_ = connection.Close()
}
