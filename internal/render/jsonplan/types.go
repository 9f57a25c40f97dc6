package jsonplan

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// The structs below are the published form, member by member in the order they are
// written. schemas/plan.v2.schema.json describes them; a test holds the two together.
// Nothing is renamed or taken out within version 2. What is absent or was not read is null.

type document struct {
	FormatVersion string            `json:"format_version"`
	Tool          tool              `json:"tool"`
	Mode          string            `json:"mode"`
	Finished      bool              `json:"finished"`
	Now           *time.Time        `json:"now"`
	API           *string           `json:"api"`
	Source        source            `json:"source"`
	Run           map[string]string `json:"run"`  // never null
	Base          *base             `json:"base"` // null: no base was given
	Digest        string            `json:"digest"`
	Summary       summary           `json:"summary"`
	Limits        limits            `json:"limits"`
	Groups        []group           `json:"groups"`
	Steps         []step            `json:"steps"`
	Expiring      []expiring        `json:"expiring"`
	ExpiresWithin *expiresWithin    `json:"expires_within"` // null: nobody asked
	Unmanaged     []unmanaged       `json:"unmanaged"`
	Warnings      []failure         `json:"warnings"`
	Errors        []failure         `json:"errors"`
	Requests      requests          `json:"requests"`
}

type tool struct {
	Name    string  `json:"name"`
	Version string  `json:"version"`
	Commit  *string `json:"commit"`
}

type source struct {
	Paths  []string `json:"paths"`
	Commit *string  `json:"commit"`
}

type base struct {
	Revision string `json:"revision"`
	Gone     []gone `json:"gone"`
}

type gone struct {
	ID        cert.ID    `json:"id"`
	Name      string     `json:"name"`
	Label     *string    `json:"label"`
	AutoRenew *bool      `json:"auto_renew"` // null: the request was not read
	ExpiresAt *time.Time `json:"expires_at"`
	Unrenewed bool       `json:"nothing_renews"`
	MovedTo   *string    `json:"moved_to"`
}

// summary counts operations in CAOrders and Edits, and certificates in the rest. Those up
// to NotEvaluated make up Managed.
type summary struct {
	Errors         int  `json:"errors"`
	ActionRequired int  `json:"action_required"`
	Changing       int  `json:"changing"`
	Deferred       int  `json:"deferred"`
	Withheld       int  `json:"withheld"`
	Protected      int  `json:"protected"`
	UpToDate       int  `json:"up_to_date"`
	NotEvaluated   *int `json:"not_evaluated"` // null: no base was given
	Managed        int  `json:"managed"`
	Unmanaged      *int `json:"unmanaged"`
	Revoked        int  `json:"revoked"`
	Expired        int  `json:"expired"`
	Expiring       int  `json:"expiring"`
	CAOrders       int  `json:"ca_orders"`
	Edits          int  `json:"edits"`
}

// group is what has one cause and one action.
type group struct {
	Cause     string    `json:"cause"`
	Action    *string   `json:"action"`
	NextActor string    `json:"next_actor"`
	IDs       []cert.ID `json:"ids"`
}

type limits struct {
	Edits    limit `json:"edits"`
	Domains  limit `json:"domain_changes"`
	Renewals limit `json:"renewals"`
}

type limit struct {
	Count    int  `json:"count"`
	Limit    int  `json:"limit"`
	Exceeded bool `json:"exceeded"`
}

type step struct {
	Name          string             `json:"name"`
	ID            cert.ID            `json:"id"`
	Label         *string            `json:"label"`
	CommonName    *string            `json:"common_name"`
	Tags          map[string]string  `json:"tags"` // never null
	Phase         string             `json:"phase"`
	PhaseFrom     phaseFrom          `json:"phase_from"`
	StatusRead    bool               `json:"status_read"`
	ExpiresAt     *time.Time         `json:"expires_at"`
	Source        *position          `json:"source"`
	Digest        string             `json:"digest"`
	ChangedByBase *bool              `json:"changed_by_base"` // null: no base was given
	Evaluated     bool               `json:"evaluated"`       // false: only the list was read
	Operations    []operation        `json:"operations"`
	Withheld      []withheld         `json:"withheld"`
	Warnings      []warning          `json:"warnings"`
	DCV           []domainValidation `json:"dcv"` // null when it was not asked for, or could not be read
	DCVError      *string            `json:"dcv_error"`
	Edge          *served            `json:"edge"`           // null: nobody looked
	Wait          *wait              `json:"wait,omitempty"` // of what was followed with --wait only
}

type phaseFrom struct {
	Status  *string  `json:"status"`
	Order   *string  `json:"order"`
	Domains []domain `json:"domains"`
}

