// Package users serves the kind user: what a user sees of itself.
package users

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Service knows users and their live sessions. Its caller lets one goroutine
// at a time in.
type Service struct {
	limits   *wire.Limits
	users    map[string]*wire.User
	sessions map[string]map[string]wire.SessionInfo
}

// NewService returns a service that knows nobody.
func NewService(limits *wire.Limits) *Service {
	return &Service{limits, map[string]*wire.User{}, map[string]map[string]wire.SessionInfo{}}
}

// Meet makes a user of what its token says, if it is new.
func (s *Service) Meet(id string, name, email *string) {
	if s.users[id] != nil {
		return
	}
	u := &wire.User{ID: id, Username: shorten(id)}
	if name != nil {
		u.Username = shorten(*name)
	}
	if email != nil {
		short := shorten(*email)
		u.Email = &short
	}
	s.users[id] = u
}

// shorten cuts a name of a token at its end until it fits.
func shorten(name string) string {
	for wire.Size(name) > wire.MaxName {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name
}

// Name is what the server calls a user.
func (s *Service) Name(id string) string {
	if u := s.users[id]; u != nil {
		return u.Username
	}
	return id
}

// Update changes the acting user; renamed tells whether its name is another.
func (s *Service) Update(by state.Viewer, data *wire.UserUpdate) (_ state.Effects, renamed bool, _ *wire.Error) {
	old := s.users[by.UserID]
	if old == nil {
		return state.Effects{}, false, wire.Refuse(wire.NotFound, "There is no such user.")
	}
	if err := allowed(data); err != nil {
		return state.Effects{}, false, err
	}
	u := *old
	if data.Username != nil {
		u.Username = *data.Username
	}
	if data.Email != nil {
		u.Email = data.Email
	}
	renamed = u.Username != old.Username
	if !renamed && (u.Email == old.Email || old.Email != nil && *u.Email == *old.Email) {
		return state.Effects{}, false, nil
	}
	s.users[by.UserID] = &u
	return state.Effects{Changes: []*state.Change{own("user.updated", by.UserID, "", &wire.UserData{User: u})}}, renamed, nil
}

func allowed(data *wire.UserUpdate) *wire.Error {
	if data.Username != nil && *data.Username == "" {
		return wire.Refuse(wire.RuleViolation, "A username is not empty.")
	}
	if data.Email != nil && !strings.Contains(*data.Email, "@") {
		return wire.Refuse(wire.RuleViolation, "An email has an @ in it.")
	}
	for _, text := range []*string{data.Username, data.Email} {
		if text != nil && wire.Size(*text) > wire.MaxName {
			return wire.Refuse(wire.TooLarge, "A username or email is above 256 bytes; make it shorter.")
		}
	}
	return nil
}

// own makes a change for the sessions of one user, but for one of them.
func own(name, user, except string, data any) *state.Change {
	change := state.New(name, data)
	change.OnlyUser = user
	change.Reaches = func(v state.Viewer) bool { return v.SessionID != except }
	return change
}

// Open lists a session of a user.
func (s *Service) Open(user string, info wire.SessionInfo) []*state.Change {
	if s.sessions[user] == nil {
		s.sessions[user] = map[string]wire.SessionInfo{}
	}
	s.sessions[user][info.SessionID] = info
	return []*state.Change{own("user.session_opened", user, info.SessionID, &wire.SessionData{Session: info})}
}

// End takes a session from the list.
func (s *Service) End(user, session string) []*state.Change {
	delete(s.sessions[user], session)
	if len(s.sessions[user]) == 0 {
		delete(s.sessions, user)
	}
	return []*state.Change{own("user.session_closed", user, session, &wire.SessionGone{SessionID: session})}
}

// Slice is what a session shows now, with the permissions that it has.
func (s *Service) Slice(v state.Viewer, permissions []string) state.Slice {
	sessions := slices.Collect(maps.Values(s.sessions[v.UserID]))
	return state.NewUser(*s.users[v.UserID], permissions, sessions, s.limits)
}
