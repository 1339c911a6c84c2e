package wire

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The lengths that tokens may have, in bytes.
const (
	MaxUserToken    = 96
	MaxSessionToken = 64
)

// ErrToken says that a token of a subject is not canonical, or too long.
var ErrToken = errors.New("not a canonical token")

func plain(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}

// Token writes an id as a token of a subject, tok(id) in the specification.
func Token(id string) string {
	var b strings.Builder
	for i := range len(id) {
		if c := id[i]; plain(c) {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'=', hexDigits[c>>4], hexDigits[c&15]})
		}
	}
	return b.String()
}

// ParseToken reads the id that a token stands for.
func ParseToken(token string, most int) (string, error) {
	if len(token) > most {
		return "", fmt.Errorf("%w: %d bytes", ErrToken, len(token))
	}
	id := make([]byte, 0, len(token))
	for i := 0; i < len(token); i++ {
		c := token[i]
		if c == '=' && i+2 < len(token) {
			high := strings.IndexByte(hexDigits, token[i+1])
			low := strings.IndexByte(hexDigits, token[i+2])
			if high < 0 || low < 0 || plain(byte(high<<4|low)) {
				return "", fmt.Errorf("%w: a bad escape", ErrToken)
			}
			id = append(id, byte(high<<4|low))
			i += 2
			continue
		}
		if !plain(c) {
			return "", fmt.Errorf("%w: a byte that is not encoded", ErrToken)
		}
		id = append(id, c)
	}
	if len(id) == 0 || !utf8.Valid(id) {
		return "", fmt.Errorf("%w: no text", ErrToken)
	}
	return string(id), nil
}

// Subjects of one session and of articles.
func stateSubject(user, session string) string {
	return "session." + Token(user) + "." + Token(session)
}

// StateSubject is where the states of a session are published.
func StateSubject(user, session string) string { return stateSubject(user, session) + ".state" }

// EventsSubject is where the events of a session are published.
func EventsSubject(user, session string) string { return stateSubject(user, session) + ".events" }

// ControlSubject is where the pushes of a session are published.
func ControlSubject(user, session string) string { return stateSubject(user, session) + ".control" }

// HintSubject is where hints about an article are published.
func HintSubject(article string) string { return "article." + Token(article) + ".updates" }
