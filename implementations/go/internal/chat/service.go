// Package chat serves the kind chat: one room with messages, the users who
// are in it, and who types.
package chat

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Kind is the name of the kind.
const Kind = "chat"

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

	messages []wire.ChatMessage // oldest first
	sessions map[string]int     // live chat sessions of a user
	typing   map[string]int     // users who type, and the turn that ends it
	turn     int
}

// NewService returns an empty room; name tells what a user is called.
func NewService(limits *wire.Limits, now state.Clock, name func(user string) string) *Service {
	return &Service{limits: limits, now: now, name: name, sessions: map[string]int{}, typing: map[string]int{}}
}

// Name implements session.Kind.
func (s *Service) Name() string { return Kind }

// Actions implements session.Kind.
func (s *Service) Actions() []state.Action {
	return []state.Action{
		state.Takes("chat.send", readSend, s.Send).On("chat.messages", "content"),
		state.Takes("chat.edit", readEdit, s.Edit),
		state.Takes("chat.delete", readDelete, s.Delete),
		state.Takes("chat.typing", readTyping, s.Typing),
	}
}

// Data of the actions.
type (
	// Send is the data of chat.send.
	Send struct{ Content string }
	// Edit is the data of chat.edit.
	Edit struct{ MessageID, Content string }
	// Delete is the data of chat.delete.
	Delete struct{ MessageID string }
	// Typing is the data of chat.typing.
	Typing struct {
		Active bool
		TTL    *int64 // in ms
	}
)

func readSend(f wire.Fields) Send { return Send{Content: f.Text("content")} }

func readEdit(f wire.Fields) Edit {
	return Edit{MessageID: f.ID("message_id", 0), Content: f.Text("content")}
}

func readDelete(f wire.Fields) Delete { return Delete{MessageID: f.ID("message_id", 0)} }

func readTyping(f wire.Fields) Typing {
	active := f.OptBool("active", true)
	return Typing{Active: active != nil && *active, TTL: f.OptInteger("ttl_ms", -wire.MaxInt, false)}
}

func effects(changes ...*state.Change) state.Effects { return state.Effects{Changes: changes} }

func (s *Service) fits(content string) error {
	switch {
	case content == "":
		return wire.Refuse(wire.RuleViolation, "A message says something.")
	case int64(wire.Size(content)) > s.limits.ChatContent:
		return wire.Refuse(wire.TooLarge, "The content is above limits.chat_content; make it shorter.")
	}
	return nil
}

// Send puts a message in the room, and ends its author's typing.
func (s *Service) Send(_ context.Context, by state.By, data Send) (state.Effects, error) {
	if err := s.fits(data.Content); err != nil {
		return state.Effects{}, err
	}
	m := wire.ChatMessage{ID: "m-" + rand.Text(), UserID: by.UserID, Content: data.Content, SentAt: s.now()}
	s.messages = append(s.messages, m)
	if most := 2 * int(s.limits.ChatMessages); len(s.messages) > most {
		s.messages = slices.Delete(s.messages, 0, len(s.messages)-most)
	}
	made := effects(state.New(Kind, "chat.message_added", &wire.MessageData{Message: m}))
	made.Result = &wire.Result{MessageID: m.ID}
	made.Changes = append(made.Changes, s.stop(by.UserID)...)
	return made, nil
}

// own finds a message of the acting user.
func (s *Service) own(by state.By, id string) (int, error) {
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
func (s *Service) Edit(_ context.Context, by state.By, data Edit) (state.Effects, error) {
	at, err := s.own(by, data.MessageID)
	if err == nil {
		err = s.fits(data.Content)
	}
	if err != nil {
		return state.Effects{}, err
	}
	now := s.now()
	m := &s.messages[at]
	m.Content, m.EditedAt = data.Content, &now
	return effects(state.New(Kind, "chat.message_edited", &wire.MessageData{Message: *m})), nil
}

// Delete takes a message away.
func (s *Service) Delete(_ context.Context, by state.By, data Delete) (state.Effects, error) {
	at, err := s.own(by, data.MessageID)
	if err != nil {
		return state.Effects{}, err
	}
	s.messages = slices.Delete(s.messages, at, at+1)
	return effects(state.New(Kind, "chat.message_deleted", &wire.MessageGone{MessageID: data.MessageID})), nil
}

// Typing switches the typing of the acting user on or off.
func (s *Service) Typing(_ context.Context, by state.By, data Typing) (state.Effects, error) {
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
	var made state.Effects
	if !on {
		made = effects(typingChange(user, true))
	}
	made.Later = []state.Later{{
		After: time.Duration(ttl) * time.Millisecond,
		Do: func() []*state.Change {
			if s.typing[user] != turn {
				return nil // switched on again, or off
			}
			return s.stop(user)
		},
	}}
	return made, nil
}

// stop ends the typing of a user, if it types.
func (s *Service) stop(user string) []*state.Change {
	if _, on := s.typing[user]; !on {
		return nil
	}
	delete(s.typing, user)
	return []*state.Change{typingChange(user, false)}
}

func others(user string) func(*state.Viewer) bool {
	return func(v *state.Viewer) bool { return v.UserID != user }
}

func typingChange(user string, active bool) *state.Change {
	change := state.New(Kind, "chat.typing_changed", &wire.TypingData{UserID: user, Active: active})
	change.Only = others(user)
	return change
}

func (s *Service) joined(user string) *state.Change {
	who := wire.Participant{ID: user, Username: s.name(user)}
	return state.New(Kind, "chat.participant_joined", &wire.ParticipantData{User: who})
}

// Open counts a session of a user that shows the room; the first one makes it
// a participant.
func (s *Service) Open(_ context.Context, v *state.Viewer) ([]*state.Change, error) {
	if !v.Shows(Kind) {
		return nil, nil
	}
	s.sessions[v.UserID]++
	if s.sessions[v.UserID] > 1 {
		return nil, nil
	}
	joined := s.joined(v.UserID)
	joined.Only = others(v.UserID)
	return []*state.Change{joined}, nil
}

// End counts the end of such a session.
func (s *Service) End(_ context.Context, v *state.Viewer) ([]*state.Change, error) {
	if !v.Shows(Kind) {
		return nil, nil
	}
	s.sessions[v.UserID]--
	if s.sessions[v.UserID] > 0 {
		return nil, nil
	}
	delete(s.sessions, v.UserID)
	left := state.New(Kind, "chat.participant_left", &wire.ParticipantGone{UserID: v.UserID})
	left.Only = others(v.UserID)
	return append(s.stop(v.UserID), left), nil
}

// Renamed tells the room the new name of a user, if it is there.
func (s *Service) Renamed(user string) []*state.Change {
	if s.sessions[user] == 0 {
		return nil
	}
	return []*state.Change{s.joined(user)}
}

// Slice is what a session shows now.
func (s *Service) Slice(_ context.Context, v *state.Viewer) (state.Slice, error) {
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
	return newSlice(messages, participants, typing, s.limits), nil
}
