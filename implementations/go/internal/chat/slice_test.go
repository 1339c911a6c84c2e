package chat

import (
	"strings"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func TestChatFold(t *testing.T) {
	t.Parallel()
	limits := wire.DefaultLimits
	limits.ChatMessages = 2
	s := newSlice(nil, nil, nil, &limits)
	for _, id := range []string{"1", "2", "3"} {
		s.Apply(state.New(Kind, "chat.message_added", &wire.MessageData{Message: wire.ChatMessage{ID: id}}))
	}
	if s.messages[0].ID != "3" || len(s.messages) != 2 {
		t.Errorf("newest first, cut at the end: %+v", s.messages)
	}
	edited := state.New(Kind, "chat.message_edited", &wire.MessageData{Message: wire.ChatMessage{ID: "2", Content: "x"}})
	if !s.Apply(edited) || s.messages[1].Content != "x" {
		t.Error("an edit keeps the place")
	}
	gone := state.New(Kind, "chat.message_edited", &wire.MessageData{Message: wire.ChatMessage{ID: "1"}})
	if s.Apply(gone) || len(s.messages) != 2 {
		t.Error("an edit brings nothing back")
	}
	for _, id := range []string{"é", "z", "Z", "é", "😀", "\uffff"} {
		s.Apply(state.New(Kind, "chat.typing_changed", &wire.TypingData{UserID: id, Active: true}))
	}
	if got := strings.Join(s.typing, ""); got != "Zzé\uffff😀" {
		t.Errorf("by code point, each once: %q", got)
	}
}

func TestSliceIsCanonical(t *testing.T) {
	t.Parallel()
	limits := wire.DefaultLimits
	s := newSlice([]wire.ChatMessage{{ID: "<&>\u2028"}}, []wire.Participant{{}}, []string{"u"}, &limits)
	data := wire.Marshal(s)
	object, err := wire.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if again := wire.Marshal(object); string(again) != string(data) {
		t.Errorf("not canonical:\n%s\n%s", data, again)
	}
}