type domain struct {
	Name   string `json:"name"`
	Status string `json:"status"`
}

type position struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

type operation struct {
	Kind     string      `json:"kind"`
	Digest   string      `json:"digest"`
	Changes  []change    `json:"changes"`
	Body     *cert.Patch `json:"body"`
	Effect   string      `json:"effect"`
	Reason   *string     `json:"reason"`
	*outcome             // after an apply only
}

type outcome struct {
	Outcome  *string `json:"outcome"` // null: the apply was at work
	By       *string `json:"by"`
	Attempts int     `json:"attempts"`
	Error    *string `json:"error"`

	KeptBy report.ResendGuard `json:"kept_by,omitempty"` // of an order that does not show only
}

// change is one of two shapes: of a value, or of the set of names.
type change struct {
	Field string `json:"field"`
	*values
	*names
}

type values struct {
	From any `json:"from"` // a string, or a boolean for auto_renew
	To   any `json:"to"`
}

type names struct {
	Add        []string     `json:"add"`
	Remove     []string     `json:"remove"`
	CommonName *commonNames `json:"common_name"`
}

type commonNames struct {
	From *string `json:"from"`
	To   string  `json:"to"`
}

// reason is why a change is not sent.
type reason struct {
	Verdict   string     `json:"verdict"`
	Rule      string     `json:"rule"`
	Reason    string     `json:"reason"`
	Until     *string    `json:"until"`
	UntilAt   *time.Time `json:"until_at"`
	Action    *string    `json:"action"`
	NextActor string     `json:"next_actor"`
}

type withheld struct {
	change
	reason
}

type warning struct {
	Code           string  `json:"code"`
	Text           string  `json:"text"`
	Action         *string `json:"action"`
	ActionRequired bool    `json:"action_required"`
	Accepted       bool    `json:"accepted"`
	*places
}

// places is of what two manifests have in common.
type places struct {
	Source  *position `json:"source"`
	Also    *position `json:"also"`
	Domains []string  `json:"domains"`
}

type domainValidation struct {
	Domains  []string `json:"domains"`
	Method   *string  `json:"method"`
	Ready    bool     `json:"ready"`
	Records  []record `json:"records"`
	Emails   []string `json:"emails"`
	Inferred bool     `json:"inferred"`
}

type record struct {
	Name  string  `json:"name"`
	Type  string  `json:"type"`
	Value *string `json:"value"` // null when it is not known
	Zone  string  `json:"zone"`

	Lookup *lookup `json:"dns"` // null where nobody looked
}

type lookup struct {
	Result  string       `json:"result"`
	Name    string       `json:"name"`
	Zone    *string      `json:"zone"` // null: a resolver was asked
	Reason  *string      `json:"reason"`
	Servers []nameserver `json:"servers"`
}

type nameserver struct {
	Server string   `json:"server"`
	Result string   `json:"result"`
	Values []string `json:"values"`
	Via    []string `json:"via"`
	Error  *string  `json:"error"`
}

type expiring struct {
	expiry
	Code     string  `json:"code"`
	Reason   string  `json:"reason"`
	Action   *string `json:"action"`
	Accepted bool    `json:"accepted"`
}

type expiresWithin struct {
	Seconds      int64    `json:"seconds"`
	Certificates []expiry `json:"certificates"`
}

type expiry struct {
	Name       string     `json:"name"`
	ID         cert.ID    `json:"id"`
	CommonName *string    `json:"common_name"`
	ExpiresAt  *time.Time `json:"expires_at"`
	Days       int        `json:"days"`
}

type unmanaged struct {
	ID         cert.ID    `json:"id"`
	Label      string     `json:"label"`
	CommonName *string    `json:"common_name"`
	ExpiresAt  *time.Time `json:"expires_at"`
}

type failure struct {
	Code    string    `json:"code"`
	Message string    `json:"message"`
	Hint    *string   `json:"hint"`
	Name    *string   `json:"name"`
	Source  *position `json:"source"`
}

type requests struct {
	Reads    int   `json:"reads"`
	Writes   int   `json:"writes"`
	Retries  int   `json:"retries"`
	WaitedMS int64 `json:"waited_ms"`
	Queries  int   `json:"dns_queries"`

	Expected expected `json:"expected"`
}

// expected has null for what is not known.
type expected struct {
	List   *int `json:"list"`
	Single *int `json:"single"`
	Status *int `json:"status"`
	DCV    *int `json:"dcv"`
}

func requestsOf(r report.Requests) requests {
	return requests{r.Reads, r.Writes, r.Retries, r.Waited.Milliseconds(), r.Queries, expected(r.Expected)}
}
