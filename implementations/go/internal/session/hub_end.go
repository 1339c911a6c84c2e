package session

import (
	"context"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
)

// membership is a session in a kind that was told of it.
type membership struct {
	group *group
	kind  Kind
	who   *state.Viewer
}

// end takes a session from the live ones, with what ends with it. From now on
// nothing is delivered to it.
func (h *Hub) end(s *Session) {
	h.mu.Lock()
	h.endLocked(s)
	h.mu.Unlock()
	h.leave(s)
}

// expire ends a session whose client has been silent for its window;
// otherwise it tells when to look again.
func (h *Hub) expire(s *Session) (ended bool, next time.Time) {
	h.mu.Lock()
	next = s.seen.Add(ms(s.timers.ResumeWindowMS))
	if time.Now().Before(next) || s.box.client.Load() > 0 {
		h.mu.Unlock()
		return false, next.Add(10 * time.Millisecond)
	}
	h.endLocked(s)
	h.mu.Unlock()
	h.leave(s)
	return true, next
}

// endLocked takes a session out and notes for how long it is known as over.
// The hub is locked.
func (h *Hub) endLocked(s *Session) {
	now := time.Now()
	h.over[s.key] = now.Add(ms(s.timers.ResumeWindowMS) + time.Second)
	h.remove(s, now)
}

// remove takes a session out. What is known of its user stays until the user
// has been away for Config.Remember, if that is more than a name. The hub is locked.
func (h *Hub) remove(s *Session, now time.Time) {
	delete(h.live, s.key)
	for _, kind := range s.viewer.Kinds {
		h.audiences[kind].remove(s)
	}
	a := s.account
	delete(a.sessions, s.key.ID)
	if len(a.sessions) > 0 {
		return
	}
	if len(a.memory.known) == 0 {
		delete(h.accounts, s.key.User)
		return
	}
	a.left = now
	if !a.departed {
		a.departed = true
		h.departed = append(h.departed, departure{user: s.key.User, at: now})
	}
}

// leave lets the kinds know that a session is over. One that fails is told
// again later; the session itself is over in any case.
func (h *Hub) leave(s *Session) {
	for _, it := range s.joined {
		h.endOrNote(it)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.accounts[s.key.User] == nil {
		h.config.Forget(s.key.User)
	}
}

func (h *Hub) endOrNote(it membership) {
	ctx, cancel := h.patience()
	defer cancel()
	err := h.tellEnd(ctx, it)
	if err == nil || h.ctx.Err() != nil {
		return
	}
	h.config.Log.Error("a kind has not ended a session", "kind", it.kind.Name(), "error", err)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unended = append(h.unended, it)
}

// tellEnd commits what a kind did, also where it could not do all.
func (h *Hub) tellEnd(ctx context.Context, it membership) error {
	it.group.mu.Lock()
	defer it.group.mu.Unlock()
	changes, err := it.kind.End(ctx, it.who)
	h.commit(changes, nil, nil)
	return err
}

// endAgain tells kinds of the ends that failed.
func (h *Hub) endAgain() {
	h.mu.Lock()
	again := h.unended
	h.unended = nil
	h.mu.Unlock()
	for _, it := range again {
		h.endOrNote(it)
	}
}
