package session

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/articles"
	"github.com/omnisession/omnisession/implementations/go/internal/auth"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// until is a token that ends, in milliseconds.
type until int64

func (u until) Verify(_ *string, user string) (*auth.Identity, error) {
	at := int64(u)
	return &auth.Identity{UserID: user, ExpiresAt: &at}, nil
}

func (until) Revoked(auth.Credential) bool { return false }

// endsAfter is a hub whose sessions end after a while. Its clock can be set.
func endsAfter(t *testing.T, d time.Duration) (*Hub, *bus, *atomic.Int64) {
	t.Helper()
	b, ahead := newBus(), &atomic.Int64{}
	c := config(t, b, articles.NewMemory())
	c.Ends, c.Verifier = true, until(time.Now().Add(d).UnixMilli())
	c.Wall = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	return start(t, c), b, ahead
}

// warnings are the ends that a session was warned of.
func warnings(b *bus, session string) (ends []int64) {
	for _, m := range b.on("." + session + ".control") {
		if m.Type == "auth.expiring" {
			ends = append(ends, m.Data.ExpiresAt)
		}
	}
	return ends
}

// ended tells whether the last message of a session says that its token has.
func ended(b *bus, session string) bool {
	got := b.on("." + session + ".control")
	return len(got) > 0 && got[len(got)-1].Type == "session.closing"
}

func TestTheEndIsThatOfTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, b, _ := endsAfter(t, 2_500*time.Millisecond)
		open(t, h, "u", "s", []any{}, nil)
		after(2_499 * time.Millisecond)
		if ended(b, "s") || liveSessions(h) != 1 {
			t.Error("it ends too early")
		}
		after(time.Millisecond)
		if !ended(b, "s") || liveSessions(h) != 0 {
			t.Error("it does not end")
		}
	})
}

// An action takes 10 ms here, so one is in flight whenever time is looked at.
func TestAQueueDoesNotOutliveTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, b, _ := endsAfter(t, 505*time.Millisecond)
		b.slow = func(subject string) {
			if strings.HasSuffix(subject, ".s.state") {
				time.Sleep(10 * time.Millisecond)
			}
		}
		open(t, h, "u", "s", []any{}, nil)
		const actions = 1_000
		for n := range actions {
			a, err := wire.ReadAction(wire.Shared{}, wire.Object{
				"v": "1.0", "type": "chat.send", "user_id": "u", "session_id": "s", "action_id": fmt.Sprint(n),
				"client_seq": wire.Number(fmt.Sprint(n + 1)), "timestamp": wire.Number("1"), "data": say("x"),
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := h.Action(a, "_INBOX.act", ""); err != nil {
				t.Fatal(err)
			}
		}
		after(600 * time.Millisecond)
		if !ended(b, "s") || liveSessions(h) != 0 {
			t.Fatal("it lives on")
		}
		outcomes, over := len(b.on(".s.control"))-len(warnings(b, "s"))-1, 0
		for _, m := range b.on("_INBOX.act") {
			if code(m.Data.Error) == wire.SessionClosed {
				over++
			}
		}
		if outcomes == 0 || over == 0 || outcomes+over != actions {
			t.Errorf("%d outcomes, and %d are told that the session is over", outcomes, over)
		}
	})
}

// A clock that is set, or a machine that slept, is noticed within a second.
func TestAStepOfTheClockComesToTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, b, ahead := endsAfter(t, time.Hour)
		open(t, h, "u", "s", []any{}, nil)
		after(1_500 * time.Millisecond)
		if ended(b, "s") {
			t.Fatal("it ends too early")
		}
		ahead.Store(int64(time.Hour))
		after(time.Second)
		if !ended(b, "s") || liveSessions(h) != 0 {
			t.Error("it lives on")
		}
	})
}

// A session that is warned has half of its time left, but a minute at most.
func TestTheWarningBeforeTheEnd(t *testing.T) {
	for _, c := range []struct{ lasts, left time.Duration }{
		{4 * time.Second, 2 * time.Second},
		{100 * time.Second, 50 * time.Second},
		{110 * time.Second, 55 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			h, b, _ := endsAfter(t, c.lasts)
			end := time.Now().Add(c.lasts).UnixMilli()
			open(t, h, "u", "s", []any{}, nil)
			after(c.lasts - c.left - time.Millisecond)
			if got := warnings(b, "s"); len(got) != 0 {
				t.Errorf("%v: it is warned too early", c.lasts)
			}
			after(time.Millisecond)
			if got := warnings(b, "s"); len(got) != 1 || got[0] != end {
				t.Errorf("%v: it is warned of %v, not of %d", c.lasts, got, end)
			}
			open(t, h, "u", "s", []any{}, nil) // by the same token
			after(c.left)
			if got := warnings(b, "s"); len(got) != 1 || !ended(b, "s") {
				t.Errorf("%v: it is warned of %v", c.lasts, got)
			}
		})
	}
}

// The clock is a minute before the end at once, which is later than half.
func TestALongTokenIsWarnedOfAMinuteBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, b, ahead := endsAfter(t, time.Hour)
		open(t, h, "u", "s", []any{}, nil)
		ahead.Store(int64(58 * time.Minute))
		after(2 * time.Second)
		if got := warnings(b, "s"); len(got) != 0 {
			t.Error("it is warned too early")
		}
		ahead.Store(int64(59 * time.Minute))
		after(2 * time.Second)
		if got := warnings(b, "s"); len(got) != 1 {
			t.Errorf("it is warned of %v", got)
		}
	})
}
