package cps

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is quoted from the server.
const (
	maxDetails = 8   // sentences of one answer
	maxText    = 300 // characters of one sentence
)

// words returns the server's word and its sentences, from any body: the vendor's
// own shape, {"Message"} of its older services, {"error"} of the token service, a
// web page of some gateway, plain text, half an answer or none.
//
// Source: cps-api, section 2.3.
func (c *Client) words(res *http.Response) (code string, details []string) {
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxError)) // half of it is better than nothing
	text := strings.TrimSpace(string(body))
	var object map[string]json.RawMessage
	switch {
	case text == "":
		return "", nil
	case json.Unmarshal(body, &object) == nil:
		code, details = vendorWords(object)
	case strings.HasPrefix(text, "<"):
		details = []string{webPage(text)}
	default:
		details = []string{text}
	}
	return c.clean(code), c.cleanAll(details)
}

// vendorWords takes what it knows from an object, whatever the types in it.
func vendorWords(object map[string]json.RawMessage) (code string, details []string) {
	code = str(object["code"])
	if code == "" {
		code = str(object["error"])
	}
	for _, key := range []string{"title", "description", "error_description", "Message", "message"} {
		details = append(details, str(object[key]))
	}
	var list []map[string]json.RawMessage
	_ = json.Unmarshal(object["details"], &list)
	for _, d := range list {
		details = append(details, detail(d))
	}
	return code, details
}

// detail is one sentence, with the place in the body that it is about.
func detail(d map[string]json.RawMessage) string {
	text, source := str(d["description"]), str(d["source"])
	if text == "" {
		text = str(d["code"])
	}
	if text == "" || source == "" {
		return text + source
	}
	return source + ": " + text
}

var title = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

func webPage(text string) string {
	if m := title.FindStringSubmatch(text); m != nil {
		return "a web page, titled " + strings.TrimSpace(m[1])
	}
	return "a web page"
}

// str returns raw as a string, or "" when it is none.
func str(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s)
	return s
}

func (c *Client) cleanAll(texts []string) []string {
	var clean []string
	for _, t := range texts {
		if t = c.clean(t); t != "" && len(clean) < maxDetails {
			clean = append(clean, t)
		}
	}
	return clean
}

// clean makes text of the server fit to be quoted: without our secrets, on one
// line, without control characters, and short.
func (c *Client) clean(text string) string {
	text = strings.Map(printable, c.auth.hide(text))
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > maxText {
		text = string([]rune(text)[:maxText]) + "..."
	}
	return text
}

func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return ' '
}
