package session

import (
	"iter"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
)

type set map[*Session]struct{}

// audience are the sessions that show one kind, by what changes ask for: a
// commit looks at the sessions that it may concern, and at no others. The
// hub's lock guards it.
type audience struct {
	all     set
	users   map[string]set
	holders map[string]set // by permission
}

func newAudience() *audience {
	return &audience{all: set{}, users: map[string]set{}, holders: map[string]set{}}
}

func (a *audience) add(s *Session) {
	a.all[s] = struct{}{}
	put(a.users, s.viewer.UserID, s)
	for _, permission := range s.viewer.Permissions {
		put(a.holders, permission, s)
	}
}

func (a *audience) remove(s *Session) {
	delete(a.all, s)
	take(a.users, s.viewer.UserID, s)
	for _, permission := range s.viewer.Permissions {
		take(a.holders, permission, s)
	}
}

func put(index map[string]set, key string, s *Session) {
	if index[key] == nil {
		index[key] = set{}
	}
	index[key][s] = struct{}{}
}

func take(index map[string]set, key string, s *Session) {
	delete(index[key], s)
	if len(index[key]) == 0 {
		delete(index, key)
	}
}

// of returns the sessions that a change reaches, each once.
func (a *audience) of(to *state.Audience) iter.Seq[*Session] {
	return func(yield func(*Session) bool) {
		first, second := a.all, set(nil)
		if to.User != "" {
			first, second = a.users[to.User], a.holders[to.Holders]
		}
		for s := range first {
			if to.Reaches(s.viewer) && !yield(s) {
				return
			}
		}
		for s := range second {
			if s.viewer.UserID != to.User && to.Reaches(s.viewer) && !yield(s) {
				return
			}
		}
	}
}
