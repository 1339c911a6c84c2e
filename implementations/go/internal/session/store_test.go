package session

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/articles"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// moody is a store that can be away: it fails, or hangs until its caller gives
// up.
type moody struct {
	*articles.Memory
	away, hang atomic.Bool
	failed     atomic.Int64
}

var errAway = errors.New("dial 10.0.0.7: refused")

func (m *moody) mood(ctx context.Context) error {
	if m.hang.Load() {
		<-ctx.Done()
		m.failed.Add(1)
		return ctx.Err()
	}
	if m.away.Load() {
		m.failed.Add(1)
		return errAway
	}
	return nil
}

func (m *moody) Get(ctx context.Context, id string) (articles.Record, error) {
	if err := m.mood(ctx); err != nil {
		return articles.Record{}, err
	}
	return m.Memory.Get(ctx, id)
}

func (m *moody) Put(ctx context.Context, record articles.Record) error {
	if err := m.mood(ctx); err != nil {
		return err
	}
	return m.Memory.Put(ctx, record)
}

func (m *moody) Delete(ctx context.Context, id string) error {
	if err := m.mood(ctx); err != nil {
		return err
	}
	return m.Memory.Delete(ctx, id)
}

func (m *moody) All(ctx context.Context) iter.Seq2[articles.Record, error] {
	return func(yield func(articles.Record, error) bool) {
		if err := m.mood(ctx); err != nil {
			yield(articles.Record{}, err)
			return
		}
		m.Memory.All(ctx)(yield)
	}
}

func newMoody(t *testing.T) (*Hub, *bus, *moody) {
	t.Helper()
	b, store := newBus(), &moody{Memory: articles.NewMemory()}
	return start(t, config(t, b, store)), b, store
}

// Each action on articles meets a store that is away, and then one that is
// back, with the same bytes.
func TestAStoreThatIsAway(t *testing.T) {
	for _, c := range []struct {
		name string
		data wire.Object
	}{
		{"article.create", wire.Object{"title": "x"}},
		{"article.update", wire.Object{"changes": wire.Object{"title": "y"}}},
		{"article.select", wire.Object{}},
		{"article.edit_start", wire.Object{}},
		{"article.publish", wire.Object{}},
		{"article.delete", wire.Object{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { awayAndBack(t, c.name, c.data) })
		})
	}
}

func awayAndBack(t *testing.T, name string, data wire.Object) {
	h, b, store := newMoody(t)
	openPosts(t, h, "u", "s", "", "events")
	action(t, h, "u", "s", 1, "make", "article.create", wire.Object{"title": "x"})
	synctest.Wait()
	if name != "article.create" {
		data["article_id"] = b.on(".s.control")[0].Data.Result.ArticleID
	}
	before := b.on(".s.events")
	store.away.Store(true)
	action(t, h, "u", "s", 2, "a", name, data)
	action(t, h, "u", "s", 2, "n", "session.noop", wire.Object{}) // the number is free
	synctest.Wait()
	control := b.on(".s.control")[1:]
	if got := control[0].Data.Error; code(got) != wire.Unavailable || !got.Retryable || got.RetryAfterMS == nil {
		t.Errorf("the outcome is %+v", got)
	}
	if at := control[0].Data.Position; at.LastActionSeq != 1 || at.Seq != before[0].Seq {
		t.Errorf("the refusal is at %+v", at)
	}
	if control[1].Data.Status != "applied" || control[1].Data.Position.LastActionSeq != 2 {
		t.Errorf("the next action: %+v", control[1].Data)
	}
	if now := b.on(".s.events"); len(now) != len(before) {
		t.Errorf("%d events of nothing", len(now)-len(before))
	}
	store.away.Store(false)
	action(t, h, "u", "s", 3, "a", name, data) // the id is free as well
	synctest.Wait()
	if got := b.on(".s.control")[3].Data; got.Status != "applied" {
		t.Errorf("with the store back: %+v", got)
	}
	if now := b.on(".s.events"); len(now) == len(before) {
		t.Error("nothing came about")
	}
}

