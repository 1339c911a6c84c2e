package server

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/nats-io/nats.go"
)

func asking(subject string) *nats.Msg { return &nats.Msg{Subject: subject, Reply: "_INBOX.x"} }

func taken(t *testing.T, from *turns) (subjects []string) {
	t.Helper()
	from.close(false)
	for it, ok := from.next(); ok; it, ok = from.next() {
		subjects = append(subjects, it.msg.Subject)
	}
	if from.size != 0 || len(from.lines) != 0 {
		t.Errorf("%d bytes and %d lines are left of nothing", from.size, len(from.lines))
	}
	return subjects
}

func TestUsersTakeTurns(t *testing.T) {
	t.Parallel()
	lines := newTurns()
	for _, it := range []string{"a1", "a2", "a3", "b1", "a4", "c1", "b2"} {
		lines.put(it[:1], asking(it))
	}
	if got := strings.Join(taken(t, lines), " "); got != "a1 b1 c1 a2 b2 a3 a4" {
		t.Error(got)
	}
}

func TestTooMuchOfAUserIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ bytes, fit int }{
		"in number": {0, maxOfUser}, "in bytes": {1 << 20, 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := newTurns()
			for n := range c.fit + 2 {
				lines.put("a", &nats.Msg{Subject: fmt.Sprint(n), Reply: "_INBOX.x", Data: make([]byte, c.bytes)})
			}
			lines.put("a", &nats.Msg{Subject: "asks for no answer"})
			lines.put("b", asking("b"))
			lines.close(false)
			refused := 0
			for it, ok := lines.next(); ok; it, ok = lines.next() {
				switch {
				case it.refused && it.msg.Data != nil:
					t.Error("the body of what is refused is kept")
				case it.refused:
					refused++
				}
			}
			if refused != 2 {
				t.Errorf("%d are refused", refused)
			}
		})
	}
}

func TestReadingWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := newTurns()
		filled := false
		go func() {
			for n := range 2 * maxBytes >> 20 {
				lines.put(fmt.Sprint(n), &nats.Msg{Subject: "s", Data: make([]byte, 1<<20)})
			}
			filled = true
		}()
		synctest.Wait()
		if filled || lines.size > maxBytes+2<<20 {
			t.Fatalf("%d bytes wait", lines.size)
		}
		for range 2 * maxBytes >> 20 {
			if _, ok := lines.next(); !ok {
				t.Fatal("there is no next one")
			}
		}
		synctest.Wait()
		if !filled || lines.size != 0 {
			t.Errorf("filled: %v, %d bytes wait", filled, lines.size)
		}
	})
}

func TestDroppedTurnsReleaseWhoeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := newTurns()
		lines.size = maxBytes
		go lines.put("a", asking("a"))
		synctest.Wait()
		lines.close(true)
	})
}
