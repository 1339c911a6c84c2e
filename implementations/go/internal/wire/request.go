package wire

import (
	"slices"
	"strings"
)

// Types of requests on .control.
const (
	TypeOpen   = "session.open"
	TypeSync   = "session.sync"
	TypeResume = "session.resume"
	TypePing   = "session.ping"
	TypeClose  = "session.close"
)

var ownTypes = []string{
	"session.opened", "session.syncing", "session.resumed", "session.pong", "session.closed", "error",
	"session.heartbeat", "session.closing", "auth.expiring", "action.ack", "action.nack",
}

// IsOwn tells whether a body on .control is of a type that servers publish.
func IsOwn(body Object) bool {
	name, ok := body["type"].(string)
	return ok && slices.Contains(ownTypes, name)
}

// Request is a control request whose envelope is valid.
type Request struct {
	Type      string
	UserID    string
	SessionID string
	data      Fields
}

// Open is the data of session.open.
type Open struct {
	Protocol []string
	Kinds    []string
	Features []string
	Token    *string // nil where auth is null
	Timers   AskedTimers
}

// AskedTimers are those that a client asks for; nil for the default.
type AskedTimers struct{ Heartbeat, ResumeWindow, Coalesce, Gap *int64 }

// Sync is the data of session.sync.
type Sync struct{ Kinds []string }

// Resume is the data of session.resume.
type Resume struct{ Epoch, Seq int64 }

// foreignMajor tells whether v is a version of another MAJOR.
func foreignMajor(v any) bool {
	version, ok := v.(string)
	return ok && offerPattern.MatchString(version) && !strings.HasPrefix(version, "1.")
}

// version reads v, which has the MAJOR of this server by now.
func (f Fields) version() {
	if version := f.OptText("v", true); version != nil && !offerPattern.MatchString(*version) {
		f.bad("/v", "is a version, MAJOR.MINOR")
	}
}

// ReadRequest checks the envelope of a control request: the stage of form.
func ReadRequest(body Object) (*Request, error) {
	if foreignMajor(body["v"]) {
		return nil, RefuseVersion()
	}
	f := Fields{reader: &reader{}, object: body}
	f.version()
	r := &Request{Type: f.Text("type")}
	r.UserID = f.ID("user_id", 96)
	r.SessionID = f.ID("session_id", 64)
	f.Integer("timestamp", 1)
	r.data, _ = f.Child("data", true)
	return r, f.fault
}

// Read reads the data of a request, by its type: *Open, *Sync, *Resume or nil.
func (r *Request) Read() (any, error) {
	f := r.data
	var data any
	switch r.Type {
	case TypeOpen:
		data = readOpen(f)
	case TypeSync:
		data = &Sync{Kinds: f.Texts("kinds", false, namePattern, true)}
	case TypeResume:
		data = &Resume{Epoch: f.Integer("epoch", 1), Seq: f.Integer("seq", 0)}
	case TypePing, TypeClose:
	default:
		return nil, Refuse(UnknownType, "There is no request of this type.")
	}
	return data, f.fault
}

func readOpen(f Fields) *Open {
	open := &Open{
		Protocol: f.Texts("protocol", true, offerPattern, false),
		Kinds:    f.Texts("kinds", true, namePattern, true),
		Features: f.Texts("features", true, namePattern, true),
	}
	if auth, ok := f.Get("auth", true); ok && auth != nil {
		credential, _ := f.Child("auth", true)
		if credential.Text("scheme") != "bearer" {
			f.bad("/data/auth/scheme", "is bearer")
		}
		token := credential.Text("token")
		open.Token = &token
	}
	client, _ := f.Child("client", true)
	client.Text("name")
	client.Text("version")
	if timers, ok := f.Child("timers", false); ok {
		open.Timers = AskedTimers{
			Heartbeat:    timers.OptInteger("heartbeat_ms", -MaxInt, false),
			ResumeWindow: timers.OptInteger("resume_window_ms", -MaxInt, false),
			Coalesce:     timers.OptInteger("coalesce_ms", -MaxInt, false),
			Gap:          timers.OptInteger("gap_ms", -MaxInt, false),
		}
	}
	return open
}

// Speaks tells whether an offer names a version that this server can use: its
// MAJOR with the same or a higher MINOR.
func Speaks(offer []string) bool {
	return slices.ContainsFunc(offer, func(v string) bool { return strings.HasPrefix(v, "1.") })
}
