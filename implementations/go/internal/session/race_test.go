package session

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// The kit once saw an event before the first state: a commit reached a session
// between its registration and its open request. Goroutines race in a bubble as
// elsewhere, and no wait is too short on a busy machine.
func TestNothingComesBeforeTheFirstStates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, opensWhileOthersTalk)
}

func opensWhileOthersTalk(t *testing.T) {
	h, b := newHub(t)
	open(t, h, "talker", "talk", []any{}, nil)
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := range 500 {
			if err := send(t, h, "talker", "talk", n+1, fmt.Sprint(n), "chat.send", say("x")); err != nil {
				t.Error(err)
			}
		}
	})
	b.until(t, ".talk.control", 1)
	const sessions = 30
	for i := range sessions {
		open(t, h, fmt.Sprint("u", i), fmt.Sprint("late", i), []any{"events"}, nil)
	}
	wg.Wait()
	for i := range sessions {
		name := fmt.Sprint("late", i)
		b.until(t, "."+name+".state", 2)
		inOrder(t, b, name)
		b.mu.Lock()
		for _, m := range b.messages {
			if strings.Contains(m.subject, "."+name+".") && m.body.Seq == 1 {
				if m.body.Reason != "open" {
					t.Errorf("%s begins with %s", name, m.body.Type)
				}
			}
		}
		b.mu.Unlock()
	}
}

func TestUserUpdateReachesBothKinds(t *testing.T) {
	t.Parallel()
	h, b := newHub(t)
	open(t, h, "u", "s", []any{}, nil)
	action(t, h, "u", "s", 1, "a", "user.update", wire.Object{"changes": wire.Object{}})
	b.until(t, ".s.control", 1)
	if states := b.on(".s.state"); len(states) != 2 {
		t.Errorf("an update that changes nothing made states: %+v", states)
	}
	changes := wire.Object{"username": "Ann", "password": "x"}
	action(t, h, "u", "s", 2, "b", "user.update", wire.Object{"changes": changes})
	ack := b.until(t, ".s.control", 2)[1].Data.Position
	states := b.on(".s.state")
	if len(states) != 4 || states[3].Seq != ack.Seq || states[2].LastActionSeq != 1 || states[3].LastActionSeq != 2 {
		t.Errorf("ack at %v, states %+v", ack, states)
	}
}

// The ack of a copy in another session follows the effects of the action, too.
func TestACopyWaitsForTheFirstEffects(t *testing.T) {
	t.Parallel()
	h, b := newHub(t)
	entered, stuck := make(chan struct{}, 8), make(chan struct{})
	b.slow = func(subject string) {
		if strings.HasSuffix(subject, ".slow.events") {
			entered <- struct{}{}
			<-stuck
		}
	}
	open(t, h, "slow", "slow", []any{"events"}, nil)
	b.until(t, ".slow.state", 2)
	for _, session := range []string{"one", "two"} {
		open(t, h, "slow", session, []any{}, nil)
		b.until(t, "."+session+".state", 2)
		<-entered
		stuck <- struct{}{}
	}
	action(t, h, "slow", "one", 1, "a", "chat.send", say("x"))
	<-entered
	action(t, h, "slow", "two", 1, "a", "chat.send", say("x"))
	if b.until(t, ".two.state", 3); len(b.on(".two.control"))+len(b.on(".one.control")) > 0 {
		t.Error("an outcome before the effects")
	}
	close(stuck)
	if got := b.until(t, ".two.control", 1)[0].Data.Status; got != "duplicate" {
		t.Errorf("%s", got)
	}
	b.until(t, ".one.control", 1)
}

// A client that sends without end costs its own session a bounded queue.
// Time stands still meanwhile: no heartbeat comes among its answers.
func TestAFloodIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, aFlood)
}

func aFlood(t *testing.T) {
	h, b := newHub(t)
	entered, stuck := make(chan struct{}), make(chan struct{})
	b.slow = func(subject string) {
		if strings.HasSuffix(subject, ".flood.events") {
			entered <- struct{}{}
			<-stuck
		}
	}
	open(t, h, "u", "flood", []any{"events"}, nil)
	b.until(t, ".flood.state", 2)
	open(t, h, "u", "other", []any{}, nil) // the first session has to be told of it
	<-entered
	refused := 0
	for n := range 2*maxRequests + 5 {
		err := send(t, h, "u", "flood", n+1, fmt.Sprint(n), "session.noop", wire.Object{})
		if r := wire.RefusalOf(err); err != nil && (r == nil || r.Code != wire.RateLimited || r.RetryAfterMS == nil) {
			t.Fatal(err)
		}
		if err != nil {
			refused++
		}
	}
	if refused != 5 {
		t.Errorf("%d actions are refused at once", refused)
	}
	ask(t, h, "u", "flood", wire.TypePing, wire.Object{}, "_INBOX.ping")
	if err := b.until(t, "_INBOX.ping", 1)[0].Data.Error; err == nil || err.Code != wire.RateLimited {
		t.Errorf("a ping waits behind the flood: %v", err)
	}
	action(t, h, "u", "other", 1, "free", "session.noop", wire.Object{})
	b.until(t, ".other.control", 1)
	close(stuck)
	busy := 0
	for _, m := range b.until(t, ".flood.control", 2*maxRequests) {
		if m.Type == "action.nack" {
			busy++
		}
	}
	if busy != maxRequests {
		t.Errorf("%d actions are told to wait", busy)
	}
}
