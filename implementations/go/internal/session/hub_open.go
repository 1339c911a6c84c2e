package session

import (
	"context"
	"slices"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/auth"
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// keep returns the names that are served, in the order asked.
func keep(asked, served []string) []string {
	kept := []string{}
	for _, name := range asked {
		if slices.Contains(served, name) {
			kept = append(kept, name)
		}
	}
	return kept
}

// open makes a session and starts its goroutine, which joins it to the kinds.
// The request is the first thing in its mailbox, before anything that a commit
// may put there.
func (h *Hub) open(key Key, r *request, who *auth.Identity) error {
	asked := r.data.(*wire.Open)
	kinds := keep(asked.Kinds, h.kinds.names)
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.accounts[key.User]
	switch {
	case h.stopping:
		return wire.Refuse(wire.Unavailable, "The server stops; try again in a moment.")
	case len(kinds) == 0:
		return wire.Refuse(wire.RuleViolation, "Ask for at least one kind that this server serves.")
	case a != nil && int64(len(a.sessions)) >= h.config.Limits.Sessions:
		return wire.Refuse(wire.TooManySessions, "The user has limits.sessions live sessions; close one.")
	case a == nil:
		a = newAccount()
		h.accounts[key.User] = a
	}
	s := newSession(h, key, a, &state.Viewer{
		UserID: key.User, SessionID: key.ID, Kinds: kinds, Permissions: who.Permissions,
		Name: who.Name, Email: who.Email, OpenedAt: h.config.Now(),
	}, asked)
	if h.config.Ends && who.ExpiresAt != nil {
		s.endWith(who)
	}
	_ = s.box.ask(r) // nothing is in the mailbox yet, so it is taken
	h.live[key], a.sessions[key.ID] = s, s
	h.busy.add()
	h.running.add()
	go s.run()
	return nil
}

// grant clamps the timers that were asked for. Two heartbeats fit into the
// longest window.
func grant(asked wire.AskedTimers, longest time.Duration) wire.Timers {
	within := func(asked *int64, usual, least, most int64) int64 {
		if asked == nil {
			return usual
		}
		return min(max(*asked, least), most)
	}
	window := longest.Milliseconds()
	heartbeat := min(15_000, window/2)
	t := wire.Timers{
		HeartbeatMS:    within(asked.Heartbeat, heartbeat, 200, heartbeat),
		ResumeWindowMS: within(asked.ResumeWindow, window, 1_000, window),
		CoalesceMS:     within(asked.Coalesce, 50, 0, 1_000),
		GapMS:          within(asked.Gap, 50, 0, 250),
	}
	t.ResumeWindowMS = max(t.ResumeWindowMS, 2*t.HeartbeatMS)
	return t
}

// join lets the kinds know of a session, and takes the first slices. From then
// on the changes of a kind reach it; until the request is answered they wait in
// its mailbox.
func (h *Hub) join(s *Session) error {
	h.config.Meet(s.viewer)
	ctx, cancel := h.patience()
	defer cancel()
	for _, g := range h.kinds.groups {
		if err := h.joinGroup(ctx, s, g); err != nil {
			return err
		}
	}
	return nil
}

func (h *Hub) joinGroup(ctx context.Context, s *Session, g *group) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, kind := range g.kinds {
		changes, err := kind.Open(ctx, s.viewer)
		if err != nil {
			return err
		}
		s.joined = append(s.joined, membership{group: g, kind: kind, who: s.viewer})
		h.commit(changes, nil, nil) // not to this session: its first states show it
	}
	slices, err := g.slices(ctx, s.viewer)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for kind, slice := range slices {
		s.slices[kind] = slice
		h.audiences[kind].add(s)
	}
	return nil
}

// slices are what a session shows of the kinds of a group. The group is locked.
func (g *group) slices(ctx context.Context, v *state.Viewer) (map[string]state.Slice, error) {
	slices := map[string]state.Slice{}
	for _, kind := range g.kinds {
		if !v.Shows(kind.Name()) {
			continue
		}
		slice, err := kind.Slice(ctx, v)
		if err != nil {
			return nil, err
		}
		slices[kind.Name()] = slice
	}
	return slices, nil
}

// rebuild makes new slices for a session that lost deliveries. No commit can
// come between the slices and the end of the overrun.
func (h *Hub) rebuild(s *Session) (slices map[string]state.Slice, ownLost bool, err error) {
	ctx, cancel := h.patience()
	defer cancel()
	slices = map[string]state.Slice{}
	for _, g := range h.kinds.groups {
		g.mu.Lock()
		defer g.mu.Unlock()
		some, err := g.slices(ctx, s.viewer)
		if err != nil {
			return nil, false, err
		}
		for kind, slice := range some {
			slices[kind] = slice
		}
	}
	return slices, s.box.recover(), nil
}

// turnAway takes back a session that could not join. It was never open, so it
// may be opened again under its id.
func (h *Hub) turnAway(s *Session) {
	h.mu.Lock()
	h.remove(s, time.Now())
	h.mu.Unlock()
	h.leave(s)
}
