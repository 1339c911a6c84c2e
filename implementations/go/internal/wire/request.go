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
	"session.heartbeat", "session.closing", "action.ack", "action.nack",
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
	data      fields
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
func (f fields) version() {
	if version := f.optText("v", true); version != nil && !offerPattern.MatchString(*version) {
		f.bad("/v", "is a version, MAJOR.MINOR")
	}
}

// ReadRequest checks the envelope of a control request: the stage of form.
func ReadRequest(body Object) (*Request, *Error) {
	if foreignMajor(body["v"]) {
		return nil, RefuseVersion()
	}
	f := fields{&reader{}, body, ""}
	f.version()
	r := &Request{Type: f.text("type")}
	r.UserID = f.id("user_id", 96)
	r.SessionID = f.id("session_id", 64)
	f.integer("timestamp", 1)
	r.data, _ = f.child("data", true)
	return r, f.fault
}

// Read reads the data of a request, by its type: *Open, *Sync, *Resume or nil.
func (r *Request) Read() (any, *Error) {
	f := r.data
	var data any
	switch r.Type {
	case TypeOpen:
		data = readOpen(f)
	case TypeSync:
		data = &Sync{f.texts("kinds", false, namePattern, true)}
	case TypeResume:
		data = &Resume{f.integer("epoch", 1), f.integer("seq", 0)}
	case TypePing, TypeClose:
	default:
		return nil, Refuse(UnknownType, "There is no request of this type.")
	}
	return data, f.fault
}

func readOpen(f fields) *Open {
	open := &Open{
		Protocol: f.texts("protocol", true, offerPattern, false),
		Kinds:    f.texts("kinds", true, namePattern, true),
		Features: f.texts("features", true, namePattern, true),
	}
	if auth, ok := f.get("auth", true); ok && auth != nil {
		credential, _ := f.child("auth", true)
		if credential.text("scheme") != "bearer" {
			f.bad("/data/auth/scheme", "is bearer")
		}
		token := credential.text("token")
		open.Token = &token
	}
	client, _ := f.child("client", true)
	client.text("name")
	client.text("version")
	if timers, ok := f.child("timers", false); ok {
		open.Timers = AskedTimers{
			timers.optInteger("heartbeat_ms", -MaxInt, false),
			timers.optInteger("resume_window_ms", -MaxInt, false),
			timers.optInteger("coalesce_ms", -MaxInt, false),
			timers.optInteger("gap_ms", -MaxInt, false),
		}
	}
	return open
}

// Speaks tells whether an offer names a version that this server can use: its
// MAJOR with the same or a higher MINOR.
func Speaks(offer []string) bool {
	return slices.ContainsFunc(offer, func(v string) bool { return strings.HasPrefix(v, "1.") })
}
