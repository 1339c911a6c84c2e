package session

import (
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// lookAtEnd is how often a session looks whether its credential has ended, at
// least. Its end is a time of the clock on the wall, which can be set, and goes
// on while the machine sleeps; timers know nothing of either.
const lookAtEnd = time.Second

// endWith sets when the session ends with its credential.
func (s *Session) endWith(at *int64) {
	s.endsAt = at
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

// outlived tells whether the end has come.
func (s *Session) outlived() bool {
	return s.endsAt != nil && s.wall() >= *s.endsAt
}

// endOfCredential ends the session, and says why.
func (s *Session) endOfCredential() {
	s.refuseEarly()
	s.push("session.closing", &wire.Closing{Code: wire.CredentialExpired}, "", "")
	s.hub.end(s)
	s.ended = true
}
