package parallel_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cpsync/cpsync/internal/parallel"
)

func TestEachCallsAll(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 3, 100} {
		var now, most, sum atomic.Int64
		err := parallel.Each(t.Context(), 50, limit, func(_ context.Context, i int) error {
			for n := now.Add(1); ; {
				if m := most.Load(); n <= m || most.CompareAndSwap(m, n) {
					break
				}
			}
			sum.Add(int64(i))
			now.Add(-1)
			return nil
		})
		if err != nil || sum.Load() != 49*50/2 || most.Load() > int64(limit) {
			t.Errorf("limit %d: %v, sum %d, %d at a time", limit, err, sum.Load(), most.Load())
		}
	}
}

func TestTheFirstErrorEndsTheRest(t *testing.T) {
	t.Parallel()
	wrong := errors.New("wrong")
	var begun atomic.Int64
	err := parallel.Each(t.Context(), 50, 2, func(ctx context.Context, i int) error {
		begun.Add(1)
		if i == 0 {
			return wrong
		}
		<-ctx.Done()
		return context.Cause(ctx)
	})
	if !errors.Is(err, wrong) || begun.Load() > 2 {
		t.Errorf("%v after %d", err, begun.Load())
	}
}

func TestACallerThatStopsIsNamed(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	err := parallel.Each(ctx, 5, 2, func(context.Context, int) error { t.Error("begun"); return nil })
	if !errors.Is(err, stop) {
		t.Error(err)
	}
}

func TestPanicReachesTheCaller(t *testing.T) {
	t.Parallel()
	defer func() {
		if v, ok := recover().(string); !ok || !strings.Contains(v, "boom") {
			t.Errorf("recovered %v", v)
		}
	}()
	_ = parallel.Each(t.Context(), 3, 2, func(context.Context, int) error { panic("boom") })
}
