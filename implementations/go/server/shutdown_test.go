package server

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// These tests look for goroutines of any server, so none of them is parallel.

// slow is a store that waits until it is let go, or its caller gives up.
type slow struct {
	Store
	entered chan struct{}
	let     chan struct{}
	gaveUp  atomic.Bool
}

func newSlow() *slow {
	return &slow{Store: NewMemory(), entered: make(chan struct{}, 16), let: make(chan struct{})}
}

func (s *slow) Put(ctx context.Context, record Record) error {
	s.entered <- struct{}{}
	select {
	case <-s.let:
		return s.Store.Put(ctx, record)
	case <-ctx.Done():
		s.gaveUp.Store(true)
		return ctx.Err()
	}
}

func TestShutdownFinishesWhatHasBegun(t *testing.T) {
	store := newSlow()
	s, c := serve(t, Config{Store: store, StoreTimeout: time.Hour})
	c.open()
	if err := c.nc.Publish("user.actions.ann", []byte(c.action("article.create", `{"title":"x"}`))); err != nil {
		t.Fatal(err)
	}
	<-store.entered
	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(within(t, patience)) }()
	close(store.let)
	seen := map[string]int{}
	for seen["action.ack"] == 0 || seen["session.closing"] == 0 {
		select {
		case msg := <-c.told:
			seen[read(t, msg.Data).Type]++
		case <-time.After(patience):
			t.Fatalf("only %v", seen)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if left := stacks(); len(left) > 0 {
		t.Errorf("%d goroutines stay, such as\n%s", len(left), left[0])
	}
	if _, err := c.nc.Request("user.actions.ann", []byte("{}"), patience); !errors.Is(err, nats.ErrNoResponders) {
		t.Errorf("it is still there: %v", err)
	}
	if err := s.Shutdown(within(t, patience)); err != nil {
		t.Errorf("a second call: %v", err)
	}
}

func TestShutdownGivesUp(t *testing.T) {
	store := newSlow()
	s, c := serve(t, Config{Store: store, StoreTimeout: time.Hour})
	c.open()
	if err := c.nc.Publish("user.actions.ann", []byte(c.action("article.create", `{"title":"x"}`))); err != nil {
		t.Fatal(err)
	}
	<-store.entered
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(ctx) }()
	<-s.received // it waits for the session by now
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	gone(t)
	if !store.gaveUp.Load() {
		t.Error("the store was not told")
	}
}

func TestShutdownWithoutABroker(t *testing.T) {
	b := startBroker(t, -1)
	s, err := Start(within(t, patience), connect(t, b, nats.NoEcho(), nats.MaxReconnects(-1)), quiet(Config{}))
	if err != nil {
		t.Fatal(err)
	}
	newClient(t, b).open()
	b.Shutdown()
	b.WaitForShutdown()
	if err := s.Shutdown(within(t, 50*time.Millisecond)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	gone(t)
}

func TestRunWithoutABroker(t *testing.T) {
	b := startBroker(t, -1)
	b.Shutdown()
	b.WaitForShutdown()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := Run(ctx, b.ClientURL(), quiet(Config{Grace: 50 * time.Millisecond}))
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	gone(t)
}

// gone waits until no goroutine of a server is left: after a stop that gave up
// they end by themselves.
func gone(t *testing.T) {
	t.Helper()
	left := stacks()
	for late := time.Now().Add(patience); len(left) > 0 && time.Now().Before(late); left = stacks() {
		time.Sleep(time.Millisecond)
	}
	if len(left) > 0 {
		t.Errorf("%d goroutines stay, such as\n%s", len(left), left[0])
	}
}
