package state

import (
	"crypto/rand"
	"sync"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Change is one change of slices. It is made once and shared by all sessions
// that it reaches, so nobody writes to it afterwards.
type Change struct {
	ID   string // the event_id, equal in all sessions
	Kind string // the kind of the slices that it changes
	Type string // the type of the event
	Data any    // the data of the event, which may write itself

	Audience

	// Actor and Cause are set at commit where an action made the change.
	Actor *string
	Cause *wire.Cause

	once sync.Once
	raw  wire.Raw
}

// Audience is whom a change reaches, of the sessions that show its kind: all of
// them, or those of one user and of whoever holds a permission. These two are
// looked up; Only is asked of every session that they leave.
type Audience struct {
	User    string
	Holders string // a permission; counts with User only
	Only    func(*Viewer) bool
}

// Reaches tells whether a session that shows the kind is meant.
func (a *Audience) Reaches(v *Viewer) bool {
	switch {
	case a.User != "" && a.User != v.UserID && (a.Holders == "" || !v.May(a.Holders)):
		return false
	case a.Only != nil:
		return a.Only(v)
	}
	return true
}

// New makes a change with an id of its own, for all sessions of its kind.
func New(kind, name string, data any) *Change {
	return &Change{ID: rand.Text(), Kind: kind, Type: name, Data: data}
}

// Raw is the data of the event, written once for all sessions.
func (c *Change) Raw() wire.Raw {
	c.once.Do(func() { c.raw = wire.Marshal(c.Data) })
	return c.raw
}
