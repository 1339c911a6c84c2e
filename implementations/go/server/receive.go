package server

import (
	"strings"
	"unicode/utf8"

	"github.com/nats-io/nats.go"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

const traceHeader = "traceparent"

const inboxes = "_INBOX."

// answerable tells whether an answer may go to a reply subject (SEC-001).
func answerable(reply string) bool {
	return strings.HasPrefix(reply, inboxes) || strings.HasPrefix(reply, "_R_.")
}

// takes tells whether a message may have an effect (SEC-002). Of a secure
// server, an inbox has to lie below the token of the message's user (SECU-016).
func (s *Server) takes(msg *nats.Msg) bool {
	if msg.Reply == "" {
		return true
	}
	if !answerable(msg.Reply) {
		return false
	}
	if !s.secure || !strings.HasPrefix(msg.Reply, inboxes) {
		return true
	}
	token := userToken(msg)
	return token == "" || strings.HasPrefix(msg.Reply, inboxes+token+".")
}

// userToken is that of a message's user: as it stands in the subject, and on
// the subjects that all share that of the body's user_id. It is empty where
// nobody can be read.
func userToken(msg *nats.Msg) string {
	tokens := strings.Split(msg.Subject, ".")
	switch tokens[0] {
	case "session":
		return readable(tokens[1])
	case "user":
		return readable(tokens[2])
	}
	body, err := wire.Parse(msg.Data)
	if err != nil {
		return ""
	}
	user, _ := body["user_id"].(string)
	return wire.Token(user)
}

// readable returns a token that stands for an id of a user, or nothing.
func readable(token string) string {
	if named(token, wire.MaxUserToken) == nil {
		return ""
	}
	return token
}

// userOf names whose turn a message takes by its token; it is empty for what is
// nobody's. On the subjects that all share, only a live session is somebody's:
// nobody fills the line of another.
func (s *Server) userOf(msg *nats.Msg) string {
	tokens := strings.Split(msg.Subject, ".")
	switch {
	case tokens[0] == "session" && len(tokens) == 4:
		return tokens[1]
	case tokens[0] == "user" && len(tokens) == 3:
		return tokens[2]
	case int64(len(msg.Data)) > s.hub.Limits().Action:
		return ""
	}
	body, err := wire.Parse(msg.Data)
	if err != nil {
		return ""
	}
	user, _ := body["user_id"].(string)
	session, _ := body["session_id"].(string)
	if !s.hub.Live(user, session) {
		return ""
	}
	return wire.Token(user)
}

// busyMS is how long whoever sent too much at once is asked to wait.
const busyMS = 200

// refuseForNow refuses a message of a user who sent too much at once, unread.
func (s *Server) refuseForNow(msg *nats.Msg) {
	var user, session *string
	tokens := strings.Split(msg.Subject, ".")
	switch {
	case tokens[0] == "session" && len(tokens) == 4:
		user, session = named(tokens[1], wire.MaxUserToken), named(tokens[2], wire.MaxSessionToken)
	case tokens[0] == "user" && len(tokens) == 3:
		user = named(tokens[2], wire.MaxUserToken)
	}
	s.hub.Refuse(user, session, msg.Reply, wire.RefuseLater(
		wire.RateLimited, "Too much at once; wait a moment and send it again.", busyMS,
	))
}

// handle passes a message through the common stages, but for the first: its
// reply subject is one that may be answered.
func (s *Server) handle(msg *nats.Msg) {
	tokens := strings.Split(msg.Subject, ".")
	switch {
	case tokens[0] == "session" && len(tokens) == 4:
		s.control(msg, tokens[1], tokens[2])
	case tokens[0] == "user" && len(tokens) == 3:
		user, err := wire.ParseToken(tokens[2], wire.MaxUserToken)
		if err != nil {
			s.hub.Refuse(nil, nil, msg.Reply, badToken())
			return
		}
		s.action(msg, wire.Shared{}, &user)
	default:
		s.action(msg, s.shared[msg.Subject], nil)
	}
}

func badToken() error {
	return wire.Refuse(wire.BadToken, "A token of the subject is not the encoded form of an id, or is too long.")
}

func notThese() error {
	return wire.Refuse(wire.IdentityMismatch, "The ids of the body are not those of the subject.")
}

// named returns an id, or nil where its token tells none.
func named(token string, most int) *string {
	id, err := wire.ParseToken(token, most)
	if err != nil {
		return nil
	}
	return &id
}

func (s *Server) control(msg *nats.Msg, userToken, sessionToken string) {
	user := named(userToken, wire.MaxUserToken)
	session := named(sessionToken, wire.MaxSessionToken)
	refuse := func(err error) { s.hub.Refuse(user, session, msg.Reply, err) }
	if user == nil || session == nil {
		refuse(badToken())
		return
	}
	body, err := wire.Parse(msg.Data)
	if err != nil {
		refuse(wire.Refuse(wire.BadJSON, "The body is not one JSON object in UTF-8."))
		return
	}
	if wire.IsOwn(body) {
		return
	}
	request, fault := wire.ReadRequest(body)
	switch {
	case fault != nil:
		refuse(fault)
	case request.UserID != *user || request.SessionID != *session:
		refuse(notThese())
	default:
		s.hub.Request(request, msg.Reply)
	}
}

func (s *Server) action(msg *nats.Msg, on wire.Shared, user *string) {
	if int64(len(msg.Data)) > s.hub.Limits().Action {
		s.hub.Refuse(user, nil, msg.Reply, wire.Refuse(wire.TooLarge, "The body is above limits.action."))
		return
	}
	body, err := wire.Parse(msg.Data)
	if err != nil {
		s.hub.Refuse(user, nil, msg.Reply, wire.Refuse(wire.BadJSON, "The body is not one JSON object in UTF-8."))
		return
	}
	action, fault := wire.ReadAction(on, body)
	if fault == nil && user != nil && action.UserID != *user {
		fault = notThese()
	}
	if fault == nil {
		fault = s.hub.Action(action, msg.Reply, msg.Header.Get(traceHeader))
	}
	if fault == nil {
		return
	}
	if user == nil {
		user = formed(body["user_id"], wire.MaxUserToken)
	}
	s.hub.Refuse(user, formed(body["session_id"], wire.MaxSessionToken), msg.Reply, fault)
}

// formed returns an id of a body where it has the form of one.
func formed(value any, most int) *string {
	id, ok := value.(string)
	if !ok || id == "" || !utf8.ValidString(id) || len(wire.Token(id)) > most {
		return nil
	}
	return &id
}
