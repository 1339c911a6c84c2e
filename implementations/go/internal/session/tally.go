package session

import (
	"context"
	"sync"
)

// tally counts what is under way. Unlike with a sync.WaitGroup, whoever waits
// for its end can give up, and leaves no goroutine behind.
type tally struct {
	mu    sync.Mutex
	count int
	ended []chan struct{} // of those who wait
}

func (t *tally) add() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count++
}

func (t *tally) done() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count--
	if t.count > 0 {
		return
	}
	for _, ended := range t.ended {
		close(ended)
	}
	t.ended = nil
}

// wait returns when nothing is under way, or ctx is done.
func (t *tally) wait(ctx context.Context) error {
	t.mu.Lock()
	if t.count == 0 {
		t.mu.Unlock()
		return nil
	}
	ended := make(chan struct{})
	t.ended = append(t.ended, ended)
	t.mu.Unlock()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