// A store that hangs costs its own actions their time, and nobody else any.
func TestAStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, b, store := newMoody(t)
		openPosts(t, h, "u", "posts", "")
		open(t, h, "v", "room", []any{}, nil)
		synctest.Wait()
		store.hang.Store(true)
		action(t, h, "u", "posts", 1, "a", "article.create", wire.Object{"title": "x"})
		action(t, h, "v", "room", 1, "a", "chat.send", say("x"))
		ask(t, h, "v", "room", wire.TypePing, wire.Object{}, "_INBOX.ping")
		synctest.Wait()
		if len(b.on(".room.control")) != 1 || len(b.on("_INBOX.ping")) != 1 {
			t.Error("the room waits for the articles")
		}
		after(time.Second)
		if got := b.on(".posts.control"); len(got) != 1 || code(got[0].Data.Error) != wire.Unavailable {
			t.Errorf("after a second: %+v", got)
		}
		store.hang.Store(false)
	})
}

func TestAnOpenWithoutItsStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, b, store := newMoody(t)
		store.away.Store(true)
		openPosts(t, h, "u", "s", "")
		// Behind the open, or after it, there is no session.
		if err := send(t, h, "u", "s", 1, "a", "session.noop", wire.Object{}); err != nil && wire.CodeOf(err) != wire.SessionUnknown {
			t.Error(err)
		}
		synctest.Wait()
		if got := b.on("_INBOX.s"); len(got) != 1 || code(got[0].Data.Error) != wire.Unavailable {
			t.Fatalf("the open: %+v", got)
		}
		if len(b.on(".s.state"))+len(b.on(".s.control")) > 0 || liveSessions(h) > 0 || len(h.accounts) > 0 {
			t.Error("something is left of a session that never was")
		}
		store.away.Store(false)
		openPosts(t, h, "u", "s", "")
		synctest.Wait()
		if got := b.on("_INBOX.s")[1]; got.Type != "session.opened" {
			t.Errorf("the same open again: %+v", got)
		}
	})
}

// A session ends though its edits cannot; they end when the store is back.
func TestAnEndWithoutItsStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, b, store := newMoody(t)
		openPosts(t, h, "u", "s", "")
		openPosts(t, h, "eve", "sees", "post_edit_any", "events")
		action(t, h, "u", "s", 1, "a", "article.create", wire.Object{"title": "x"})
		synctest.Wait()
		id := b.on(".s.control")[0].Data.Result.ArticleID
		action(t, h, "u", "s", 2, "b", "article.edit_start", wire.Object{"article_id": id})
		synctest.Wait()
		store.away.Store(true)
		ask(t, h, "u", "s", wire.TypeClose, wire.Object{}, "_INBOX.close")
		after(5 * time.Second)
		if got := b.on("_INBOX.close"); len(got) != 1 || got[0].Type != "session.closed" {
			t.Errorf("the close: %+v", got)
		}
		if n := store.failed.Load(); n < 3 {
			t.Errorf("the end was tried %d times in five seconds", n)
		}
		last := func() string { events := b.on(".sees.events"); return events[len(events)-1].Type }
		if last() != "article.edit_started" {
			t.Errorf("%s while the store is away", last())
		}
		store.away.Store(false)
		after(time.Second)
		if last() != "article.edit_ended" || len(h.unended) != 0 {
			t.Errorf("%s when it is back", last())
		}
	})
}

// A session that lost deliveries shows nothing until its slices can be made.
func TestATakeoverWithoutItsStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, b, store := newMoody(t)
		openPosts(t, h, "u", "s", "")
		synctest.Wait()
		store.away.Store(true)
		s := h.live[Key{User: "u", ID: "s"}]
		s.box.mu.Lock()
		s.box.overrun = true
		s.box.items = append(s.box.items, takeover{})
		s.box.signal()
		s.box.mu.Unlock()
		after(2 * time.Second)
		if n := len(b.on(".s.state")); n != 1 {
			t.Errorf("%d states without a store", n)
		}
		store.away.Store(false)
		after(time.Second)
		if states := b.on(".s.state"); len(states) != 2 || states[1].Reason != "takeover" {
			t.Errorf("states: %+v", states)
		}
	})
}
