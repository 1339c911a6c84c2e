package chat

import (
	"slices"
	"strings"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Slice is the slice of the kind chat.
type Slice struct {
	messages     []wire.ChatMessage // newest first
	participants []wire.Participant
	typing       []string
	limits       *wire.Limits
}

// newSlice makes a slice. Messages come newest first, the others in any order.
func newSlice(
	messages []wire.ChatMessage, participants []wire.Participant, typing []string, limits *wire.Limits,
) *Slice {
	slices.SortFunc(participants, orderParticipants)
	slices.Sort(typing)
	return &Slice{
		messages:     state.Cut(messages, limits.ChatMessages),
		participants: state.Cut(participants, limits.Participants),
		typing:       state.Cut(typing, limits.Participants), limits: limits,
	}
}

func orderParticipants(a, b wire.Participant) int { return strings.Compare(a.ID, b.ID) }

// Apply implements Slice.
func (s *Slice) Apply(c *state.Change) bool {
	var changed bool
	switch data := c.Data.(type) {
	case *wire.MessageData:
		m := data.Message
		at := slices.IndexFunc(s.messages, func(old wire.ChatMessage) bool { return old.ID == m.ID })
		if at >= 0 {
			s.messages[at] = m
			return true
		}
		if c.Type == "chat.message_added" {
			s.messages = state.Cut(slices.Insert(s.messages, 0, m), s.limits.ChatMessages)
			return true
		}
	case *wire.MessageGone:
		s.messages, changed = state.Remove(s.messages, func(m wire.ChatMessage) bool { return m.ID == data.MessageID })
	case *wire.ParticipantData:
		same := func(p wire.Participant) bool { return p.ID == data.User.ID }
		s.participants = state.Upsert(s.participants, data.User, same, orderParticipants, s.limits.Participants)
		return true
	case *wire.ParticipantGone:
		s.participants, changed = state.Remove(s.participants, func(p wire.Participant) bool { return p.ID == data.UserID })
	case *wire.TypingData:
		at, on := slices.BinarySearch(s.typing, data.UserID)
		if on && !data.Active {
			s.typing = slices.Delete(s.typing, at, at+1)
		} else if !on && data.Active {
			s.typing = slices.Insert(s.typing, at, data.UserID)
		}
		return on != data.Active
	}
	return changed
}

// View implements Slice.
func (s *Slice) View(c *state.Change) wire.Raw { return c.Raw() }

// AppendJSON implements Slice.
func (s *Slice) AppendJSON(b []byte) []byte {
	b = wire.Append(append(b, `{"messages":`...), s.messages)
	b = wire.Append(append(b, `,"participants":`...), s.participants)
	b = wire.Append(append(b, `,"type":"chat","typing_indicators":`...), s.typing)
	return append(b, '}')
}
