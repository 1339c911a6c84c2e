package session

import (
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/auth"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// lookAtEnd is how often a session looks whether its credential has ended, at
// least. Its end is a time of the clock on the wall, which can be set, and goes
// on while the machine sleeps; timers know nothing of either.
const lookAtEnd = time.Second

// endWith sets the credential of the session, and when it ends with that.
func (s *Session) endWith(who *auth.Identity) {
	s.endsAt, s.credential = who.ExpiresAt, who.Credential
	s.lookAgain(time.Now())
}

// lookAgain sets when the end is looked at next: when it comes, if that is soon.
func (s *Session) lookAgain(now time.Time) {
	wait := lookAtEnd
	if left := *s.endsAt - s.wall(); left > 0 && left < wait.Milliseconds() {
		wait = ms(left)
	}
	s.nextEnd = now.Add(wait)
}

func (s *Session) wall() int64 { return s.hub.config.Wall().UnixMilli() }

// spent tells by which code the session ends with its credential; 0 as long as
// it goes on.
func (s *Session) spent() wire.Code {
	switch {
	case s.endsAt == nil:
		return 0
	case s.wall() >= *s.endsAt:
		return wire.CredentialExpired
	case s.hub.config.Verifier.Revoked(s.credential):
		return wire.Revoked
	}
	return 0
}

// endOfCredential ends the session, and says why.
func (s *Session) endOfCredential(code wire.Code) {
	s.refuseEarly()
	s.push("session.closing", &wire.Closing{Code: code}, "", "")
	s.hub.end(s)
	s.ended = true
}
