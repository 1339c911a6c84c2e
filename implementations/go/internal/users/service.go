// Package users serves the kind user: what a user sees of itself.
package users

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Kind is the name of the kind.
const Kind = "user"

// Service knows the live sessions of users, and changes what the directory
// says of them. Its caller lets one goroutine at a time in.
type Service struct {
	directory *Directory
	renamed   func(user string) []*state.Change
	sessions  map[string]map[string]wire.SessionInfo
}

// NewService returns a service on a directory. renamed tells what else changes
// with the name of a user.
func NewService(d *Directory, renamed func(user string) []*state.Change) *Service {
	return &Service{
		directory: d, renamed: renamed, sessions: map[string]map[string]wire.SessionInfo{},
	}
}

// Name implements session.Kind.
func (s *Service) Name() string { return Kind }

// Actions implements session.Kind.
func (s *Service) Actions() []state.Action {
	return []state.Action{state.Takes("user.update", readUpdate, s.Update)}
}

// Update is the data of user.update.
type Update struct{ Username, Email *string }

func readUpdate(f wire.Fields) Update {
	changes, _ := f.Child("changes", true)
	return Update{Username: changes.OptText("username", false), Email: changes.OptText("email", false)}
}

// Update changes the acting user.
func (s *Service) Update(_ context.Context, by state.By, data Update) (state.Effects, error) {
	old, known := s.directory.get(by.UserID)
	if !known {
		return state.Effects{}, wire.Refuse(wire.NotFound, "There is no such user.")
	}
	if err := allowed(data); err != nil {
		return state.Effects{}, err
	}
	u := old
	if data.Username != nil {
		u.Username = *data.Username
	}
	if data.Email != nil {
		u.Email = data.Email
	}
	renamed := u.Username != old.Username
	if !renamed && (u.Email == old.Email || old.Email != nil && *u.Email == *old.Email) {
		return state.Effects{}, nil
	}
	s.directory.put(u)
	changes := []*state.Change{own("user.updated", by.UserID, "", &wire.UserData{User: u})}
	if renamed {
		changes = append(changes, s.renamed(u.ID)...)
	}
	return state.Effects{Changes: changes}, nil
}

func allowed(data Update) error {
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
	change := state.New(Kind, name, data)
	change.User = user
	change.Only = func(v *state.Viewer) bool { return v.SessionID != except }
	return change
}

// Open lists a session of a user.
func (s *Service) Open(_ context.Context, v *state.Viewer) ([]*state.Change, error) {
	if s.sessions[v.UserID] == nil {
		s.sessions[v.UserID] = map[string]wire.SessionInfo{}
	}
	info := wire.SessionInfo{SessionID: v.SessionID, OpenedAt: v.OpenedAt, Kinds: v.Kinds}
	s.sessions[v.UserID][v.SessionID] = info
	return []*state.Change{own("user.session_opened", v.UserID, v.SessionID, &wire.SessionData{Session: info})}, nil
}

// End takes a session from the list.
func (s *Service) End(_ context.Context, v *state.Viewer) ([]*state.Change, error) {
	delete(s.sessions[v.UserID], v.SessionID)
	if len(s.sessions[v.UserID]) == 0 {
		delete(s.sessions, v.UserID)
	}
	gone := own("user.session_closed", v.UserID, v.SessionID, &wire.SessionGone{SessionID: v.SessionID})
	return []*state.Change{gone}, nil
}

// Slice is what a session shows now, with the permissions that it has.
func (s *Service) Slice(_ context.Context, v *state.Viewer) (state.Slice, error) {
	sessions := slices.Collect(maps.Values(s.sessions[v.UserID]))
	user, _ := s.directory.get(v.UserID)
	return newSlice(user, v.Permissions, sessions), nil
}
