package session

import (
	"slices"

	"github.com/omnisession/omnisession/implementations/go/internal/auth"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// request answers a control request and publishes what follows it.
func (s *Session) request(r *request) {
	if r.err != nil {
		s.refuse(r.reply, r.err)
		return
	}
	switch r.name {
	case wire.TypeOpen:
		if err := s.renew(r.who); err != nil {
			s.refuse(r.reply, err)
			return
		}
		s.answer(r.reply, "session.opened", s.opened())
		s.publishAll(s.kinds, "open")
	case wire.TypeSync:
		s.sync(r.reply, r.data.(*wire.Sync))
	case wire.TypeResume:
		s.resume(r.reply, r.data.(*wire.Resume))
	case wire.TypePing:
		s.flushHeld()
		s.answer(r.reply, "session.pong", &wire.At{Position: s.position})
	case wire.TypeClose:
		s.refuseEarly()
		s.hub.end(s)
		s.answer(r.reply, "session.closed", wire.Object{})
		s.ended = true
	}
}

// renew moves the end of the session to that of a token, which may not say
// anything else (SECU-019). The first open is no renewal, and is the same.
func (s *Session) renew(who *auth.Identity) error {
	if s.endsAt == nil {
		return nil
	}
	if !slices.Equal(who.Permissions, s.viewer.Permissions) {
		return wire.Refuse(wire.Forbidden, "Open a new session for other permissions.")
	}
	if who.ExpiresAt != nil {
		s.endWith(who)
	}
	return nil
}

func (s *Session) opened() *wire.Opened {
	return &wire.Opened{
		Protocol: wire.Version, Position: s.position, Kinds: s.kinds, Features: s.features,
		Profiles: s.hub.profiles, Actions: s.hub.kinds.types, Server: s.hub.config.Software,
		Limits: s.hub.config.Limits,
		Timers: s.timers, ExpiresAt: s.endsAt,
	}
}

func (s *Session) sync(reply string, asked *wire.Sync) {
	kinds := asked.Kinds
	if len(kinds) == 0 {
		kinds = s.kinds
	}
	for _, kind := range kinds {
		if !slices.Contains(s.kinds, kind) {
			s.refuse(reply, wire.Refuse(wire.RuleViolation, "Ask for kinds that the session has open."))
			return
		}
	}
	s.answer(reply, "session.syncing", &wire.Syncing{Position: s.position, Kinds: kinds})
	s.publishAll(kinds, "sync")
}

func (s *Session) resume(reply string, asked *wire.Resume) {
	answer := &wire.Resumed{Mode: "snapshot", Position: s.position}
	if asked.Epoch == s.position.Epoch {
		if asked.Seq == s.position.Seq {
			answer.Mode = "current"
		} else if missed := s.replay.after(asked.Seq); missed != nil {
			answer.Mode, answer.Messages = "replay", missed
		}
	}
	s.answer(reply, "session.resumed", answer)
	if answer.Mode == "snapshot" {
		s.publishAll(s.kinds, "sync")
	}
}
