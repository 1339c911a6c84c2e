package chat

import (
	"context"
	"testing"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func room() *Service {
	limits, now := wire.DefaultLimits, int64(0)
	return NewService(&limits, func() int64 { now++; return now }, func(user string) string { return user })
}

func as(user string) state.By {
	return state.By{Viewer: &state.Viewer{UserID: user, Kinds: []string{Kind}}}
}

func (s *Service) opens(t *testing.T, by state.By) []*state.Change {
	t.Helper()
	changes, err := s.Open(t.Context(), by.Viewer)
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func (s *Service) ends(t *testing.T, by state.By) []*state.Change {
	t.Helper()
	changes, err := s.End(t.Context(), by.Viewer)
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func TestTyping(t *testing.T) {
	t.Parallel()
	s, ann, ctx := room(), as("ann"), context.Background()
	ttl := func(n int64) Typing { return Typing{Active: true, TTL: &n} }
	if made, _ := s.Typing(ctx, ann, ttl(500)); made.Changes != nil || made.Later != nil {
		t.Error("a user types who is not in the room")
	}
	s.opens(t, ann)
	var timers []state.Later
	for i, c := range []struct {
		name  string
		data  Typing
		lasts time.Duration
	}{
		{"too short", ttl(1), 200 * time.Millisecond},
		{"too long", ttl(90_000), 6 * time.Second},
		{"not said", Typing{Active: true}, 6 * time.Second},
		{"said", ttl(700), 700 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			made, err := s.Typing(ctx, ann, c.data)
			if err != nil || (len(made.Changes) == 1) != (i == 0) || len(made.Later) != 1 {
				t.Fatalf("%+v, %v", made, err)
			}
			if got := made.Later[0].After; got != c.lasts {
				t.Errorf("it lasts %v", got)
			}
			timers = append(timers, made.Later...)
		})
	}
	for i, timer := range timers {
		if changes := timer.Do(); (len(changes) == 1) != (i == 3) {
			t.Errorf("timer %d: %v", i, changes)
		}
	}
}

func TestTypingEndsWithTheLastSession(t *testing.T) {
	t.Parallel()
	s, ann := room(), as("ann")
	if len(s.opens(t, ann)) != 1 || s.opens(t, ann) != nil {
		t.Error("a user joins once")
	}
	if _, err := s.Typing(t.Context(), ann, Typing{Active: true}); err != nil {
		t.Fatal(err)
	}
	if s.ends(t, ann) != nil {
		t.Error("the first of two ends something")
	}
	changes := s.ends(t, ann)
	if len(changes) != 2 || changes[0].Type != "chat.typing_changed" || changes[1].Type != "chat.participant_left" {
		t.Fatalf("%v", changes)
	}
	if changes[0].Reaches(ann.Viewer) {
		t.Error("typing is told to its own user")
	}
}

func TestASessionWithoutTheRoom(t *testing.T) {
	t.Parallel()
	s := room()
	elsewhere := state.By{Viewer: &state.Viewer{UserID: "ann", Kinds: []string{"url"}}}
	if s.opens(t, elsewhere) != nil || s.ends(t, elsewhere) != nil || len(s.sessions) != 0 {
		t.Error("it takes part")
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	s, ctx := room(), t.Context()
	made, err := s.Send(ctx, as("ann"), Send{Content: "x"})
	if err != nil {
		t.Fatal(err)
	}
	id := made.Result.MessageID
	for _, c := range []struct {
		name string
		do   func() error
		want wire.Code
	}{
		{"that of another", func() error { _, err := s.Delete(ctx, as("bob"), Delete{MessageID: id}); return err }, wire.Forbidden},
		{"none", func() error { _, err := s.Delete(ctx, as("bob"), Delete{MessageID: "m-0"}); return err }, wire.NotFound},
		{"an empty one", func() error { _, err := s.Send(ctx, as("ann"), Send{}); return err }, wire.RuleViolation},
		{"edited", func() error {
			_, err := s.Edit(ctx, as("ann"), Edit{MessageID: id, Content: "y"})
			return err
		}, 0},
		{"edited to nothing", func() error { _, err := s.Edit(ctx, as("ann"), Edit{MessageID: id}); return err }, wire.RuleViolation},
		{"its own", func() error { _, err := s.Delete(ctx, as("ann"), Delete{MessageID: id}); return err }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.do(); wire.CodeOf(err) != c.want || (c.want == 0) != (err == nil) {
				t.Errorf("%v", err)
			}
		})
	}
}
