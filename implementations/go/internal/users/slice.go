package users

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Slice is the slice of the kind user.
type Slice struct {
	user        wire.User
	permissions []string
	sessions    []wire.SessionInfo
}

// newSlice makes a slice of a user and its sessions, which come in any order.
func newSlice(user wire.User, permissions []string, sessions []wire.SessionInfo) *Slice {
	slices.SortFunc(sessions, orderSessions)
	return &Slice{user: user, permissions: permissions, sessions: sessions}
}

func orderSessions(a, b wire.SessionInfo) int {
	return cmp.Or(cmp.Compare(a.OpenedAt, b.OpenedAt), strings.Compare(a.SessionID, b.SessionID))
}

// Apply implements Slice.
func (s *Slice) Apply(c *state.Change) bool {
	switch data := c.Data.(type) {
	case *wire.UserData:
		s.user = data.User
		return true
	case *wire.PermissionsData:
		s.permissions = data.Permissions
		return true
	case *wire.SessionData:
		same := func(i wire.SessionInfo) bool { return i.SessionID == data.Session.SessionID }
		// Limits.Sessions bounds how many are opened, not how many are shown.
		s.sessions = state.Upsert(s.sessions, data.Session, same, orderSessions, math.MaxInt64)
		return true
	case *wire.SessionGone:
		var changed bool
		s.sessions, changed = state.Remove(s.sessions, func(i wire.SessionInfo) bool { return i.SessionID == data.SessionID })
		return changed
	}
	return false
}

// View implements Slice.
func (s *Slice) View(c *state.Change) wire.Raw { return c.Raw() }

// AppendJSON implements Slice.
func (s *Slice) AppendJSON(b []byte) []byte {
	b = wire.Append(append(b, `{"permissions":`...), s.permissions)
	b = wire.Append(append(b, `,"sessions":`...), s.sessions)
	b = wire.Append(append(b, `,"type":"user","user":`...), s.user)
	return append(b, '}')
}
