package session

import (
	"sync"
	"sync/atomic"

	"github.com/omnisession/omnisession/implementations/go/internal/auth"
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Bounds of a mailbox. A client that sends faster than its session works is
// told to wait: above maxRequests in its place in the order, by an outcome
// that costs no work, and above twice as many by an answer that does not even
// wait. A session that is told faster than it publishes begins a new epoch.
// Neither costs another session anything.
const (
	maxRequests   = 8_192
	maxDeliveries = 4_096
)

// busyMS is how long a client that sent too much at once is to wait.
const busyMS = 200

func tooBusy() error {
	return wire.RefuseLater(wire.RateLimited, "Too much at once; wait a moment and send it again.", busyMS)
}

// item is what a session is given to do.
type item any

type (
	// request is a control request, or what refuses it.
	request struct {
		who   *auth.Identity // of an open that may be answered
		name  string
		reply string
		data  any
		err   error
	}
	// copyOf is one copy of an action.
	copyOf struct {
		action *wire.Action
		reply  string
		trace  string
		busy   bool // too many are waiting
	}
	// delivery is what one commit changed in a session. With own it is the
	// session's own action, which may have changed nothing.
	delivery struct {
		changes []*state.Change
		barrier *barrier
		own     bool
		trace   string
	}
	settled  struct{} // all effects of the action in flight are published
	takeover struct{} // deliveries were lost; begin an epoch
	closing  struct{} // tell the client of a planned stop
	finish   struct{} // finish what has begun
)

// barrier counts the sessions that have yet to publish an action's effects.
type barrier struct {
	box *mailbox // of the acting session

	mu    sync.Mutex
	left  int
	after []*barrier // of copies, whose acks follow the same effects
}

func (b *barrier) add(sessions int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += sessions
}

// done counts one session; the last one lets the acting session go on.
func (b *barrier) done() {
	if b == nil {
		return
	}
	b.mu.Lock()
	b.left--
	over, after := b.left == 0, b.after
	b.mu.Unlock()
	if !over {
		return
	}
	b.box.post(settled{})
	for _, copied := range after {
		copied.done()
	}
}

// follow has a new barrier wait for this one, if it is not over.
func (b *barrier) follow(copied *barrier) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left > 0 {
		b.after = append(b.after, copied)
		copied.left++
	}
}

// mailbox is the queue in front of a session. Posting never waits.
type mailbox struct {
	wake   chan struct{} // has a token while items wait
	client atomic.Int64  // requests and actions that are not handled yet

	mu         sync.Mutex
	items      []item
	deliveries int
	overrun    bool // deliveries were dropped, a takeover waits
	ownLost    bool // the own one was among them
	closed     bool
}

func newMailbox() *mailbox { return &mailbox{wake: make(chan struct{}, 1)} }

// post queues an item of the server; false says that the session is over.
func (m *mailbox) post(it item) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.items = append(m.items, it)
	m.signal()
	return true
}

func (m *mailbox) signal() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// ask queues something of the client. It returns the refusal if the session
// is over, or far behind.
func (m *mailbox) ask(it item) error {
	waiting := m.client.Add(1)
	if waiting > maxRequests {
		c, isAction := it.(*copyOf)
		if !isAction || waiting > 2*maxRequests {
			m.client.Add(-1)
			return tooBusy()
		}
		c.busy, c.action = true, c.action.Bare()
	}
	if !m.post(it) {
		return sessionOver()
	}
	return nil
}

// deliver queues a delivery. It reports the deliveries that were dropped
// because too many wait; their barriers are the caller's to count.
func (m *mailbox) deliver(d *delivery) (dropped []*delivery) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.closed:
		return []*delivery{d}
	case m.overrun:
		m.ownLost = m.ownLost || d.own
		return []*delivery{d}
	case m.deliveries < maxDeliveries:
		m.deliveries++
		m.items = append(m.items, d)
	default:
		m.overrun, m.ownLost = true, d.own
		dropped = append(m.dropDeliveries(), d)
		m.items = append(m.items, takeover{})
	}
	m.signal()
	return dropped
}

func (m *mailbox) dropDeliveries() (dropped []*delivery) {
	var rest []item
	for _, it := range m.items {
		if d, ok := it.(*delivery); ok {
			m.ownLost = m.ownLost || d.own
			dropped = append(dropped, d)
		} else {
			rest = append(rest, it)
		}
	}
	m.items, m.deliveries = rest, 0
	return dropped
}

// take returns all items that wait.
func (m *mailbox) take() []item {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := m.items
	m.items, m.deliveries = nil, 0
	return items
}

// recover ends an overrun: what comes from now on is not in the new slices.
func (m *mailbox) recover() (ownLost bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ownLost = m.ownLost
	m.overrun, m.ownLost = false, false
	return ownLost
}

// close ends the mailbox and returns what was left in it.
func (m *mailbox) close() []item {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := m.items
	m.items, m.closed = nil, true
	return items
}
