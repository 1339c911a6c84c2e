package wire

import "crypto/sha256"

// MaxActionID is how many characters an action_id may have (ACTION-027).
const MaxActionID = 128

// Shared is a subject that carries one type of action, for all users, with the
// one member of its data at top level. The zero value stands for the subjects
// user.actions.<user>, which carry all types.
type Shared struct {
	Subject string
	Type    string
	Member  string
}

// Action is one copy of an action that passed the stage of form.
type Action struct {
	ID        string
	UserID    string
	SessionID string
	ClientSeq int64
	Type      string   // empty if it is no string
	Meaning   [32]byte // equal for copies of the same action
	Expect    *int64   // after Read

	on   Shared
	body Object
}

// ReadAction reads what an outcome needs: who, which session, which action.
func ReadAction(on Shared, body Object) (*Action, error) {
	f := Fields{reader: &reader{}, object: body}
	a := &Action{on: on, body: body}
	a.UserID = f.ID("user_id", 0)
	a.SessionID = f.ID("session_id", 0)
	a.ID = f.ID("action_id", MaxActionID)
	a.ClientSeq = f.Integer("client_seq", 1)
	if f.fault != nil {
		return nil, f.fault
	}
	a.Type, _ = body["type"].(string)
	same := Object{}
	for _, name := range []string{"type", "expect"} {
		if value, ok := body[name]; ok {
			same[name] = value
		}
	}
	if value, ok := a.data(); ok {
		same["data"] = value
	}
	a.Meaning = sha256.Sum256(Marshal(same))
	return a, nil
}

// Bare is what an outcome needs of the action, without its body.
func (a *Action) Bare() *Action {
	return &Action{ID: a.ID, UserID: a.UserID, SessionID: a.SessionID, ClientSeq: a.ClientSeq}
}

// data is what the action says to do; on the shared subjects one member of it
// stands at top level.
func (a *Action) data() (any, bool) {
	if a.on.Type == "" {
		value, ok := a.body["data"]
		return value, ok
	}
	data := Object{}
	if value, ok := a.body[a.on.Member]; ok {
		data[a.on.Member] = value
	}
	return data, true
}

// Taken finds how the data of a type of action is read; nil is a type that the
// server does not take.
type Taken func(name string) func(Fields) any

// Read checks version, type and body of an action, in this order, and returns
// its data.
func (a *Action) Read(taken Taken) (any, error) {
	if foreignMajor(a.body["v"]) {
		return nil, RefuseVersion()
	}
	name, isText := a.body["type"].(string)
	read := taken(name)
	if isText && read == nil {
		return nil, Refuse(UnknownType, "This server takes no action of this type.")
	}
	f := Fields{reader: &reader{}, object: a.body}
	f.version()
	f.Text("type")
	f.Integer("timestamp", 1)
	if expect, ok := f.Child("expect", false); ok {
		a.Expect = expect.OptInteger("revision", 1, true)
	}
	if a.on.Type != "" && isText && name != a.on.Type {
		f.bad("/type", "is "+a.on.Type+" on this subject")
	}
	data := f
	if a.on.Type == "" {
		data, _ = f.Child("data", true)
	}
	if !isText || name != a.on.Type && a.on.Type != "" {
		return nil, f.fault // of the type, whatever is wrong with the data
	}
	return read(data), f.fault
}
