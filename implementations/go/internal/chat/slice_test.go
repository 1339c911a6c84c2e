package chat

import (
	"slices"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/traces"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func TestTraces(t *testing.T) {
	t.Parallel()
	traces.Run(t, traces.Kind{
		Name: Kind,
		Make: func(t *testing.T, data []byte, limits *wire.Limits) state.Slice {
			s := traces.Read[wire.ChatState](t, data)
			slices.Reverse(s.Participants)
			slices.Reverse(s.TypingIndicators)
			return newSlice(s.Messages, s.Participants, s.TypingIndicators, limits)
		},
		Read: map[string]func(*testing.T, []byte) any{
			"chat.message_added":      traces.Data[wire.MessageData],
			"chat.message_edited":     traces.Data[wire.MessageData],
			"chat.message_deleted":    traces.Data[wire.MessageGone],
			"chat.participant_joined": traces.Data[wire.ParticipantData],
			"chat.participant_left":   traces.Data[wire.ParticipantGone],
			"chat.typing_changed":     traces.Data[wire.TypingData],
		},
	})
}
