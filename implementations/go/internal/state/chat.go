package state

import (
	"slices"
	"strings"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Chat is the slice of the kind chat.
type Chat struct {
	messages     []wire.ChatMessage // newest first
	participants []wire.Participant
	typing       []string
	limits       *wire.Limits
}

// NewChat makes a slice. Messages come newest first, the others in any order.
func NewChat(
	messages []wire.ChatMessage, participants []wire.Participant, typing []string, limits *wire.Limits,
) *Chat {
	slices.SortFunc(participants, orderParticipants)
	slices.Sort(typing)
	return &Chat{
		cut(messages, limits.ChatMessages), cut(participants, limits.Participants),
		cut(typing, limits.Participants), limits,
	}
}

func orderParticipants(a, b wire.Participant) int { return strings.Compare(a.ID, b.ID) }

// Apply implements Slice.
func (s *Chat) Apply(c *Change) bool {
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
			s.messages = cut(slices.Insert(s.messages, 0, m), s.limits.ChatMessages)
			return true
		}
	case *wire.MessageGone:
		s.messages, changed = remove(s.messages, func(m wire.ChatMessage) bool { return m.ID == data.MessageID })
	case *wire.ParticipantData:
		same := func(p wire.Participant) bool { return p.ID == data.User.ID }
		s.participants = upsert(s.participants, data.User, same, orderParticipants, s.limits.Participants)
		return true
	case *wire.ParticipantGone:
		s.participants, changed = remove(s.participants, func(p wire.Participant) bool { return p.ID == data.UserID })
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
func (s *Chat) View(c *Change) wire.Raw { return c.Raw() }

// AppendJSON implements Slice.
func (s *Chat) AppendJSON(b []byte) []byte {
	b = wire.Append(append(b, `{"messages":`...), s.messages)
	b = wire.Append(append(b, `,"participants":`...), s.participants)
	b = wire.Append(append(b, `,"type":"chat","typing_indicators":`...), s.typing)
	return append(b, '}')
}
