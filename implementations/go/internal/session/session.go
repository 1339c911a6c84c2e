package session

import (
	"slices"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/auth"
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Session is one live session. Its goroutine owns everything but the first
// group, which is fixed at open, and the second, which the hub's lock guards.
type Session struct {
	hub      *Hub
	key      Key
	account  *account
	viewer   *state.Viewer
	kinds    []string
	features []string
	events   bool
	digests  bool
	timers   wire.Timers
	box      *mailbox

	seen time.Time       // the last sign of life
	told []*state.Change // while a commit is handed out

	joined   []membership
	position wire.Position // of the last message of the stream
	slices   map[string]state.Slice
	shown    map[string]string // digests of slices as the stream shows them
	replay   replay

	used    map[int64]*use
	flight  *flight // the action whose effects are not all published yet
	waiting []item  // requests and actions behind it
	early   []*ahead

	held      map[string]bool // kinds with a state that is held back
	heldTrace string
	heldUntil time.Time
	nextBeat  time.Time
	nextLook  time.Time // when the session may have expired

	endsAt     *int64          // when it ends with its credential; nil where it does not
	credential auth.Credential // that it was shown last
	nextEnd    time.Time       // when that is looked at next; not the end itself
	warnAt     int64           // when the client is to be warned of the end; 0 once that is done

	finishing bool
	idle      bool // everything that had begun is finished
	ended     bool
}

// flight is an action that was judged and has no outcome yet.
type flight struct {
	*copyOf
	outcome
	again   bool
	hints   []*wire.Hint
	barrier *barrier
	effect  *wire.Position // of its last effect here
}

// ahead is an action that waits for the numbers before it.
type ahead struct {
	*copyOf
	until time.Time
}

func newSession(h *Hub, key Key, a *account, viewer *state.Viewer, asked *wire.Open) *Session {
	features := keep(asked.Features, h.config.Features)
	return &Session{
		hub: h, key: key, account: a, viewer: viewer, kinds: viewer.Kinds,
		features: features, events: slices.Contains(features, "events"), digests: slices.Contains(features, "digests"),
		timers: grant(asked.Timers, h.config.Window), box: newMailbox(), seen: time.Now(),
		position: wire.Position{Epoch: h.config.Now()}, used: map[int64]*use{},
		slices: map[string]state.Slice{}, shown: map[string]string{}, held: map[string]bool{},
	}
}

func ms(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// run is the life of a session.
func (s *Session) run() {
	defer s.hub.running.done()
	defer s.rest()
	if err := s.hub.join(s); err != nil {
		s.turnAway(err)
		return
	}
	now := time.Now()
	s.nextBeat, s.nextLook = now.Add(s.beat()), now.Add(ms(s.timers.ResumeWindowMS))
	timer := time.NewTimer(time.Until(s.deadline()))
	defer timer.Stop()
	for !s.ended {
		select {
		case <-s.hub.ctx.Done():
			return
		case <-timer.C:
			s.tick(time.Now())
		case <-s.box.wake:
			items := s.box.take()
			for i, it := range items {
				if s.handle(it); s.ended {
					s.dispose(items[i+1:])
					break
				}
			}
		}
		s.rest()
		timer.Reset(time.Until(s.deadline()))
	}
	s.dispose(s.waiting)
	s.dispose(s.box.close())
}

// turnAway refuses the open of a session that could not join the kinds, and
// whatever the client sent after it.
func (s *Session) turnAway(err error) {
	s.ended = true
	s.hub.turnAway(s)
	for _, it := range s.box.close() {
		switch it := it.(type) {
		case *delivery:
			it.barrier.done()
		case *request:
			if it.name == wire.TypeOpen {
				s.refuse(it.reply, err)
			} else {
				s.refuse(it.reply, sessionUnknown())
			}
		case *copyOf:
			s.refuse(it.reply, sessionUnknown())
		}
	}
}

// rest says once that nothing is left to do before a stop.
func (s *Session) rest() {
	if s.idle || !s.ended && !(s.finishing && s.flight == nil && len(s.waiting) == 0) {
		return
	}
	s.idle = true
	s.hub.busy.done()
}

// beat is the time between heartbeats: well before they are due.
func (s *Session) beat() time.Duration { return ms(s.timers.HeartbeatMS) * 3 / 4 }

// deadline is when tick has something to do.
func (s *Session) deadline() time.Time {
	next := s.nextBeat
	if s.endsAt != nil && s.nextEnd.Before(next) {
		next = s.nextEnd
	}
	if s.nextLook.Before(next) {
		next = s.nextLook
	}
	if len(s.held) > 0 && s.heldUntil.Before(next) {
		next = s.heldUntil
	}
	for _, a := range s.early {
		if a.until.Before(next) {
			next = a.until
		}
	}
	return next
}

// tick does what time asks for.
func (s *Session) tick(now time.Time) {
	if len(s.held) > 0 && !now.Before(s.heldUntil) {
		s.flushHeld()
	}
	if s.flight == nil {
		s.expireEarly(now)
	}
	if !now.Before(s.nextBeat) {
		s.heartbeat()
		s.nextBeat = now.Add(s.beat())
	}
	if s.endsAt != nil && !now.Before(s.nextEnd) {
		if code := s.spent(); code != 0 && s.flight == nil { // else settle looks
			s.endOfCredential(code)
			return
		} else if code == 0 {
			s.warn()
		}
		s.lookAgain(now)
	}
	if now.Before(s.nextLook) {
		return
	}
	if s.flight != nil {
		s.nextLook = now.Add(ms(50))
		return
	}
	s.ended, s.nextLook = s.hub.expire(s)
}

func (s *Session) handle(it item) {
	switch it := it.(type) {
	case *delivery:
		s.deliver(it)
	case settled:
		s.settle()
	case takeover:
		s.takeOver()
	case closing:
		s.push("session.closing", &wire.Closing{Code: wire.Unavailable, Reconnect: true, AfterMS: 500}, "", "")
	case finish:
		s.finishing = true
		s.flushHeld()
		if s.flight == nil {
			s.expireEarly(time.Now().Add(time.Hour))
		}
	default:
		s.waiting = append(s.waiting, it)
		s.next()
	}
}

// next goes on with what waits, unless an action is in flight.
func (s *Session) next() {
	for s.flight == nil && !s.ended {
		if c := s.due(); c != nil {
			s.action(c)
			continue
		}
		if len(s.waiting) == 0 {
			s.waiting = nil
			return
		}
		it := s.waiting[0]
		s.waiting = s.waiting[1:]
		s.box.client.Add(-1)
		switch it := it.(type) {
		case *request:
			s.request(it)
		case *copyOf:
			s.action(it)
		}
	}
}

// dispose answers what came after the end, and counts what was not published.
func (s *Session) dispose(items []item) {
	for _, it := range items {
		switch it := it.(type) {
		case *delivery:
			it.barrier.done()
		case *request:
			s.refuse(it.reply, sessionOver())
		case *copyOf:
			s.refuse(it.reply, sessionOver())
		}
	}
}

func (s *Session) refuse(reply string, err error) {
	s.hub.Refuse(&s.key.User, &s.key.ID, reply, err)
}

func (s *Session) envelope(name string) wire.Envelope {
	return wire.Envelope{
		V: wire.Version, Type: name, UserID: s.key.User, SessionID: s.key.ID, Timestamp: s.hub.config.Now(),
	}
}

// push publishes a body on .control, and the same on a reply subject.
func (s *Session) push(name string, data any, reply, trace string) {
	body := &wire.Control{Envelope: s.envelope(name), Data: data}
	s.hub.config.Publisher.PublishControl(s.key.User, s.key.ID, reply, body, trace)
}

func (s *Session) answer(reply, name string, data any) {
	s.hub.config.Publisher.Answer(reply, &wire.Control{Envelope: s.envelope(name), Data: data})
}
