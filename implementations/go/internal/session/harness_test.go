package session

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/articles"
	"github.com/omnisession/omnisession/implementations/go/internal/auth"
	"github.com/omnisession/omnisession/implementations/go/internal/chat"
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/urls"
	"github.com/omnisession/omnisession/implementations/go/internal/users"
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
		Error    *wire.Refusal
		Result   wire.Result
		Position wire.Position
		Messages []any
		// Of a warning.
		ExpiresAt int64 `json:"expires_at"`
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

// anyone takes every token, and gives the permissions that the token names.
type anyone struct{}

func (anyone) Verify(token *string, user string) (*auth.Identity, error) {
	permissions := []string{}
	if token != nil {
		permissions = append(permissions, *token)
	}
	return &auth.Identity{UserID: user, Permissions: permissions}, nil
}

func (anyone) Revoked(auth.Credential) bool { return false }

// config has all kinds on a store, as package kinds has them.
func config(t testing.TB, out state.Publisher, store articles.Store) Config {
	t.Helper()
	limits, log := wire.DefaultLimits, slog.New(slog.DiscardHandler)
	now := func() int64 { return time.Now().UnixMilli() }
	directory := users.NewDirectory()
	posts, err := articles.NewService(t.Context(), store, &limits, now, directory.Name)
	if err != nil {
		t.Fatal(err)
	}
	room := chat.NewService(&limits, now, directory.Name)
	return Config{
		Groups: []Group{
			{posts}, {room, urls.NewService(&limits, now), users.NewService(directory, room.Renamed)},
		},
		Meet: directory.Meet, Forget: directory.Forget, Kinds: []string{"articles", "chat", "url", "user"}, Features: Features,
		Limits: limits, Publisher: state.NewStateManager(out, limits, log), Log: log, Verifier: anyone{}, Now: now,
		Patience: time.Second, Remember: time.Hour, Window: 2 * time.Minute,
	}
}

func newBus() *bus {
	b := &bus{}
	b.more = sync.NewCond(&b.mu)
	return b
}

// newHub returns a hub of which the test sees what it publishes.
func newHub(t *testing.T) (*Hub, *bus) {
	t.Helper()
	b := newBus()
	return start(t, config(t, b, articles.NewMemory())), b
}

// start starts a hub that has to finish well at the end of the test.
func start(t *testing.T, c Config) *Hub {
	t.Helper()
	h := NewHub(c)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := h.Finish(ctx); err != nil {
			t.Errorf("finish: %v", err)
		}
	})
	return h
}

func ask(t testing.TB, h *Hub, user, session, name string, data wire.Object, reply string) {
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

// opening is the data of session.open.
func opening(kinds, features []any, timers wire.Object) wire.Object {
	return wire.Object{
		"protocol": []any{"1.0"}, "kinds": kinds, "features": features, "auth": nil,
		"client": wire.Object{"name": "test", "version": "1"}, "timers": timers,
	}
}

// open opens a session of the room.
func open(t testing.TB, h *Hub, user, session string, features []any, timers wire.Object) {
	t.Helper()
	ask(t, h, user, session, wire.TypeOpen, opening([]any{"chat", "user"}, features, timers), "_INBOX."+session)
}

// openPosts opens a session of articles, with a permission or none.
func openPosts(t testing.TB, h *Hub, user, session, permission string, features ...any) {
	t.Helper()
	data := opening([]any{"articles"}, append([]any{}, features...), wire.Object{"coalesce_ms": wire.Number("0")})
	if permission != "" {
		data["auth"] = wire.Object{"scheme": "bearer", "token": permission}
	}
	ask(t, h, user, session, wire.TypeOpen, data, "_INBOX."+session)
}

func action(t testing.TB, h *Hub, user, session string, n int, id, name string, data wire.Object) {
	t.Helper()
	if err := send(t, h, user, session, n, id, name, data); err != nil {
		t.Fatal(err)
	}
}

// send is action where a refusal is expected, too.
func send(t testing.TB, h *Hub, user, session string, n int, id, name string, data wire.Object) error {
	t.Helper()
	a, err := wire.ReadAction(wire.Shared{}, wire.Object{
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
