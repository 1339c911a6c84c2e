package state

import (
	"context"
	"slices"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Clock tells the time in milliseconds since the Unix epoch. It never steps
// back.
type Clock func() int64

// Viewer is what kinds know of a session. Nobody writes to it.
type Viewer struct {
	UserID      string
	SessionID   string
	Kinds       []string // that the session shows
	Permissions []string
	Name, Email *string // as the token has them
	OpenedAt    int64
}

// Shows tells whether the session shows a kind.
func (v *Viewer) Shows(kind string) bool { return slices.Contains(v.Kinds, kind) }

// May tells whether the session has a permission.
func (v *Viewer) May(permission string) bool { return slices.Contains(v.Permissions, permission) }

// By is who acts, and the revision that the action expects; nil is any.
type By struct {
	*Viewer
	Expect *int64
}

// Action is a type of action that a kind takes.
type Action struct {
	Type   string
	Shared wire.Shared // a subject of its own, besides that of the user
	Read   func(wire.Fields) any
	Do     func(ctx context.Context, by By, data any) (Effects, error)
}

// Takes makes an Action of a function that reads its data and one that carries
// it out. An error says that nothing was done: a refusal of package wire, or a
// fault, after which the same action may be sent again.
func Takes[T any](
	name string, read func(wire.Fields) T, do func(ctx context.Context, by By, data T) (Effects, error),
) Action {
	return Action{
		Type: name,
		Read: func(f wire.Fields) any { return read(f) },
		Do: func(ctx context.Context, by By, data any) (Effects, error) {
			return do(ctx, by, data.(T))
		},
	}
}

// On adds the subject that carries actions of this type and no others; member
// is the one member of their data.
func (a Action) On(subject, member string) Action {
	a.Shared = wire.Shared{Subject: subject, Type: a.Type, Member: member}
	return a
}

// Effects is what an action made: changes for sessions, hints for everybody,
// the ids that its outcome tells, and what is to be done later.
type Effects struct {
	Result  *wire.Result
	Changes []*Change
	Hints   []*wire.Hint
	Later   []Later
}

// Later is something that is done after a while. Its kind is called as for an
// action, and the changes have no actor.
type Later struct {
	After time.Duration
	Do    func() []*Change
}
