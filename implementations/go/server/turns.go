package server

import (
	"sync"

	"github.com/nats-io/nats.go"
)

// Bounds of what may wait. What a user sends above them is refused for a while;
// above all of them, refusals among it, nothing more is read.
const (
	maxOfUser      = 8_192
	maxBytesOfUser = 8 << 20
	maxBytes       = 64 << 20
	overhead       = 512 // of a message, besides its body
)

// turn is a message that waits, or the refusal of one.
type turn struct {
	msg     *nats.Msg
	refused bool
}

func (t turn) size() int { return overhead + len(t.msg.Data) }

// line is what waits of one user.
type line struct {
	user    string
	waiting []turn
	size    int
}

// turns lets each user have one message handled in turn, so that nobody waits
// for what another one sent at once. The messages of a user keep their order.
type turns struct {
	mu      sync.Mutex
	changed *sync.Cond
	lines   map[string]*line // those that are not empty
	order   []*line          // the same, the next one first
	size    int
	closed  bool
}

func newTurns() *turns {
	t := &turns{lines: map[string]*line{}}
	t.changed = sync.NewCond(&t.mu)
	return t
}

// put has a message wait. It waits itself while far too much does.
func (t *turns) put(user string, msg *nats.Msg) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.size >= maxBytes && !t.closed {
		t.changed.Wait()
	}
	l := t.lines[user]
	if l == nil {
		l = &line{user: user}
		t.lines[user] = l
		t.order = append(t.order, l)
	}
	it := turn{msg: msg}
	if len(l.waiting) >= maxOfUser || l.size >= maxBytesOfUser {
		if msg.Reply == "" {
			return
		}
		it = turn{msg: &nats.Msg{Subject: msg.Subject, Reply: msg.Reply}, refused: true}
	}
	l.waiting = append(l.waiting, it)
	l.size += it.size()
	t.size += it.size()
	t.changed.Broadcast()
}

// next waits for a message and takes it; false says that there will be none.
func (t *turns) next() (turn, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.order) == 0 {
		if t.closed {
			return turn{}, false
		}
		t.changed.Wait()
	}
	l := t.order[0]
	t.order = t.order[1:]
	it := l.waiting[0]
	l.waiting[0] = turn{}
	l.waiting = l.waiting[1:]
	l.size -= it.size()
	if t.size -= it.size(); t.size < maxBytes && t.size+it.size() >= maxBytes {
		t.changed.Broadcast()
	}
	if len(l.waiting) > 0 {
		t.order = append(t.order, l)
	} else {
		delete(t.lines, l.user)
	}
	return it, true
}

// close says that nothing more comes. What waits is handled, or dropped.
func (t *turns) close(drop bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	if drop {
		t.lines, t.order = map[string]*line{}, nil
	}
	t.changed.Broadcast()
}
