package session

import (
	"slices"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/auth"
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Everything that this implementation has.
var (
	AllKinds    = []string{wire.KindArticles, wire.KindChat, wire.KindURL, wire.KindUser}
	AllFeatures = []string{"events", "digests"}
)

// Request handles a control request that passed the common stages. Requests
// of one session are to come in their order.
func (h *Hub) Request(r *wire.Request, reply string) {
	key := Key{r.UserID, r.SessionID}
	s, gone := h.find(key)
	data, err := r.Read()
	var who *auth.Identity
	if open, ok := data.(*wire.Open); ok && err == nil {
		if wire.Speaks(open.Protocol) {
			who, err = h.Verifier.Verify(open.Token, r.UserID)
		} else {
			err = wire.RefuseVersion()
		}
	}
	ask := &request{r.Type, reply, data, err}
	switch {
	case s != nil:
		err = s.box.ask(ask)
	case err == nil && r.Type == wire.TypeOpen && gone.Code == wire.SessionUnknown:
		err = h.open(key, ask, who)
	case err == nil:
		err = gone
	}
	if err != nil {
		h.Refuse(&key.User, &key.ID, reply, err)
	}
}

// Action handles a copy of an action that passed the stages of form and of
// ids. It returns the refusal where there is no such session,
// or one that is far behind.
func (h *Hub) Action(a *wire.Action, reply, trace string) *wire.Error {
	s, err := h.find(Key{a.UserID, a.SessionID})
	if err != nil {
		return err
	}
	return s.box.ask(&copyOf{action: a, reply: reply, trace: trace})
}

// Refuse answers with an error; an id that is not known is nil.
func (h *Hub) Refuse(user, session *string, reply string, err *wire.Error) {
	h.Manager.Answer(reply, &wire.ErrorBody{
		V: wire.Version, Type: "error", UserID: user, SessionID: session, Timestamp: h.Now(),
		Data: wire.ErrorData{Error: err},
	})
}

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

// open makes a session and starts its goroutine. The request is the first
// thing in its mailbox, before anything that a commit may put there.
func (h *Hub) open(key Key, r *request, who *auth.Identity) *wire.Error {
	asked := r.data.(*wire.Open)
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.account(key.User)
	kinds := keep(asked.Kinds, h.Kinds)
	switch {
	case h.stopping:
		return wire.Refuse(wire.Unavailable, "The server stops; try again in a moment.")
	case len(kinds) == 0:
		return wire.Refuse(wire.RuleViolation, "Ask for at least one kind that this server serves.")
	case int64(len(a.sessions)) >= h.Limits.Sessions:
		return wire.Refuse(wire.TooManySessions, "The user has limits.sessions live sessions; close one.")
	}
	s := &Session{
		hub: h, key: key, kinds: kinds, features: keep(asked.Features, h.Features),
		timers: grant(asked.Timers), permissions: who.Permissions, box: newMailbox(),
		viewer: state.Viewer{
			UserID: key.User, SessionID: key.ID, EditAny: slices.Contains(who.Permissions, "post_edit_any"),
		},
		position: wire.Position{Epoch: h.epoch}, used: map[int64]*use{}, seen: time.Now(),
		slices: map[string]state.Slice{}, shown: map[string]string{}, held: map[string]bool{},
	}
	s.events = slices.Contains(s.features, "events")
	s.digests = slices.Contains(s.features, "digests")
	h.people.Meet(key.User, who.Name, who.Email)
	info := wire.SessionInfo{SessionID: key.ID, OpenedAt: h.Now(), Kinds: kinds}
	changes := h.people.Open(key.User, info)
	if slices.Contains(kinds, wire.KindChat) {
		changes = append(h.chat.Open(key.User), changes...)
	}
	h.commit(changes, nil, nil) // not to this session: its first states show it
	for _, kind := range kinds {
		s.slices[kind] = h.slice(s, kind)
	}
	_ = s.box.ask(r) // nothing is in the mailbox yet, so it is taken
	h.live[key], a.sessions[key.ID] = s, s
	h.busy.Add(1)
	go s.run()
	return nil
}

// grant clamps the timers that were asked for.
func grant(asked wire.AskedTimers) wire.Timers {
	within := func(asked *int64, usual, least, most int64) int64 {
		if asked == nil {
			return usual
		}
		return min(max(*asked, least), most)
	}
	t := wire.Timers{
		HeartbeatMS:    within(asked.Heartbeat, 15_000, 200, 15_000),
		ResumeWindowMS: within(asked.ResumeWindow, 120_000, 1_000, 120_000),
		CoalesceMS:     within(asked.Coalesce, 50, 0, 1_000),
		GapMS:          within(asked.Gap, 50, 0, 250),
	}
	t.ResumeWindowMS = max(t.ResumeWindowMS, 2*t.HeartbeatMS)
	return t
}

// end takes a session from the live ones, with what ends with it. From now on
// nothing is delivered to it.
func (h *Hub) end(s *Session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.endLocked(s)
}

func (h *Hub) endLocked(s *Session) {
	delete(h.live, s.key)
	delete(h.account(s.key.User).sessions, s.key.ID)
	window := time.Duration(s.timers.ResumeWindowMS) * time.Millisecond
	h.over[s.key] = time.Now().Add(window + 5*time.Second)
	changes := h.articles.EndSession(s.key.User, s.key.ID)
	if slices.Contains(s.kinds, wire.KindChat) {
		changes = append(changes, h.chat.End(s.key.User)...)
	}
	h.commit(append(changes, h.people.End(s.key.User, s.key.ID)...), nil, nil)
}

// expire ends a session whose client has been silent for its window;
// otherwise it tells when to look again.
func (h *Hub) expire(s *Session) (ended bool, next time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	next = s.seen.Add(time.Duration(s.timers.ResumeWindowMS) * time.Millisecond)
	if time.Now().Before(next) || s.box.client.Load() > 0 {
		return false, next.Add(10 * time.Millisecond)
	}
	h.endLocked(s)
	return true, next
}
