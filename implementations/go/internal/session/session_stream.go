package session

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// publishState gives a state its position and publishes it.
func (s *Session) publishState(kind, reason, trace string) {
	s.position.Seq++
	data := wire.Marshal(s.slices[kind])
	body := &wire.State{
		Envelope: s.envelope("session.state"), Position: s.position, Reason: reason, Data: wire.Raw(data),
	}
	if s.digests {
		body.Digest = digest(data)
		s.shown[kind] = body.Digest
	}
	delete(s.held, kind)
	raw, err := s.hub.config.Publisher.PublishState(s.key.User, s.key.ID, body, trace)
	if err != nil {
		s.hub.config.Log.Error("a state was not published", "kind", kind, "error", err)
		return
	}
	s.keep(raw)
}

// publishEvent gives an event its position and publishes it. The change is in
// the slice by now.
func (s *Session) publishEvent(change *state.Change, data wire.Raw, trace string) {
	s.position.Seq++
	body := &wire.Event{
		Envelope: s.envelope(change.Type), Position: s.position, EventID: change.ID,
		Actor: change.Actor, Data: data,
	}
	if change.Actor != nil && *change.Actor == s.key.User {
		body.Cause = change.Cause
	}
	delete(s.shown, change.Kind)
	raw, err := s.hub.config.Publisher.PublishEvent(s.key.User, s.key.ID, body, trace)
	if err != nil {
		s.hub.config.Log.Error("an event was not published", "type", change.Type, "error", err)
		return
	}
	s.keep(raw)
}

// keep keeps a message for clients that resume. Without events there are only
// states, of which the last ones say everything: a snapshot is never longer.
func (s *Session) keep(raw wire.Raw) {
	if s.events {
		s.replay.add(s.position.Seq, raw)
	}
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// publishAll publishes states of several kinds.
func (s *Session) publishAll(kinds []string, reason string) {
	for _, kind := range kinds {
		s.publishState(kind, reason, "")
	}
}

// deliver folds in what a commit changed, and publishes it or holds it back.
func (s *Session) deliver(d *delivery) {
	if s.events {
		s.deliverEvents(d)
	} else {
		s.deliverStates(d)
	}
	d.barrier.done()
}

// counted notes that the next message is the last effect of the own action.
func (s *Session) counted() { s.position.LastActionSeq = s.flight.action.ClientSeq }

func (s *Session) effect() {
	at := s.position
	s.flight.effect = &at
}

func (s *Session) deliverEvents(d *delivery) {
	views := make([]wire.Raw, len(d.changes))
	last := -1
	for i, change := range d.changes {
		if views[i] = s.slices[change.Kind].View(change); views[i] != nil {
			last = i
		}
	}
	for i, change := range d.changes {
		s.slices[change.Kind].Apply(change)
		if views[i] == nil {
			continue
		}
		if d.own && i == last {
			s.counted()
		}
		s.publishEvent(change, views[i], d.trace)
	}
	if d.own && last >= 0 {
		s.effect()
	}
}

func (s *Session) deliverStates(d *delivery) {
	if d.own {
		s.flushHeld()
	}
	var kinds []string
	for _, change := range d.changes {
		kind := change.Kind
		if s.slices[kind].Apply(change) && (len(kinds) == 0 || kinds[len(kinds)-1] != kind) {
			kinds = append(kinds, kind)
		}
	}
	if !d.own {
		s.hold(kinds, d.trace)
		return
	}
	for i, kind := range kinds {
		if i == len(kinds)-1 {
			s.counted()
		}
		s.publishState(kind, "change", d.trace)
	}
	if len(kinds) > 0 {
		s.effect()
	}
}

// hold keeps states back for a moment, so that several changes go out as one.
// Before a stop nothing is: nobody would publish it any more.
func (s *Session) hold(kinds []string, trace string) {
	if len(kinds) == 0 {
		return
	}
	if len(s.held) == 0 {
		s.heldUntil = time.Now().Add(ms(s.timers.CoalesceMS))
	}
	for _, kind := range kinds {
		s.held[kind] = true
	}
	s.heldTrace = trace
	if s.timers.CoalesceMS == 0 || s.finishing {
		s.flushHeld()
	}
}

// flushHeld publishes what is held back.
func (s *Session) flushHeld() {
	for _, kind := range s.kinds {
		if s.held[kind] {
			s.publishState(kind, "change", s.heldTrace)
		}
	}
}

// takeOver begins an epoch with new slices, because deliveries were lost. While
// a kind fails to make them there is nothing to show, and the session waits.
func (s *Session) takeOver() {
	slices, ownLost, err := s.hub.rebuild(s)
	for err != nil {
		s.hub.config.Log.Error("slices were not made anew", "error", err)
		select {
		case <-s.hub.ctx.Done():
			return
		case <-time.After(ms(awayMS)):
		}
		slices, ownLost, err = s.hub.rebuild(s)
	}
	s.slices = slices
	s.position.Epoch, s.position.Seq = s.position.Epoch+1, 0
	s.replay = replay{}
	clear(s.held)
	ownLost = ownLost && s.flight != nil && s.flight.final()
	for i, kind := range s.kinds {
		if ownLost && i == len(s.kinds)-1 {
			s.counted()
		}
		s.publishState(kind, "takeover", "")
	}
	if ownLost {
		s.effect()
	}
}

// heartbeat tells the position, and the digests of what the stream shows.
func (s *Session) heartbeat() {
	at := &wire.At{Position: s.position}
	if s.digests {
		at.Digests = map[string]string{}
		for _, kind := range s.kinds {
			if s.shown[kind] == "" {
				s.shown[kind] = digest(wire.Marshal(s.slices[kind]))
			}
			at.Digests[kind] = s.shown[kind]
		}
	}
	s.push("session.heartbeat", at, "", "")
}
