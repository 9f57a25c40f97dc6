package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/miekg/dns"

	"github.com/cpsync/cpsync/internal/cert"
)

// Why a server says nothing of a record.
var (
	errNoResolver = errors.New("there is no resolver to ask")
	errSpent      = errors.New("the run has used up its queries")
	errSilent     = errors.New("no answer")
	errLate       = errors.New("there was no time left")
	errLame       = errors.New("not authoritative for the name")
	errNoZone     = errors.New("there is no zone above the name")
	errForeign    = errors.New("the answer is to another question")
	errReferral   = errors.New("it only refers to other servers")
	errOthers     = errors.New("the answer is about other names")
	errBoth       = errors.New("it says that the name does not exist, and what is there")
)

// kindOf tells silence from an answer that is of no use.
func kindOf(err error) cert.LookupResult {
	switch {
	case errors.Is(err, errSpent), errors.Is(err, errLate):
		return cert.NotAsked
	case errors.Is(err, errSilent):
		return cert.NoAnswer
	default:
		return cert.Failed
	}
}

// ask puts a question to a server: over UDP, twice where nothing comes back, and over
// TCP where the answer did not fit. Its error says why there is no answer that could be
// read on.
func (c *Checker) ask(ctx context.Context, address, name string, kind uint16, recurse bool) (*dns.Msg, error) {
	known, _ := c.known.LoadOrStore(address, new(health))
	h := known.(*health)
	if !h.answered.Load() && h.silences.Load() >= mostSilences {
		return nil, fmt.Errorf("%w to any question", errSilent)
	}
	q := new(dns.Msg).SetQuestion(name, kind)
	q.RecursionDesired = recurse
	in, err := c.exchange(ctx, "udp", address, q)
	if errors.Is(err, errSilent) && ctx.Err() == nil {
		in, err = c.exchange(ctx, "udp", address, q)
	}
	if err == nil && in.Truncated {
		if in, err = c.exchange(ctx, "tcp", address, q); err != nil {
			return nil, fmt.Errorf("truncated over UDP; over TCP %w", err)
		}
	}
	switch {
	case ctx.Err() != nil: // the run ended meanwhile
	case !errors.Is(err, errSilent):
		h.answered.Store(true)
	default:
		h.silences.Add(1)
	}
	if err != nil {
		return nil, err
	}
	return in, checkAnswer(q, in)
}

// mostSilences is after how many questions a server that never said anything is not asked
// again. A resolver is silent too about names whose own servers are, and says what it knows
// of others.
const mostSilences = 8

// health is what is known of a server.
type health struct {
	answered atomic.Bool
	silences atomic.Int32
}

// checkAnswer refuses what is no answer to the question, and errors of the server.
func checkAnswer(q, in *dns.Msg) error {
	asked := q.Question[0]
	switch {
	case !in.Response, in.Opcode != q.Opcode, len(in.Question) != 1,
		dns.CanonicalName(in.Question[0].Name) != asked.Name, in.Question[0].Qtype != asked.Qtype:
		return errForeign
	case in.Rcode != dns.RcodeSuccess && in.Rcode != dns.RcodeNameError:
		word, known := dns.RcodeToString[in.Rcode]
		if !known {
			word = fmt.Sprintf("error %d", in.Rcode)
		}
		return errors.New("it answers " + word)
	case in.Truncated:
		return errors.New("truncated over TCP too")
	default:
		return nil
	}
}

// mostBytes is how long an answer over UDP may be: more than anyone who was not asked for
// more sends.
const mostBytes = 4096

// exchange sends a question once, unless the time of whole is up.
func (c *Checker) exchange(whole context.Context, network, address string, q *dns.Msg) (*dns.Msg, error) {
	if whole.Err() != nil {
		return nil, errLate
	}
	if c.asked.Add(1) > int64(c.cfg.MaxQueries) {
		return nil, errSpent
	}
	ctx, cancel := context.WithTimeout(whole, c.cfg.Timeout)
	defer cancel()
	conn, err := c.cfg.Dial(ctx, network, address)
	if err != nil {
		return nil, c.silence(whole, ctx, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	client := dns.Client{Net: network, Timeout: c.cfg.Timeout, UDPSize: mostBytes}
	in, _, err := client.ExchangeWithConnContext(ctx, q, &dns.Conn{Conn: conn})
	var unread *dns.Error
	switch {
	case errors.As(err, &unread):
		return nil, errors.New("the answer can't be read: " + unread.Error())
	case err != nil:
		return nil, c.silence(whole, ctx, err)
	}
	return in, nil
}

// silence says in a few words why nothing came back within ctx, the part of whole that a question has. What the
// system says names ports that are others each time.
func (c *Checker) silence(whole, ctx context.Context, err error) error {
	var network net.Error
	timedOut := errors.As(err, &network) && network.Timeout() || errors.Is(err, context.DeadlineExceeded)
	end, _ := ctx.Deadline()
	last, limited := whole.Deadline()
	switch {
	case errors.Is(whole.Err(), context.Canceled):
		return fmt.Errorf("%w: the run ended", errSilent)
	case timedOut && limited && end.Equal(last):
		return fmt.Errorf("%w before the time for DNS was over", errSilent)
	case timedOut:
		return fmt.Errorf("%w within %s", errSilent, c.cfg.Timeout)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%w: connection refused", errSilent)
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		err = op.Err
	}
	return fmt.Errorf("%w: %w", errSilent, err)
}
