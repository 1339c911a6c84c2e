package chat

import (
	"testing"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

type timer struct {
	after time.Duration
	do    func() []*state.Change
}

func room() (*Service, *[]timer) {
	limits, now, timers := wire.DefaultLimits, int64(0), &[]timer{}
	return NewService(&limits, func() int64 { now++; return now }, func(user string) string { return user },
		func(after time.Duration, do func() []*state.Change) { *timers = append(*timers, timer{after, do}) }), timers
}

func TestTyping(t *testing.T) {
	s, timers := room()
	ann := state.Viewer{UserID: "ann"}
	ttl := func(n int64) *wire.ChatTyping { return &wire.ChatTyping{Active: true, TTL: &n} }
	if made, _ := s.Typing(ann, ttl(500)); made.Changes != nil {
		t.Error("a user types who is not in the room")
	}
	s.Open("ann")
	for i, data := range []*wire.ChatTyping{ttl(1), ttl(90_000), {Active: true}, ttl(700)} {
		made, err := s.Typing(ann, data)
		if err != nil || (len(made.Changes) == 1) != (i == 0) {
			t.Errorf("%d: %v, %v", i, made, err)
		}
		want := []time.Duration{200, 6_000, 6_000, 700}[i] * time.Millisecond
		if got := (*timers)[i].after; got != want {
			t.Errorf("%d lasts %v", i, got)
		}
	}
	for i, timer := range *timers {
		if changes := timer.do(); (len(changes) == 1) != (i == 3) {
			t.Errorf("timer %d: %v", i, changes)
		}
	}
}

func TestTypingEndsWithTheLastSession(t *testing.T) {
	s, _ := room()
	ann := state.Viewer{UserID: "ann"}
	if len(s.Open("ann")) != 1 || s.Open("ann") != nil {
		t.Error("a user joins once")
	}
	if _, err := s.Typing(ann, &wire.ChatTyping{Active: true}); err != nil {
		t.Fatal(err)
	}
	if s.End("ann") != nil {
		t.Error("the first of two ends something")
	}
	changes := s.End("ann")
	if len(changes) != 2 || changes[0].Type != "chat.typing_changed" || changes[1].Type != "chat.participant_left" {
		t.Errorf("%v", changes)
	}
	if changes[0].Reaches(ann) {
		t.Error("typing is told to its own user")
	}
}

func TestMessagesOfOthers(t *testing.T) {
	s, _ := room()
	made, err := s.Send(state.Viewer{UserID: "ann"}, "x")
	if err != nil {
		t.Fatal(err)
	}
	bob := state.Viewer{UserID: "bob"}
	if _, err := s.Delete(bob, made.Result.MessageID); err == nil || err.Code != wire.Forbidden {
		t.Errorf("%v", err)
	}
	if _, err := s.Delete(bob, "m-0"); err == nil || err.Code != wire.NotFound {
		t.Errorf("%v", err)
	}
}
