package session

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/chat"
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func TestManySessionsActAtOnce(t *testing.T) {
	t.Parallel()
	h, b := newHub(t)
	const sessions, actions = 8, 20
	name := func(i int) (user, session string) { return fmt.Sprintf("u%d", i/2), fmt.Sprintf("s%d", i) }
	// All are open before the first acts: an effect reaches the sessions that are open when it comes about.
	for i := range sessions {
		features := []any{}
		if i%2 == 0 {
			features = []any{"events", "digests"}
		}
		user, session := name(i)
		open(t, h, user, session, features, wire.Object{"coalesce_ms": wire.Number("0")})
		b.until(t, "."+session+".state", 2)
	}
	var wg sync.WaitGroup
	for i := range sessions {
		user, session := name(i)
		wg.Go(func() {
			for n := range actions {
				action(t, h, user, session, n+1, fmt.Sprintf("%s-%d", session, n), "chat.send", say("x"))
			}
		})
	}
	wg.Wait()
	for i := range sessions {
		session := fmt.Sprintf("s%d", i)
		acks := 0
		for _, m := range b.until(t, "."+session+".control", actions) {
			if m.Type == "action.ack" {
				acks++
			}
		}
		if acks != actions {
			t.Errorf("%s: %d acks", session, acks)
		}
		inOrder(t, b, session)
	}
	effectsBeforeAcks(t, b, sessions)
}

// effectsBeforeAcks checks ACTION-004: when the n-th ack of all is published,
// every session with events has at least n events of the room.
func effectsBeforeAcks(t *testing.T, b *bus, sessions int) {
	t.Helper()
	acks, added := 0, map[string]int{}
	for _, m := range b.messages {
		switch {
		case m.body.Type == "action.ack":
			acks++
			for i := 0; i < sessions; i += 2 {
				if subject := wire.EventsSubject(fmt.Sprintf("u%d", i/2), fmt.Sprintf("s%d", i)); added[subject] < acks {
					t.Fatalf("%d acks, %d events on %s", acks, added[subject], subject)
				}
			}
		case m.body.Type == "chat.message_added":
			added[m.subject]++
		}
	}
}

func TestCopies(t *testing.T) {
	t.Parallel()
	h, b := newHub(t)
	open(t, h, "u", "s", []any{"events"}, nil)
	for i, c := range []struct {
		name   string
		number int
		id     string
		text   string
		want   string
	}{
		{"the first one", 1, "a", "x", "applied"},
		{"a copy", 1, "a", "x", "duplicate"},
		{"the id with another body", 1, "a", "y", "4092"},
		{"the number under another id", 1, "b", "z", "4092"},
		{"a copy as the next number", 2, "a", "x", "duplicate"},
		{"an id that is known by its refusal", 3, "b", "z", "4092"},
	} {
		t.Run(c.name, func(t *testing.T) {
			action(t, h, "u", "s", c.number, c.id, "chat.send", say(c.text))
			data := b.until(t, ".s.control", i+1)[i].Data
			got := data.Status
			if data.Error != nil {
				got = fmt.Sprint(data.Error.Code)
			}
			if got != c.want {
				t.Errorf("%s, not %s", got, c.want)
			}
		})
	}
	if events := b.on(".s.events"); len(events) != 1 {
		t.Errorf("%d events of one message", len(events))
	}
}

func TestResume(t *testing.T) {
	t.Parallel()
	h, b := newHub(t)
	open(t, h, "u", "s", []any{"events"}, nil)
	for n := range 5 {
		action(t, h, "u", "s", n+1, fmt.Sprint(n), "chat.send", say("x"))
	}
	head := b.until(t, ".s.control", 5)[4].Data.Position
	for behind, want := range []string{"current", "replay"} {
		t.Run(want, func(t *testing.T) { resumes(t, h, b, head.Epoch, head.Seq-int64(behind), want) })
	}
	t.Run("snapshot", func(t *testing.T) { resumes(t, h, b, head.Epoch, head.Seq+7, "snapshot") })
	t.Run("another epoch", func(t *testing.T) { resumes(t, h, b, head.Epoch+1, head.Seq, "snapshot") })
}

// resumes resumes at a position, and wants the mode of the answer.
func resumes(t *testing.T, h *Hub, b *bus, epoch, seq int64, want string) {
	t.Helper()
	reply := "_INBOX.resume" + t.Name()
	ask(t, h, "u", "s", wire.TypeResume, wire.Object{
		"epoch": wire.Number(fmt.Sprint(epoch)), "seq": wire.Number(fmt.Sprint(seq)),
	}, reply)
	answer := b.until(t, reply, 1)[0].Data
	if answer.Mode != want || want == "replay" && len(answer.Messages) != 1 {
		t.Errorf("%s with %d messages, not %s", answer.Mode, len(answer.Messages), want)
	}
}

func TestOverrunBeginsAnEpoch(t *testing.T) {
	t.Parallel()
	h, b := newHub(t)
	entered, stuck := make(chan struct{}, maxDeliveries), make(chan struct{})
	b.slow = func(subject string) {
		if strings.HasSuffix(subject, ".slow.events") {
			entered <- struct{}{}
			<-stuck
		}
	}
	open(t, h, "u", "slow", []any{"events"}, nil)
	b.until(t, ".slow.state", 2)
	commit := func() {
		joined := &wire.ParticipantData{User: wire.Participant{ID: "x", Username: "X"}}
		g := h.kinds.actions["chat.send"].group
		g.mu.Lock()
		defer g.mu.Unlock()
		h.commit([]*state.Change{state.New(chat.Kind, "chat.participant_joined", joined)}, nil, nil)
	}
	commit()
	<-entered // the session publishes, and is stuck
	for range maxDeliveries + 10 {
		commit()
	}
	close(stuck)
	states := b.until(t, ".slow.state", 4)
	if len(states) != 4 || states[3].Reason != "takeover" || states[3].Epoch != states[0].Epoch+1 {
		t.Fatalf("no takeover: %+v", states)
	}
	inOrder(t, b, "slow")
}
