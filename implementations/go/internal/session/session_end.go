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

// warnBefore is how long before its end a session is warned of it. Where less
// than twice that is left, it is half of what is left (SECU-021).
const warnBefore = time.Minute

// endWith sets the credential of the session, and when it ends with that. An
// end that is set already is not warned of once more.
func (s *Session) endWith(who *auth.Identity) {
	if s.endsAt == nil || *s.endsAt != *who.ExpiresAt {
		left := *who.ExpiresAt - s.wall()
		s.warnAt = *who.ExpiresAt - min(left/2, warnBefore.Milliseconds())
	}
	s.endsAt, s.credential = who.ExpiresAt, who.Credential
	s.lookAgain(time.Now())
}

// lookAgain sets when the end is looked at next: when it comes, or the warning
// before it, if that is soon.
func (s *Session) lookAgain(now time.Time) {
	wait, due := lookAtEnd, *s.endsAt
	if s.warnAt != 0 {
		due = s.warnAt
	}
	if left := due - s.wall(); left > 0 && left < wait.Milliseconds() {
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

// warn tells the client once that its credential ends soon.
func (s *Session) warn() {
	if s.warnAt == 0 || s.wall() < s.warnAt {
		return
	}
	s.warnAt = 0
	s.push("auth.expiring", &wire.Expiring{ExpiresAt: *s.endsAt}, "", "")
}

// endOfCredential ends the session, and says why.
func (s *Session) endOfCredential(code wire.Code) {
	s.refuseEarly()
	s.push("session.closing", &wire.Closing{Code: code}, "", "")
	s.hub.end(s)
	s.ended = true
}
