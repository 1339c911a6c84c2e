package session

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/articles"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Here time is that of a bubble of testing/synctest: it goes on as soon as all
// goroutines wait, so what is due at a moment is there at that moment. A bubble
// ends only when all its goroutines have ended.

var quick = wire.Object{"heartbeat_ms": wire.Number("200"), "resume_window_ms": wire.Number("1000")}

// after lets time go on, until all that was due has been done.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// liveSessions is how many there are.
func liveSessions(h *Hub) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.live)
}

func code(err *wire.Refusal) wire.Code {
	if err == nil {
		return 0
	}
	return err.Code
}

func TestGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, b := newHub(t)
		open(t, h, "u", "s", []any{}, wire.Object{"gap_ms": wire.Number("250")})
		action(t, h, "u", "s", 2, "b", "session.noop", wire.Object{})
		after(249 * time.Millisecond)
		action(t, h, "u", "s", 1, "a", "session.noop", wire.Object{})
		synctest.Wait()
		got := b.on(".s.control")
		if len(got) != 2 || got[0].Data.ActionID != "a" || got[1].Data.ActionID != "b" || got[1].Data.Status != "applied" {
			t.Errorf("out of order: %+v", got)
		}
		action(t, h, "u", "s", 9, "c", "session.noop", wire.Object{})
		after(249 * time.Millisecond)
		if n := len(b.on(".s.control")); n != 2 {
			t.Errorf("%d outcomes before the gap is over", n)
		}
		after(time.Millisecond)
		late := b.on(".s.control")[2].Data.Error
		if code(late) != wire.ClientSeqGap || late.Details.Expected != 3 {
			t.Errorf("not refused for its gap: %+v", late)
		}
	})
}

func TestHeartbeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, b := newHub(t)
		open(t, h, "u", "s", []any{"digests"}, quick)
		for beat := 1; beat <= 5; beat++ {
			after(149 * time.Millisecond)
			if n := len(b.on(".s.control")); n != beat-1 {
				t.Fatalf("%d heartbeats before %d times 150 ms", n, beat)
			}
			after(time.Millisecond)
			if n := len(b.on(".s.control")); n != beat {
				t.Fatalf("%d heartbeats after %d times 150 ms", n, beat)
			}
		}
	})
}

func TestExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, b := newHub(t)
		open(t, h, "u", "s", []any{}, quick)
		after(900 * time.Millisecond)
		ask(t, h, "u", "s", wire.TypePing, wire.Object{}, "_INBOX.ping") // a sign of life
		after(999 * time.Millisecond)
		if n := liveSessions(h); n != 1 {
			t.Fatalf("%d sessions before the window is over", n)
		}
		after(11 * time.Millisecond)
		if n := liveSessions(h); n != 0 {
			t.Fatalf("%d sessions after the window", n)
		}
		for _, c := range []struct {
			name string
			wait time.Duration
			want wire.Code
		}{
			{"over", 0, wire.SessionClosed},
			{"still over", 1 * time.Second, wire.SessionClosed},
			{"forgotten", 3 * time.Second, wire.SessionUnknown},
		} {
			after(c.wait)
			reply := "_INBOX." + c.name
			ask(t, h, "u", "s", wire.TypePing, wire.Object{}, reply)
			if got := code(b.on(reply)[0].Data.Error); got != c.want {
				t.Errorf("%s: %d, not %d", c.name, got, c.want)
			}
		}
	})
}

func TestCoalescing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, b := newHub(t)
		open(t, h, "u", "talk", []any{}, nil)
		open(t, h, "v", "hears", []any{}, wire.Object{"coalesce_ms": wire.Number("500")})
		synctest.Wait()
		for n := range 3 {
			action(t, h, "u", "talk", n+1, fmt.Sprint(n), "chat.send", say("x"))
		}
		after(499 * time.Millisecond)
		if n := len(b.on(".hears.state")); n != 2 {
			t.Errorf("%d states before coalesce_ms", n)
		}
		after(time.Millisecond)
		if n := len(b.on(".hears.state")); n != 3 {
			t.Errorf("%d states of three changes", n)
		}
	})
}

func TestTypingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, b := newHub(t)
		open(t, h, "u", "s", []any{}, nil)
		synctest.Wait()
		open(t, h, "v", "sees", []any{"events"}, nil)
		synctest.Wait()
		action(t, h, "u", "s", 1, "a", "chat.typing", wire.Object{"active": true, "ttl_ms": wire.Number("700")})
		for _, c := range []struct {
			wait   time.Duration
			events int
		}{{0, 1}, {699 * time.Millisecond, 1}, {time.Millisecond, 2}} {
			after(c.wait)
			if n := len(b.on(".sees.events")); n != c.events {
				t.Errorf("%d events, not %d", n, c.events)
			}
		}
	})
}

func TestClosingFinishesWhatHasBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, b := newHub(t)
		open(t, h, "u", "s", []any{}, wire.Object{"gap_ms": wire.Number("250")})
		action(t, h, "u", "s", 1, "a", "chat.send", say("x"))
		action(t, h, "u", "s", 3, "c", "chat.send", say("x"))
		h.Close()
		open(t, h, "u", "new", []any{}, nil)
		synctest.Wait()
		if refused := b.on("_INBOX.new")[0].Data.Error; code(refused) != wire.Unavailable {
			t.Errorf("a session is opened during the stop: %+v", refused)
		}
		begun := time.Now()
		if err := h.Finish(t.Context()); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(begun); waited != 0 {
			t.Errorf("it waited for %v", waited)
		}
		types := map[string]int{}
		for _, m := range b.on(".s.control") {
			types[m.Type]++
		}
		if types["session.closing"] != 1 || types["action.ack"] != 1 || types["action.nack"] != 1 {
			t.Errorf("published: %v", types)
		}
	})
}

func TestClosingShowsWhatIsHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, b := newHub(t)
		open(t, h, "u", "talk", []any{}, nil)
		open(t, h, "v", "hears", []any{}, wire.Object{"coalesce_ms": wire.Number("500")})
		synctest.Wait()
		action(t, h, "u", "talk", 1, "a", "chat.send", say("x"))
		synctest.Wait()
		before := len(b.on(".hears.state"))
		h.Close()
		if err := h.Finish(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(b.on(".hears.state")); n != before+1 {
			t.Errorf("%d states, not %d", n, before+1)
		}
	})
}

// When its context is done, a stop ends whatever is left. The bubble fails if
// a goroutine stays.
func TestFinishGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, store := newBus(), &moody{Memory: articles.NewMemory()}
		c := config(t, b, store)
		c.Patience = time.Hour
		h := NewHub(c)
		openPosts(t, h, "u", "s", "")
		synctest.Wait()
		store.hang.Store(true)
		action(t, h, "u", "s", 1, "a", "article.create", wire.Object{"title": "x"})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begun := time.Now()
		if err := h.Finish(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		if waited := time.Since(begun); waited != 3*time.Second {
			t.Errorf("it waited for %v", waited)
		}
		synctest.Wait()
		if h.running.count != 0 {
			t.Errorf("%d goroutines stay", h.running.count)
		}
	})
}

func TestOutcomesAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, b := newHub(t)
		known := func() int {
			h.mu.Lock()
			defer h.mu.Unlock()
			return len(h.accounts)
		}
		visit := func(user, session string, acts bool) {
			open(t, h, user, session, []any{}, nil)
			if acts {
				action(t, h, user, session, 1, "a", "chat.send", say("x"))
			}
			ask(t, h, user, session, wire.TypeClose, wire.Object{}, "_INBOX.close")
			synctest.Wait()
		}
		visit("reader", "1", false)
		if n := known(); n != 0 {
			t.Errorf("%d users without an outcome are known", n)
		}
		visit("writer", "1", true)
		after(30 * time.Minute)
		visit("writer", "2", true)
		if got := b.on(".2.control"); len(got) != 1 || got[0].Data.Status != "duplicate" {
			t.Errorf("the outcome is not known any more: %+v", got)
		}
		after(59 * time.Minute)
		if n := known(); n != 1 {
			t.Errorf("%d users are known less than an hour after they left", n)
		}
		after(2 * time.Hour)
		if n := known(); n != 0 || len(h.departed) != 0 {
			t.Errorf("%d users and %d departures are known for ever", n, len(h.departed))
		}
		visit("writer", "3", true)
		if got := b.on(".3.control"); len(got) != 1 || got[0].Data.Status != "applied" {
			t.Errorf("the outcome is still known: %+v", got)
		}
	})
}
