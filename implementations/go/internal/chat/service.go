// Package chat serves the kind chat: one room with messages, the users who
// are in it, and who types.
package chat

import (
	"crypto/rand"
	"slices"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Typing lasts at least and at most so long.
const (
	minTyping = 200
	maxTyping = 6_000
)

// Service carries out the actions of the room. Its caller lets one goroutine
// at a time in.
type Service struct {
	limits *wire.Limits
	now    state.Clock
	name   func(user string) string
	later  func(after time.Duration, do func() []*state.Change)

	messages []wire.ChatMessage // oldest first
	sessions map[string]int     // live chat sessions of a user
	typing   map[string]int     // users who type, and the turn that ends it
	turn     int
}

// NewService returns an empty room. later has something done after a while,
// and its changes published.
func NewService(
	limits *wire.Limits, now state.Clock, name func(user string) string,
	later func(after time.Duration, do func() []*state.Change),
) *Service {
	return &Service{
		limits: limits, now: now, name: name, later: later,
		sessions: map[string]int{}, typing: map[string]int{},
	}
}

func effects(changes ...*state.Change) state.Effects { return state.Effects{Changes: changes} }

func (s *Service) fits(content string) *wire.Error {
	switch {
	case content == "":
		return wire.Refuse(wire.RuleViolation, "A message says something.")
	case int64(wire.Size(content)) > s.limits.ChatContent:
		return wire.Refuse(wire.TooLarge, "The content is above limits.chat_content; make it shorter.")
	}
	return nil
}

// Send puts a message in the room, and ends its author's typing.
func (s *Service) Send(by state.Viewer, content string) (state.Effects, *wire.Error) {
	if err := s.fits(content); err != nil {
		return state.Effects{}, err
	}
	m := wire.ChatMessage{ID: "m-" + rand.Text(), UserID: by.UserID, Content: content, SentAt: s.now()}
	s.messages = append(s.messages, m)
	if most := 2 * int(s.limits.ChatMessages); len(s.messages) > most {
		s.messages = slices.Delete(s.messages, 0, len(s.messages)-most)
	}
	made := effects(state.New("chat.message_added", &wire.MessageData{Message: m}))
	made.Result = &wire.Result{MessageID: m.ID}
	made.Changes = append(made.Changes, s.stop(by.UserID)...)
	return made, nil
}

// own finds a message of the acting user.
func (s *Service) own(by state.Viewer, id string) (int, *wire.Error) {
	at := slices.IndexFunc(s.messages, func(m wire.ChatMessage) bool { return m.ID == id })
	switch {
	case at < 0:
		return 0, wire.Refuse(wire.NotFound, "There is no such message.")
	case s.messages[at].UserID != by.UserID:
		return 0, wire.Refuse(wire.Forbidden, "Only its author may change a message.")
	}
	return at, nil
}

// Edit gives a message another content.
func (s *Service) Edit(by state.Viewer, edit *wire.ChatEdit) (state.Effects, *wire.Error) {
	at, err := s.own(by, edit.MessageID)
	if err == nil {
		err = s.fits(edit.Content)
	}
	if err != nil {
		return state.Effects{}, err
	}
	now := s.now()
	m := &s.messages[at]
	m.Content, m.EditedAt = edit.Content, &now
	return effects(state.New("chat.message_edited", &wire.MessageData{Message: *m})), nil
}

// Delete takes a message away.
func (s *Service) Delete(by state.Viewer, id string) (state.Effects, *wire.Error) {
	at, err := s.own(by, id)
	if err != nil {
		return state.Effects{}, err
	}
	s.messages = slices.Delete(s.messages, at, at+1)
	return effects(state.New("chat.message_deleted", &wire.MessageGone{MessageID: id})), nil
}

// Typing switches the typing of the acting user on or off.
func (s *Service) Typing(by state.Viewer, data *wire.ChatTyping) (state.Effects, *wire.Error) {
	user := by.UserID
	_, on := s.typing[user]
	switch {
	case !data.Active:
		return effects(s.stop(user)...), nil
	case s.sessions[user] == 0, !on && int64(len(s.typing)) >= s.limits.Participants:
		return state.Effects{}, nil
	}
	ttl := int64(maxTyping)
	if data.TTL != nil {
		ttl = min(max(*data.TTL, minTyping), maxTyping)
	}
	s.turn++
	turn := s.turn
	s.typing[user] = turn
	s.later(time.Duration(ttl)*time.Millisecond, func() []*state.Change {
		if s.typing[user] != turn {
			return nil // switched on again, or off
		}
		return s.stop(user)
	})
	if on {
		return state.Effects{}, nil
	}
	return effects(typingChange(user, true)), nil
}

// stop ends the typing of a user, if it types.
func (s *Service) stop(user string) []*state.Change {
	if _, on := s.typing[user]; !on {
		return nil
	}
	delete(s.typing, user)
	return []*state.Change{typingChange(user, false)}
}

func others(user string) func(state.Viewer) bool {
	return func(v state.Viewer) bool { return v.UserID != user }
}

func typingChange(user string, active bool) *state.Change {
	change := state.New("chat.typing_changed", &wire.TypingData{UserID: user, Active: active})
	change.Reaches = others(user)
	return change
}

func (s *Service) joined(user string) *state.Change {
	who := wire.Participant{ID: user, Username: s.name(user)}
	return state.New("chat.participant_joined", &wire.ParticipantData{User: who})
}

// Open counts a chat session of a user; the first one makes it a participant.
func (s *Service) Open(user string) []*state.Change {
	s.sessions[user]++
	if s.sessions[user] > 1 {
		return nil
	}
	joined := s.joined(user)
	joined.Reaches = others(user)
	return []*state.Change{joined}
}

// End counts the end of a chat session of a user.
func (s *Service) End(user string) []*state.Change {
	s.sessions[user]--
	if s.sessions[user] > 0 {
		return nil
	}
	delete(s.sessions, user)
	left := state.New("chat.participant_left", &wire.ParticipantGone{UserID: user})
	left.Reaches = others(user)
	return append(s.stop(user), left)
}

// Renamed tells the room the new name of a user, if it is there.
func (s *Service) Renamed(user string) []*state.Change {
	if s.sessions[user] == 0 {
		return nil
	}
	return []*state.Change{s.joined(user)}
}

// Slice is what a session shows now.
func (s *Service) Slice(v state.Viewer) state.Slice {
	messages := slices.Clone(s.messages[max(0, len(s.messages)-int(s.limits.ChatMessages)):])
	slices.Reverse(messages)
	var participants []wire.Participant
	for user := range s.sessions {
		participants = append(participants, wire.Participant{ID: user, Username: s.name(user)})
	}
	var typing []string
	for user := range s.typing {
		if user != v.UserID {
			typing = append(typing, user)
		}
	}
	return state.NewChat(messages, participants, typing, s.limits)
}
