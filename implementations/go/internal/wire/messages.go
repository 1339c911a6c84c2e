package wire

import "math"

// Version is the version of the protocol that bodies are written in.
const Version = "1.0"

// MaxInt is the largest integer that a body may hold (ENV-004).
const MaxInt = math.MaxInt64 >> 10

// Envelope is what every body of a session has.
type Envelope struct {
	V         string `json:"v"`
	Type      string `json:"type"`
	UserID    string `json:"user_id"`
	SessionID string `json:"session_id"`
	Timestamp int64  `json:"timestamp"`
}

// Position is a place in the stream of a session.
type Position struct {
	Epoch         int64 `json:"epoch"`
	Seq           int64 `json:"seq"`
	LastActionSeq int64 `json:"last_action_seq"`
}

// State is a message that carries a slice, whole.
type State struct {
	Envelope
	Position
	Reason string `json:"reason"`
	Data   any    `json:"data"`
	Digest string `json:"digest,omitempty"`
}

// Event is a message that carries one change.
type Event struct {
	Envelope
	Position
	EventID string  `json:"event_id"`
	Actor   *string `json:"actor"`
	Cause   *Cause  `json:"cause"`
	Data    any     `json:"data"`
}

// Cause names the action that made a change.
type Cause struct {
	ActionID  string `json:"action_id"`
	SessionID string `json:"session_id"`
	ClientSeq int64  `json:"client_seq"`
}

// Control is an answer or a push.
type Control struct {
	Envelope
	Data any `json:"data"`
}

// ErrorBody is an answer that refuses; its ids may be unknown.
type ErrorBody struct {
	V         string    `json:"v"`
	Type      string    `json:"type"`
	UserID    *string   `json:"user_id"`
	SessionID *string   `json:"session_id"`
	Timestamp int64     `json:"timestamp"`
	Data      ErrorData `json:"data"`
}

// ErrorData holds the error of an ErrorBody.
type ErrorData struct {
	Error *Refusal `json:"error"`
}

// Hint tells everybody that a published article changed.
type Hint struct {
	V         string `json:"v"`
	Type      string `json:"type"`
	EventID   string `json:"event_id"`
	ArticleID string `json:"article_id"`
	Timestamp int64  `json:"timestamp"`
	Data      any    `json:"data"`
}

// Opened answers session.open.
type Opened struct {
	Protocol  string   `json:"protocol"`
	Position  Position `json:"position"`
	Kinds     []string `json:"kinds"`
	Features  []string `json:"features"`
	Profiles  []string `json:"profiles"`
	Actions   []string `json:"actions"`
	Server    Software `json:"server"`
	Limits    Limits   `json:"limits"`
	Timers    Timers   `json:"timers"`
	ExpiresAt *int64   `json:"expires_at"`
}

// Software names a program.
type Software struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Timers are those in force in a session.
type Timers struct {
	HeartbeatMS    int64 `json:"heartbeat_ms"`
	ResumeWindowMS int64 `json:"resume_window_ms"`
	CoalesceMS     int64 `json:"coalesce_ms"`
	GapMS          int64 `json:"gap_ms"`
}

// Syncing answers session.sync.
type Syncing struct {
	Position Position `json:"position"`
	Kinds    []string `json:"kinds"`
}

// Resumed answers session.resume.
type Resumed struct {
	Mode     string   `json:"mode"`
	Position Position `json:"position"`
	Messages []Raw    `json:"messages"`
}

// At is the data of a pong, and of a heartbeat where it has digests too.
type At struct {
	Position Position          `json:"position"`
	Digests  map[string]string `json:"digests,omitempty"`
}

// Closing tells of a planned stop.
type Closing struct {
	Code      Code  `json:"code"`
	Reconnect bool  `json:"reconnect"`
	AfterMS   int64 `json:"after_ms"`
}

// Expiring warns of the end of a credential, and of the session with it.
type Expiring struct {
	ExpiresAt int64 `json:"expires_at"`
}

// Ack is the outcome of an action that was done.
type Ack struct {
	ActionID  string   `json:"action_id"`
	ClientSeq int64    `json:"client_seq"`
	Status    string   `json:"status"`
	Result    *Result  `json:"result,omitempty"`
	Position  Position `json:"position"`
}

// Result names what an action created.
type Result struct {
	ArticleID string `json:"article_id,omitempty"`
	MessageID string `json:"message_id,omitempty"`
	URLID     string `json:"url_id,omitempty"`
}

// Nack is the outcome of an action that was refused.
type Nack struct {
	ActionID  string   `json:"action_id"`
	ClientSeq int64    `json:"client_seq"`
	Error     *Refusal `json:"error"`
	Position  Position `json:"position"`
}

// Limits are what a server tells in opened.limits.
type Limits struct {
	Action         int64 `json:"action"`
	Event          int64 `json:"event"`
	State          int64 `json:"state"`
	ArticleContent int64 `json:"article_content"`
	ArticleRest    int64 `json:"article_rest"`
	ChatContent    int64 `json:"chat_content"`
	TargetURL      int64 `json:"target_url"`
	Articles       int64 `json:"articles"`
	Revisions      int64 `json:"revisions"`
	Editors        int64 `json:"editors"`
	URLs           int64 `json:"urls"`
	ChatMessages   int64 `json:"chat_messages"`
	Participants   int64 `json:"participants"`
	Sessions       int64 `json:"sessions"`
	OutcomesMS     int64 `json:"outcomes_ms,omitempty"`
}

// DefaultLimits are the usual limits. They fit together: with them no state
// and no event can become larger than Event and State say.
var DefaultLimits = Limits{
	Action: 196_608, Event: 262_144, State: 786_432,
	ArticleContent: 131_072, ArticleRest: 2_048, ChatContent: 4_096, TargetURL: 2_048,
	Articles: 200, Revisions: 50, Editors: 200, URLs: 200, ChatMessages: 100,
	Participants: 500, Sessions: 32,
}

// MaxName bounds a username and an email, in bytes of their RFC 8785 form.
const MaxName = 256
