package session

import (
	"fmt"
	"slices"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// maxEarly is how many actions ahead of the count a session holds.
const maxEarly = 256

// action handles one copy of an action, by its number.
func (s *Session) action(c *copyOf) {
	last := s.position.LastActionSeq
	switch n := c.action.ClientSeq; {
	case c.busy:
		s.nack(c, wire.RefusalOf(tooBusy()))
	case n <= last:
		s.usedNumber(c)
	case n > last+1:
		s.tooEarly(c)
	default:
		s.flight = s.hub.judge(s, c)
	}
}

// nack publishes a refusal that changes nothing.
func (s *Session) nack(c *copyOf, refusal *wire.Refusal) {
	s.flushHeld()
	s.tell(c, outcome{refusal: refusal}, "", s.position)
}

// tell publishes an outcome.
func (s *Session) tell(c *copyOf, o outcome, status string, at wire.Position) {
	a := c.action
	if o.refusal != nil {
		nack := &wire.Nack{ActionID: a.ID, ClientSeq: a.ClientSeq, Error: o.refusal, Position: at}
		s.push("action.nack", nack, c.reply, c.trace)
		return
	}
	ack := &wire.Ack{ActionID: a.ID, ClientSeq: a.ClientSeq, Status: status, Result: o.result, Position: at}
	s.push("action.ack", ack, c.reply, c.trace)
}

// usedNumber tells the outcome of a copy again.
func (s *Session) usedNumber(c *copyOf) {
	a := c.action
	u := s.used[a.ClientSeq]
	if u != nil && u.id == a.ID && u.meaning == a.Meaning {
		s.flushHeld()
		s.tell(c, u.outcome, "duplicate", u.position)
		return
	}
	reused := wire.RefusalOf(
		wire.Refuse(wire.ActionIDReused, "The number is used for another action; take the next one."),
	)
	s.remember(a, reused)
	s.nack(c, reused)
}

func (s *Session) tooEarly(c *copyOf) {
	if s.timers.GapMS == 0 || s.finishing || len(s.early) >= maxEarly {
		s.nackEarly(c)
		return
	}
	s.early = append(s.early, &ahead{copyOf: c, until: time.Now().Add(ms(s.timers.GapMS))})
}

func (s *Session) nackEarly(c *copyOf) {
	expected := s.position.LastActionSeq + 1
	s.nack(c, wire.RefusalOf(wire.RefuseDetailed(
		wire.ClientSeqGap, fmt.Sprintf("Send client_seq %d first.", expected), wire.Details{Expected: expected},
	)))
}

// due takes an action whose gap has closed.
func (s *Session) due() *copyOf {
	at := slices.IndexFunc(s.early, func(a *ahead) bool {
		return a.action.ClientSeq <= s.position.LastActionSeq+1
	})
	if at < 0 {
		return nil
	}
	c := s.early[at].copyOf
	s.early = slices.Delete(s.early, at, at+1)
	return c
}

// expireEarly refuses actions whose gap did not close in time.
func (s *Session) expireEarly(now time.Time) {
	s.early = slices.DeleteFunc(s.early, func(a *ahead) bool {
		late := !now.Before(a.until)
		if late {
			s.nackEarly(a.copyOf)
		}
		return late
	})
}

// refuseEarly refuses all of them, before the session ends.
func (s *Session) refuseEarly() { s.expireEarly(time.Now().Add(time.Hour)) }

// settle publishes the outcome of the action in flight: all its effects are
// out, in this session and in all others.
func (s *Session) settle() {
	f := s.flight
	s.flight = nil
	if f.final() {
		s.settleFinal(f)
	} else {
		s.nack(f.copyOf, f.outcome.refusal) // it takes no number
	}
	if s.finishing {
		s.refuseEarly()
	}
	if code := s.spent(); code != 0 { // a queue is no way to live on
		s.endOfCredential(code)
		return
	}
	s.next()
}

func (s *Session) settleFinal(f *flight) {
	a := f.action
	s.position.LastActionSeq = a.ClientSeq
	at := f.effect
	if at == nil {
		s.flushHeld()
		head := s.position
		at = &head
	}
	s.used[a.ClientSeq] = &use{id: a.ID, meaning: a.Meaning, outcome: f.outcome, position: *at}
	delete(s.used, a.ClientSeq-memorySize)
	status := "applied"
	if f.again {
		status = "duplicate"
	}
	s.tell(f.copyOf, f.outcome, status, *at)
	for _, hint := range f.hints {
		s.hub.config.Publisher.Hint(hint, f.trace)
	}
}
