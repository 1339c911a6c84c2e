package session

import (
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// judge decides on the next action of a session. What it changed is in the
// mailboxes when it returns, the session's own part as well.
func (h *Hub) judge(s *Session, c *copyOf) *flight {
	f := &flight{copyOf: c, barrier: &barrier{box: s.box, left: 1}}
	s.account.turn.Lock()
	defer s.account.turn.Unlock()
	memory := &s.account.memory
	if old, ok := memory.known[c.action.ID]; !ok {
		h.carryOut(s, f)
		if f.final() {
			memory.add(c.action, f.outcome, f.barrier)
		}
	} else {
		if old.meaning == c.action.Meaning {
			f.outcome, f.again = old.outcome, true
			if old.effects != nil {
				old.effects.follow(f.barrier)
			}
		} else {
			f.outcome.refusal = wire.RefusalOf(
				wire.Refuse(wire.ActionIDReused, "The action_id means another action; take a new one."),
			)
		}
		h.commit(nil, s, f)
	}
	f.barrier.done() // it was held until all sessions are counted
	return f
}

// carryOut checks an action, has its kind do it, and commits what that
// changed. A refusal has no effect, and neither has a fault.
func (h *Hub) carryOut(s *Session, f *flight) {
	data, err := f.action.Read(h.kinds.reader)
	action := h.kinds.actions[f.action.Type]
	var effects state.Effects
	if err == nil && action.group != nil {
		ctx, cancel := h.patience()
		defer cancel()
		action.group.mu.Lock()
		defer action.group.mu.Unlock()
		effects, err = action.Do(ctx, state.By{Viewer: s.viewer, Expect: f.action.Expect}, data)
	}
	if err != nil {
		f.outcome.refusal = h.refusal(err)
		h.commit(nil, s, f)
		return
	}
	f.outcome.result, f.hints = effects.Result, effects.Hints
	h.commit(effects.Changes, s, f)
	for _, later := range effects.Later {
		h.later(action.group, later)
	}
}

// later has a kind do something after a while, as a commit without an action.
func (h *Hub) later(g *group, it state.Later) {
	time.AfterFunc(it.After, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if h.ctx.Err() == nil {
			h.commit(it.Do(), nil, nil)
		}
	})
}

// commit hands changes to the sessions that they reach, in the order of their
// mailboxes. With an acting session the changes are those of its action f. The
// group of the changes is locked.
func (h *Hub) commit(changes []*state.Change, acting *Session, f *flight) {
	if len(changes) == 0 && acting == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	var reached []*Session
	for _, change := range changes {
		if acting != nil {
			change.Actor = &acting.key.User
			change.Cause = &wire.Cause{
				ActionID: f.action.ID, SessionID: acting.key.ID, ClientSeq: f.action.ClientSeq,
			}
		}
		audience := h.audiences[change.Kind]
		if audience == nil {
			continue // a kind that is not served
		}
		for s := range audience.of(&change.Audience) {
			if len(s.told) == 0 {
				reached = append(reached, s)
			}
			s.told = append(s.told, change)
		}
	}
	if acting != nil && len(acting.told) == 0 {
		reached = append(reached, acting)
	}
	var b *barrier
	var trace string
	if acting != nil {
		b, trace = f.barrier, f.trace
		b.add(len(reached))
	}
	var dropped []*delivery
	for _, s := range reached {
		d := &delivery{changes: s.told, barrier: b, own: s == acting, trace: trace}
		s.told = nil
		dropped = append(dropped, s.box.deliver(d)...)
	}
	for _, d := range dropped {
		d.barrier.done()
	}
}

// remember keeps the refusal of an action_id that no number was used for.
func (s *Session) remember(a *wire.Action, refusal *wire.Refusal) {
	s.account.turn.Lock()
	defer s.account.turn.Unlock()
	s.account.memory.add(a, outcome{refusal: refusal}, nil)
}
