package state

import (
	"cmp"
	"slices"
	"strings"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// URLs is the slice of the kind url.
type URLs struct {
	urls   []wire.ShortURL
	limits *wire.Limits
}

// NewURLs makes a slice of the urls of a user, which come in any order.
func NewURLs(urls []wire.ShortURL, limits *wire.Limits) *URLs {
	slices.SortFunc(urls, orderURLs)
	return &URLs{cut(urls, limits.URLs), limits}
}

func orderURLs(a, b wire.ShortURL) int {
	return cmp.Or(cmp.Compare(b.CreatedAt, a.CreatedAt), strings.Compare(a.ID, b.ID))
}

// Apply implements Slice.
func (s *URLs) Apply(c *Change) bool {
	switch data := c.Data.(type) {
	case *wire.URLData:
		same := func(u wire.ShortURL) bool { return u.ID == data.URL.ID }
		s.urls = upsert(s.urls, data.URL, same, orderURLs, s.limits.URLs)
		return true
	case *wire.URLGone:
		var changed bool
		s.urls, changed = remove(s.urls, func(u wire.ShortURL) bool { return u.ID == data.URLID })
		return changed
	}
	return false
}

// View implements Slice.
func (s *URLs) View(c *Change) wire.Raw { return c.Raw() }

// AppendJSON implements Slice.
func (s *URLs) AppendJSON(b []byte) []byte {
	return append(wire.Append(append(b, `{"type":"url","urls":`...), s.urls), '}')
}

// User is the slice of the kind user.
type User struct {
	user        wire.User
	permissions []string
	sessions    []wire.SessionInfo
	limits      *wire.Limits
}

// NewUser makes a slice of a user and its sessions, which come in any order.
func NewUser(user wire.User, permissions []string, sessions []wire.SessionInfo, limits *wire.Limits) *User {
	slices.SortFunc(sessions, orderSessions)
	return &User{user, permissions, sessions, limits}
}

func orderSessions(a, b wire.SessionInfo) int {
	return cmp.Or(cmp.Compare(a.OpenedAt, b.OpenedAt), strings.Compare(a.SessionID, b.SessionID))
}

// Apply implements Slice.
func (s *User) Apply(c *Change) bool {
	switch data := c.Data.(type) {
	case *wire.UserData:
		s.user = data.User
		return true
	case *wire.PermissionsData:
		s.permissions = data.Permissions
		return true
	case *wire.SessionData:
		same := func(i wire.SessionInfo) bool { return i.SessionID == data.Session.SessionID }
		s.sessions = upsert(s.sessions, data.Session, same, orderSessions, s.limits.Sessions)
		return true
	case *wire.SessionGone:
		var changed bool
		s.sessions, changed = remove(s.sessions, func(i wire.SessionInfo) bool { return i.SessionID == data.SessionID })
		return changed
	}
	return false
}

// View implements Slice.
func (s *User) View(c *Change) wire.Raw { return c.Raw() }

// AppendJSON implements Slice.
func (s *User) AppendJSON(b []byte) []byte {
	b = wire.Append(append(b, `{"permissions":`...), s.permissions)
	b = wire.Append(append(b, `,"sessions":`...), s.sessions)
	b = wire.Append(append(b, `,"type":"user","user":`...), s.user)
	return append(b, '}')
}
