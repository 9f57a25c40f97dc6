package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/jsonplan"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

var explainFormat = flagGroup{"Output", func(f *pflag.FlagSet, o *options) {
	f.StringVar(&o.format, "format", "text", "what goes to stdout, as `FORMAT`: text or json")
}}

// explanation is one run of explain.
type explanation struct {
	o      options
	talk   *slog.Logger
	paths  []string // of manifests
	stated bool     // the paths were given
	specs  []cert.Spec
	target *target
	report report.Explanation
}

// runExplain says where one request is in its life, and who acts next.
func runExplain(ctx context.Context, w world, o options) int {
	if len(o.paths) == 0 {
		return usage(w, "explain", errors.New("name a request: its manifest's name, its id, its label or one of its names"))
	}
	if o.format != "text" && o.format != "json" {
		return usage(w, "explain", fmt.Errorf("--format %q: use text or json", o.format))
	}
	w, talk, progress := conversation(w, o)
	e := &explanation{o: o, talk: talk,
		paths: o.paths[1:], stated: len(o.paths) > 1}
	e.report = report.Explanation{Version: version(), Asked: o.paths[0]}
	warnOfUnknown(w.environ, e.talk)
	err := e.run(ctx, w)
	progress.end()
	if err != nil {
		var u usageError
		if errors.As(err, &u) && u.code == exitUsage {
			return usage(w, "explain", u)
		}
		e.report.Failure = failureOf(err)
	}
	return e.print(w)
}

// run finds the request, reads it, and has the plan judge it.
func (e *explanation) run(ctx context.Context, w world) error {
	soft, cancel := softly(ctx, w.stop, e.o.wholeTimeout(), func() {})
	defer cancel()
	if err := e.read(soft, w); err != nil {
		return err
	}
	t, err := connect(soft, w, e.o, e.talk)
	if err != nil {
		return err
	}
	defer t.close()
	e.target = t
	e.report.Target, e.report.API, e.report.Now = t.name, t.api, t.instant
	defer func() {
		c := t.client.Counts()
		e.report.Requests = report.Requests{Reads: c.Reads, Writes: c.Writes, Retries: c.Retries, Waited: c.Waited,
			Queries: e.report.Requests.Queries}
	}()
	id, err := e.find(soft)
	if err != nil {
		return err
	}
	have, err := t.client.Certificate(soft, id, true)
	if errors.Is(err, cert.ErrNotFound) {
		return gone{id, e.placeOf(id)}
	}
	if err != nil {
		return err
	}
	if err := e.judge(soft, have); err != nil {
		return err
	}
	return e.control(soft, w, have)
}

// unlimited is a limit that explain never reports as exceeded.
const unlimited = math.MaxInt

// usualOrderPause is the default of --order-pause.
const usualOrderPause = 20 * time.Hour

// judge plans the one certificate, and takes from the plan what there is to say.
func (e *explanation) judge(ctx context.Context, have cert.Live) error {
	want := cert.Spec{ID: have.ID, Name: have.Label}
	var others []cert.Spec
	for _, s := range e.specs {
		if s.ID == have.ID {
			want, e.report.Managed = s, true
		} else {
			others = append(others, s)
		}
	}
	trail, err := openTrail(ctx, e.o, e.target)
	if err != nil {
		return err
	}
	for _, w := range trail.past.Writes(have.ID) {
		e.report.Writes = append(e.report.Writes, report.Write{At: w.Time, Kind: w.Operation.Kind, Fields: w.Fields, Outcome: w.Outcome, Run: w.Run})
	}
	a := plan.Account{Pairs: []plan.Pair{{Want: want, Have: have, Found: true}}, Others: others}
	o := plan.Options{API: e.target.api, OrderPause: e.o.orderPause, Held: trail.held(a.Pairs), MaxEdits: unlimited, MaxOrders: unlimited, MaxRenewals: unlimited}
	if label, ok := want.Label.Get(); ok && label != have.Label {
		if a, err = e.beside(ctx, a.Pairs[0]); err != nil {
			return err
		}
	}
	now := e.target.instant
	p := plan.Build(a, now, o)
	s := p.Steps[0]
	e.report.Step, e.report.Life = s, plan.LifeOf(have, now)
	e.report.Turn, e.report.Renewal, e.report.Outlooks = s.Turn(now), s.Renewal(now), s.Outlooks(now, o)
	return nil
}

// beside reads the account as a plan does, around the one request that is explained:
// whether its manifest can have the label that it asks for depends on all the others.
func (e *explanation) beside(ctx context.Context, one plan.Pair) (plan.Account, error) {
	l, err := account.Read(ctx, e.target.client, account.Selection{All: e.specs, Chosen: e.specs}, e.target.instant, account.Also{})
	if err != nil {
		return plan.Account{}, err
	}
	l.Pairs = slices.DeleteFunc(l.Pairs, func(p plan.Pair) bool { return p.Want.ID == one.Want.ID })
	l.Pairs = append([]plan.Pair{one}, l.Pairs...)
	return l.Account, nil
}

// control reads what proves control of the names, where the CA waits for that.
func (e *explanation) control(ctx context.Context, w world, have cert.Live) (err error) {
	if e.o.control.skip || !e.report.Step.AwaitsControl() {
		return nil
	}
	e.report.Control, err = e.target.client.Proofs(ctx, have)
	if e.report.ControlRead = err == nil; err != nil {
		return err
	}
	e.report.Requests.Queries, err = e.o.lookUp(ctx, w, e.target.client, e.report.Control)
	if err != nil && ctx.Err() == nil {
		e.talk.Warn(err.Error())
	}
	return context.Cause(ctx)
}

// print writes the explanation, or why there is none.
func (e *explanation) print(w world) int {
	out := &rememberer{w: w.stdout}
	style := styleOf(w.stdout, e.o.color, e.o.verbose, w.getenv)
	code := exitOK
	if f := e.report.Failure; f != nil {
		code = exitError
		for _, p := range e.report.Problems {
			fmt.Fprintln(w.stderr, words.Problem(p))
		}
		fmt.Fprintf(w.stderr, "error: %s\n%s", words.Clean(f.Message), lines(f.Hint))
	}
	var err error
	switch {
	case e.o.format == "json":
		err = jsonplan.Explanation(out, e.report)
	case code == exitOK:
		err = text.Explanation(out, e.report, style)
	}
	switch {
	case w.stop.done():
		return w.stop.code
	case err != nil || out.err != nil:
		return exitError
	default:
		return code
	}
}
