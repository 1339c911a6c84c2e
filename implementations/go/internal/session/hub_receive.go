package session

import (
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/auth"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Request handles a control request that passed the common stages. Requests
// of one session are to come in their order.
func (h *Hub) Request(r *wire.Request, reply string) {
	key := Key{User: r.UserID, ID: r.SessionID}
	s, gone := h.find(key)
	data, err := r.Read()
	var who *auth.Identity
	if open, ok := data.(*wire.Open); ok && err == nil {
		if wire.Speaks(open.Protocol) {
			who, err = h.config.Verifier.Verify(open.Token, r.UserID)
		} else {
			err = wire.RefuseVersion()
		}
	}
	ask := &request{name: r.Type, reply: reply, data: data, err: err, who: who}
	switch {
	case s != nil:
		err = s.box.ask(ask)
	case err == nil && r.Type == wire.TypeOpen && wire.CodeOf(gone) == wire.SessionUnknown:
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
func (h *Hub) Action(a *wire.Action, reply, trace string) error {
	s, err := h.find(Key{User: a.UserID, ID: a.SessionID})
	if err != nil {
		return err
	}
	return s.box.ask(&copyOf{action: a, reply: reply, trace: trace})
}

// Refuse answers with an error; an id that is not known is nil.
func (h *Hub) Refuse(user, session *string, reply string, err error) {
	h.config.Publisher.Answer(reply, &wire.ErrorBody{
		V: wire.Version, Type: "error", UserID: user, SessionID: session, Timestamp: h.config.Now(),
		Data: wire.ErrorData{Error: h.refusal(err)},
	})
}

// find returns a live session and counts a sign of its life.
func (h *Hub) find(key Key) (*Session, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.live[key]; s != nil {
		s.seen = time.Now()
		return s, nil
	}
	if _, over := h.over[key]; over {
		return nil, sessionOver()
	}
	return nil, sessionUnknown()
}

// Live tells whether a user has a live session of an id.
func (h *Hub) Live(user, session string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.live[Key{User: user, ID: session}] != nil
}

func sessionOver() error {
	return wire.Refuse(wire.SessionClosed, "The session is over; open a new one with a new id.")
}

func sessionUnknown() error {
	return wire.Refuse(wire.SessionUnknown, "There is no such session; open a new one.")
}
