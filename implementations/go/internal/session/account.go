package session

import "github.com/omnisession/omnisession/implementations/go/internal/wire"

// memorySize is how many final outcomes a user's memory holds, and how many
// used numbers a session remembers. ACTION-023 asks for 256.
const memorySize = 1_024

// outcome is what became of an action: a result, or a final refusal.
type outcome struct {
	result *wire.Result
	err    *wire.Error
}

type known struct {
	meaning [32]byte
	outcome outcome
	effects *barrier // of the first copy
}

// memory knows the last actions of a user by their ids.
type memory struct {
	known map[string]known
	order []string
}

// add remembers an outcome, unless the id is known.
func (m *memory) add(a *wire.Action, o outcome, effects *barrier) {
	if _, ok := m.known[a.ID]; ok {
		return
	}
	if m.known == nil {
		m.known = map[string]known{}
	}
	if len(m.order) == memorySize {
		delete(m.known, m.order[0])
		m.order = append(m.order[:0], m.order[1:]...)
	}
	m.known[a.ID] = known{a.Meaning, o, effects}
	m.order = append(m.order, a.ID)
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
