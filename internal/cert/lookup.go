package cert

// LookupResult is what DNS says of a record.
type LookupResult uint8

// The results. The first ones answer the question, the others say why there is no
// answer.
const (
	NotLookedUp LookupResult = iota // nobody asked for it
	Found                           // it is there, with its value
	Absent                          // the name exists, and has no such record
	OtherValue                      // the name has such records, and none with the value
	NoSuchName                      // the name does not exist
	Present                         // it is there; what it has to say is not known
	Looped                          // aliases lead in a circle, or too far
	Disagree                        // servers of the zone say different things
	NoAnswer                        // silence
	Failed                          // an answer that says nothing: an error, or of somebody who does not know
	NotAsked                        // the run has used up its queries
)

// String returns the word used in JSON.
func (r LookupResult) String() string {
	return [...]string{"not-looked-up", "found", "absent", "other-value", "no-such-name", "present", "loop",
		"servers-disagree", "no-answer", "failed", "not-asked"}[r]
}

// Answers reports whether a server said something of the record.
func (r LookupResult) Answers() bool { return r > NotLookedUp && r < NoAnswer }

// Lookup is what DNS says of a record.
type Lookup struct {
	Result  LookupResult
	Name    string         // that was asked for: the record's, or another that the CA takes too
	Zone    string         // whose own servers were asked; "" when a resolver was
	Why     string         // a resolver was asked although no one chose it
	Servers []ServerAnswer // in the order they were asked
}

// ServerAnswer is what one server says of a record.
type ServerAnswer struct {
	Server string // its name, or its address
	Result LookupResult
	Values []string // that it holds, sorted; "" of those that are as wanted
	Via    []string // names that aliases lead over, in order
	Err    string   // why it says nothing of the record; "" when it does
}

// Elsewhere is another name at which the CA takes the record; "" when there is none.
//
// Source: cps-api, section 4.7, which infers it from what the CA documents.
func (r Record) Elsewhere() string {
	if r.Type != "TXT" {
		return ""
	}
	return "_dnsauth." + r.Name
}
