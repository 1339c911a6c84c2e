package session

import (
	"sync"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// account is what the hub knows of a user over the end of sessions. The hub's
// lock guards the first group; turn lets the sessions of the user judge one
// action at a time, and guards the memory while there are any.
type account struct {
	sessions map[string]*Session
	left     time.Time // when the last of them ended
	departed bool      // it is in Hub.departed

	turn   sync.Mutex
	memory memory
}

func newAccount() *account { return &account{sessions: map[string]*Session{}} }

// departure is a user whose last session ended.
type departure struct {
	user string
	at   time.Time
}

// memorySize is how many final outcomes a user's memory holds, and how many
// used numbers a session remembers. ACTION-023 asks for 256.
const memorySize = 1_024

// outcome is what became of an action: a result, or a final refusal.
type outcome struct {
	result  *wire.Result
	refusal *wire.Refusal
}

// final tells whether the outcome stays what it is: after a retryable one the
// same action can still succeed (ACTION-007).
func (o *outcome) final() bool { return o.refusal == nil || !o.refusal.Retryable }

type known struct {
	meaning [32]byte
	outcome outcome
	effects *barrier // of the first copy
}

// memory knows the last actions of a user by their ids.
type memory struct {
	known map[string]known
	order []string // a ring of the ids; next is the oldest once it is full
	next  int
}

// add remembers an outcome, unless the id is known.
func (m *memory) add(a *wire.Action, o outcome, effects *barrier) {
	if _, ok := m.known[a.ID]; ok {
		return
	}
	if m.known == nil {
		m.known = map[string]known{}
	}
	m.known[a.ID] = known{meaning: a.Meaning, outcome: o, effects: effects}
	if len(m.order) < memorySize {
		m.order = append(m.order, a.ID)
		return
	}
	delete(m.known, m.order[m.next])
	m.order[m.next] = a.ID
	m.next = (m.next + 1) % memorySize
}

// use is what a number of a session was used for.
type use struct {
	id       string
	meaning  [32]byte
	outcome  outcome
	position wire.Position
}

// replay keeps the last messages of a stream, for clients that resume.
type replay struct {
	bodies []wire.Raw
	bytes  int
	last   int64 // seq of the last body
}

const (
	maxReplay      = 256
	maxReplayBytes = 64 << 10
)

func (r *replay) add(seq int64, body wire.Raw) {
	r.bodies = append(r.bodies, body)
	r.bytes += len(body)
	r.last = seq
	drop := 0
	for drop < len(r.bodies) && (len(r.bodies)-drop > maxReplay || r.bytes > maxReplayBytes) {
		r.bytes -= len(r.bodies[drop])
		drop++
	}
	if drop > 0 {
		r.bodies = append([]wire.Raw(nil), r.bodies[drop:]...)
	}
}

// after returns the messages after a seq below the last; nil if some are gone.
func (r *replay) after(seq int64) []wire.Raw {
	missing := r.last - seq
	if missing <= 0 || missing > int64(len(r.bodies)) {
		return nil
	}
	return r.bodies[int64(len(r.bodies))-missing:]
}
