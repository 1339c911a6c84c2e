package session

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/articles"
	"github.com/omnisession/omnisession/implementations/go/internal/auth"
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// bus keeps what is published, in its order.
type bus struct {
	mu       sync.Mutex
	more     *sync.Cond // there is another message
	late     bool
	messages []published
	slow     func(subject string)
}

type published struct {
	subject string
	body    body
}

type body struct {
	Type string
	wire.Position
	Reason string
	Data   struct {
		ActionID string `json:"action_id"`
		Status   string
		Mode     string
		Error    *wire.Error
		Position wire.Position
		Messages []any
	}
}

func (b *bus) Publish(subject string, data []byte, _ string) error {
	if b.slow != nil {
		b.slow(subject)
	}
	var read body
	if err := json.Unmarshal(data, &read); err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = append(b.messages, published{subject, read})
	b.more.Broadcast()
	return nil
}

// on returns what was published on subjects with a suffix.
func (b *bus) on(suffix string) (found []body) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.messages {
		if strings.HasSuffix(m.subject, suffix) {
			found = append(found, m.body)
		}
	}
	return found
}

// until waits for the n-th message on a subject. It wakes up with each message,
// and looks only at those that are new.
func (b *bus) until(t *testing.T, suffix string, n int) []body {
	t.Helper()
	late := time.AfterFunc(20*time.Second, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.late = true
		b.more.Broadcast()
	})
	defer late.Stop()
	b.mu.Lock()
	found := 0
	for at := 0; found < n && !b.late; {
		for ; at < len(b.messages); at++ {
			if strings.HasSuffix(b.messages[at].subject, suffix) {
				found++
			}
		}
		if found < n {
			b.more.Wait()
		}
	}
	b.mu.Unlock()
	if found < n {
		t.Fatalf("%d messages on %s, not %d", found, suffix, n)
	}
	return b.on(suffix)
}

type anyone struct{}

func (anyone) Verify(_ *string, user string) (*auth.Identity, *wire.Error) {
	return &auth.Identity{UserID: user, Permissions: []string{}}, nil
}

func newHub(t *testing.T) (*Hub, *bus) {
	t.Helper()
	b := &bus{}
	b.more = sync.NewCond(&b.mu)
	log := slog.New(slog.DiscardHandler)
	h := NewHub(Config{
		Kinds: AllKinds, Features: AllFeatures,
		Limits: wire.DefaultLimits, Manager: state.NewStateManager(b, wire.DefaultLimits, log), Log: log,
		Verifier: anyone{}, Store: articles.NewMemory(), Now: func() int64 { return time.Now().UnixMilli() },
	})
	t.Cleanup(func() { h.Finish(5 * time.Second) })
	return h, b
}

func ask(t *testing.T, h *Hub, user, session, name string, data wire.Object, reply string) {
	t.Helper()
	r, err := wire.ReadRequest(wire.Object{
		"v": "1.0", "type": name, "user_id": user, "session_id": session,
		"timestamp": wire.Number("1"), "data": data,
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Request(r, reply)
}

func open(t *testing.T, h *Hub, user, session string, features []any, timers wire.Object) {
	t.Helper()
	ask(t, h, user, session, wire.TypeOpen, wire.Object{
		"protocol": []any{"1.0"}, "kinds": []any{"chat", "user"}, "features": features, "auth": nil,
		"client": wire.Object{"name": "test", "version": "1"}, "timers": timers,
	}, "_INBOX."+session)
}

func action(t *testing.T, h *Hub, user, session string, n int, id, name string, data wire.Object) {
	t.Helper()
	if err := send(t, h, user, session, n, id, name, data); err != nil {
		t.Fatal(err)
	}
}

// send is action where a refusal is expected, too.
func send(t *testing.T, h *Hub, user, session string, n int, id, name string, data wire.Object) *wire.Error {
	t.Helper()
	a, err := wire.ReadAction(wire.OnUser, wire.Object{
		"v": "1.0", "type": name, "user_id": user, "session_id": session, "action_id": id,
		"client_seq": wire.Number(fmt.Sprint(n)), "timestamp": wire.Number("1"), "data": data,
	})
	if err != nil {
		t.Fatal(err)
	}
	return h.Action(a, "", "")
}

func say(text string) wire.Object { return wire.Object{"content": text} }

// inOrder checks that the stream of a session has no hole.
func inOrder(t *testing.T, b *bus, session string) (last wire.Position) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.messages {
		if !strings.Contains(m.subject, "."+session+".") || strings.HasSuffix(m.subject, ".control") {
			continue
		}
		at := m.body.Position
		if at.Epoch == last.Epoch && at.Seq != last.Seq+1 || at.Epoch != last.Epoch && at.Seq != 1 {
			t.Fatalf("%s: %v after %v", session, at, last)
		}
		if at.LastActionSeq < last.LastActionSeq {
			t.Fatalf("%s: last_action_seq steps back at %v", session, at)
		}
		last = at
	}
	return last
}
