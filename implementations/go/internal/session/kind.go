package session

import (
	"context"
	"slices"
	"sync"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Kind is all that the hub knows of a kind. A package that has one is served
// as soon as the list of package kinds names it.
//
// The hub lets one goroutine at a time into the kinds of a group, and what they
// return is committed before the next one is let in. ctx ends when the outcome
// would come too late.
type Kind interface {
	// Name is what clients call the kind.
	Name() string
	// Actions are the types of action that the kind takes.
	Actions() []state.Action
	// Open is told of a new session, also of one that does not show the
	// kind. With an error nothing was done, and the session does not open.
	Open(ctx context.Context, v *state.Viewer) ([]*state.Change, error)
	// End is told once of every session that Open was told of. With an error
	// it is told again later, of what was left to do.
	End(ctx context.Context, v *state.Viewer) ([]*state.Change, error)
	// Slice is what a session shows now.
	Slice(ctx context.Context, v *state.Viewer) (state.Slice, error)
}

// Group are kinds that are let in together, because they call each other.
// Groups do not wait for each other: put a kind that may wait for a store into
// one of its own.
type Group []Kind

// group is a Group in a hub, without the kinds that are not served.
type group struct {
	mu    sync.Mutex
	kinds []Kind
}

// actionType is a type of action with the group that it is carried out in; without
// one it changes nothing.
type actionType struct {
	state.Action
	group *group
}

// noop is the action that belongs to no kind.
const noop = "session.noop"

// kinds sorts out what a hub serves. shared are the subjects of all kinds, so
// that what comes on one of a kind that is not served is refused.
type kinds struct {
	groups  []*group
	names   []string
	actions map[string]actionType
	types   []string // of the actions, in the order in which they are declared
	shared  []wire.Shared
}

func sortOut(groups []Group, served []string) *kinds {
	k := &kinds{
		actions: map[string]actionType{noop: {Action: state.Action{Read: func(wire.Fields) any { return nil }}}},
		types:   []string{noop},
	}
	for _, all := range groups {
		g := &group{}
		for _, kind := range all {
			isServed := slices.Contains(served, kind.Name())
			if isServed {
				g.kinds = append(g.kinds, kind)
				k.names = append(k.names, kind.Name())
			}
			for _, a := range kind.Actions() {
				if a.Shared.Subject != "" {
					k.shared = append(k.shared, a.Shared)
				}
				if isServed {
					k.actions[a.Type] = actionType{Action: a, group: g}
					k.types = append(k.types, a.Type)
				}
			}
		}
		if len(g.kinds) > 0 {
			k.groups = append(k.groups, g)
		}
	}
	return k
}

// reader implements wire.Taken.
func (k *kinds) reader(name string) func(wire.Fields) any { return k.actions[name].Read }
