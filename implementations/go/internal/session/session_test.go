package session

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func TestManySessionsActAtOnce(t *testing.T) {
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
	h, b := newHub(t)
	open(t, h, "u", "s", []any{"events"}, nil)
	action(t, h, "u", "s", 1, "a", "chat.send", say("x"))
	action(t, h, "u", "s", 1, "a", "chat.send", say("x"))
	action(t, h, "u", "s", 1, "a", "chat.send", say("y")) // the id with another body
	action(t, h, "u", "s", 1, "b", "chat.send", say("z")) // the number under another id
	action(t, h, "u", "s", 2, "a", "chat.send", say("x")) // a copy as the next number
	action(t, h, "u", "s", 3, "b", "chat.send", say("z")) // b is known by its refusal
	want := []string{"applied", "duplicate", "4092", "4092", "duplicate", "4092"}
	for i, m := range b.until(t, ".s.control", len(want)) {
		got := m.Data.Status
		if m.Data.Error != nil {
			got = fmt.Sprint(m.Data.Error.Code)
		}
		if got != want[i] {
			t.Errorf("outcome %d is %s, not %s", i, got, want[i])
		}
	}
	if events := b.on(".s.events"); len(events) != 1 {
		t.Errorf("%d events of one message", len(events))
	}
}

func TestGap(t *testing.T) {
	h, b := newHub(t)
	open(t, h, "u", "s", []any{}, wire.Object{"gap_ms": wire.Number("250")})
	action(t, h, "u", "s", 2, "b", "session.noop", wire.Object{})
	action(t, h, "u", "s", 1, "a", "session.noop", wire.Object{})
	got := b.until(t, ".s.control", 2)
	if got[0].Data.ActionID != "a" || got[1].Data.ActionID != "b" || got[1].Data.Status != "applied" {
		t.Errorf("out of order: %+v", got)
	}
	action(t, h, "u", "s", 9, "c", "session.noop", wire.Object{})
	late := b.until(t, ".s.control", 3)[2].Data.Error
	if late == nil || late.Code != wire.ClientSeqGap || late.Details.Expected != 3 {
		t.Errorf("not refused for its gap: %+v", late)
	}
}

func TestResume(t *testing.T) {
	h, b := newHub(t)
	open(t, h, "u", "s", []any{"events"}, nil)
	for n := range 5 {
		action(t, h, "u", "s", n+1, fmt.Sprint(n), "chat.send", say("x"))
	}
	head := b.until(t, ".s.control", 5)[4].Data.Position
	for i, want := range []string{"current", "replay", "snapshot"} {
		at := head.Seq - int64(i)
		if want == "snapshot" {
			at = head.Seq + 7
		}
		reply := "_INBOX.resume" + want
		ask(t, h, "u", "s", wire.TypeResume, wire.Object{
			"epoch": wire.Number(fmt.Sprint(head.Epoch)), "seq": wire.Number(fmt.Sprint(at)),
		}, reply)
		answer := b.until(t, reply, 1)[0].Data
		if answer.Mode != want || want == "replay" && len(answer.Messages) != 1 {
			t.Errorf("%s with %d messages, not %s", answer.Mode, len(answer.Messages), want)
		}
	}
}

func TestOverrunBeginsAnEpoch(t *testing.T) {
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
		h.mu.Lock()
		defer h.mu.Unlock()
		h.commit([]*state.Change{state.New("chat.participant_joined", joined)}, nil, nil)
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

func TestExpiryAndForgetting(t *testing.T) {
	h, b := newHub(t)
	quick := wire.Object{"heartbeat_ms": wire.Number("200"), "resume_window_ms": wire.Number("1000")}
	open(t, h, "u", "s", []any{"digests"}, quick)
	begin := time.Now()
	for {
		h.mu.Lock()
		left := len(h.live)
		h.mu.Unlock()
		if left == 0 {
			break
		}
		if time.Since(begin) > 5*time.Second {
			t.Fatal("the session lives on")
		}
		time.Sleep(5 * time.Millisecond)
	}
	if lived := time.Since(begin); lived < time.Second {
		t.Errorf("expired after %v", lived)
	}
	if beats := b.on(".s.control"); len(beats) < 4 {
		t.Errorf("%d heartbeats in a second", len(beats))
	}
	h.mu.Lock()
	over := maps.Clone(h.over)
	h.mu.Unlock()
	if len(over) != 1 {
		t.Error("it is not remembered")
	}
}

func TestClosingFinishesWhatHasBegun(t *testing.T) {
	h, b := newHub(t)
	open(t, h, "u", "s", []any{}, wire.Object{"gap_ms": wire.Number("250")})
	action(t, h, "u", "s", 1, "a", "chat.send", say("x"))
	action(t, h, "u", "s", 3, "c", "chat.send", say("x"))
	h.Stop()
	open(t, h, "u", "new", []any{}, nil)
	if refused := b.until(t, "_INBOX.new", 1)[0].Data.Error; refused == nil || refused.Code != wire.Unavailable {
		t.Error("a session is opened during the stop")
	}
	control := b.until(t, ".s.control", 2)
	done := make(chan struct{})
	go func() { h.busy.Wait(); close(done) }()
	h.toAll(finish{})
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("the session does not finish")
	}
	control = b.on(".s.control")
	kinds := map[string]int{}
	for _, m := range control {
		kinds[m.Type]++
	}
	if kinds["session.closing"] != 1 || kinds["action.ack"] != 1 || kinds["action.nack"] != 1 {
		t.Errorf("published: %v", kinds)
	}
}
