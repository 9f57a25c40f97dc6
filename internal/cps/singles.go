package cps

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"

	"github.com/cpsync/cpsync/internal/cert"
)

// singles asks for each wanted request by itself that found does not hold, and
// returns found with the answers. It also does what is in q.
func (l *listing) singles(ctx context.Context, q *queue, found Listing) (Listing, error) {
	var mu sync.Mutex
	alone := found.without(l.want)
	left := len(alone)
	for _, id := range alone {
		q.add(&q.pages, func(ctx context.Context) error {
			have, err := l.single(ctx, id)
			if err == nil {
				l.ask(q, have)
			}
			mu.Lock()
			defer mu.Unlock()
			if left--; left == 0 && !found.Whole {
				l.known(Known{Pages: 1, Singles: len(alone), Asked: true})
			}
			return found.note(id, have, err)
		})
	}
	var apart *furtherError
	err := q.run(ctx, l.cfg.Concurrency)
	if errors.As(err, &apart) {
		err = apart.error
	}
	if err != nil {
		return Listing{}, err
	}
	return found, nil
}

// without returns the ids of want that l says nothing about.
func (l *Listing) without(want []cert.ID) []cert.ID {
	known := make(map[cert.ID]bool, len(l.Live))
	for _, have := range l.Live {
		known[have.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(want), func(id cert.ID) bool {
		return known[id] || l.Failed[id] != nil
	})
}

// note stores the answer to a single read. It returns the error when that is not
// about this request alone.
func (l *Listing) note(id cert.ID, have cert.Live, err error) error {
	switch {
	case err == nil:
		l.Live = append(l.Live, have)
	case errors.Is(err, cert.ErrNotFound):
		l.Missing = append(l.Missing, id)
	case alone(err):
		l.Failed[id] = err
	default:
		return err
	}
	return nil
}

// alone reports whether a single read failed for this request alone. A page of the
// list has been read before it with the same credentials, so a refusal is about
// this request.
func alone(err error) bool {
	var object *objectError
	if errors.As(err, &object) || errors.Is(err, cert.ErrOtherID) || errors.Is(err, errID) {
		return true
	}
	var e *Error
	return errors.As(err, &e) && errors.Is(e, cert.ErrRefused) &&
		e.StatusCode != http.StatusUnauthorized && e.StatusCode != http.StatusTooManyRequests
}
