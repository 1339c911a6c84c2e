package chat

import (
	"slices"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/reducers"
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func TestReducers(t *testing.T) {
	t.Parallel()
	reducers.Run(t, reducers.Kind{
		Name: Kind,
		Make: func(t *testing.T, data []byte, limits *wire.Limits) state.Slice {
			s := reducers.Read[wire.ChatState](t, data)
			slices.Reverse(s.Participants)
			slices.Reverse(s.TypingIndicators)
			return newSlice(s.Messages, s.Participants, s.TypingIndicators, limits)
		},
		Read: map[string]func(*testing.T, []byte) any{
			"chat.message_added":      reducers.Data[wire.MessageData],
			"chat.message_edited":     reducers.Data[wire.MessageData],
			"chat.message_deleted":    reducers.Data[wire.MessageGone],
			"chat.participant_joined": reducers.Data[wire.ParticipantData],
			"chat.participant_left":   reducers.Data[wire.ParticipantGone],
			"chat.typing_changed":     reducers.Data[wire.TypingData],
		},
	})
}
