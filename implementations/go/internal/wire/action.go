package wire

import (
	"crypto/sha256"
	"slices"
	"strings"
)

// Families of subjects that actions come on.
const (
	OnUser = "user.actions"
	OnChat = "chat.messages"
	OnEdit = "article.edit.start"
)

// actionTypes are those that this server can take.
var actionTypes = []string{
	"session.noop",
	"article.create", "article.update", "article.delete", "article.publish",
	"article.edit_start", "article.edit_end", "article.select",
	"chat.send", "chat.edit", "chat.delete", "chat.typing",
	"url.create", "url.update", "url.delete",
	"user.update",
}

// ActionTypes are the types of actions of some kinds, as opened.actions lists
// them. The first one belongs to no kind.
func ActionTypes(kinds []string) []string {
	var types []string
	for _, name := range actionTypes {
		prefix, _, _ := strings.Cut(name, ".")
		if prefix == "article" {
			prefix = KindArticles
		}
		if prefix == "session" || slices.Contains(kinds, prefix) {
			types = append(types, name)
		}
	}
	return types
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

	on   string
	body Object
}

// ReadAction reads what an outcome needs: who, which session, which action.
func ReadAction(on string, body Object) (*Action, *Error) {
	f := fields{&reader{}, body, ""}
	a := &Action{on: on, body: body}
	a.UserID = f.id("user_id", 0)
	a.SessionID = f.id("session_id", 0)
	a.ID = f.id("action_id", 0)
	a.ClientSeq = f.integer("client_seq", 1)
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
	member := map[string]string{OnChat: "content", OnEdit: "article_id"}[a.on]
	if member == "" {
		value, ok := a.body["data"]
		return value, ok
	}
	data := Object{}
	if value, ok := a.body[member]; ok {
		data[member] = value
	}
	return data, true
}

// Data of the actions.
type (
	// ArticleText is what an author says of an article; nil is not said.
	ArticleText struct {
		Title, Slug, Subtitle, Leading, Content *string
		Tags                                    []string
	}
	// ArticleUpdate is the data of article.update.
	ArticleUpdate struct {
		ArticleID string
		Changes   ArticleText
	}
	// ArticleRef is the data of the actions that only name an article.
	ArticleRef struct{ ArticleID string }
	// ArticleSelect is the data of article.select; nil is none.
	ArticleSelect struct{ ArticleID *string }
	// ChatSend is the data of chat.send.
	ChatSend struct{ Content string }
	// ChatEdit is the data of chat.edit.
	ChatEdit struct{ MessageID, Content string }
	// ChatDelete is the data of chat.delete.
	ChatDelete struct{ MessageID string }
	// ChatTyping is the data of chat.typing.
	ChatTyping struct {
		Active bool
		TTL    *int64
	}
	// URLCreate is the data of url.create.
	URLCreate struct {
		TargetURL string
		ShortCode *string
	}
	// URLUpdate is the data of url.update.
	URLUpdate struct {
		URLID                string
		TargetURL, ShortCode *string
		IsActive             *bool
	}
	// URLDelete is the data of url.delete.
	URLDelete struct{ URLID string }
	// UserUpdate is the data of user.update.
	UserUpdate struct{ Username, Email *string }
	// Noop is the data of session.noop.
	Noop struct{}
)

// Read checks version, type and body of an action, in this order, and returns
// its data. Taken are the types that the server takes.
func (a *Action) Read(taken []string) (any, *Error) {
	if foreignMajor(a.body["v"]) {
		return nil, RefuseVersion()
	}
	name, isText := a.body["type"].(string)
	if isText && !slices.Contains(taken, name) {
		return nil, Refuse(UnknownType, "This server takes no action of this type.")
	}
	f := fields{&reader{}, a.body, ""}
	f.version()
	f.text("type")
	f.integer("timestamp", 1)
	if expect, ok := f.child("expect", false); ok {
		a.Expect = expect.optInteger("revision", 1, true)
	}
	fixed := map[string]string{OnChat: "chat.send", OnEdit: "article.edit_start"}[a.on]
	if fixed == "" {
		inner, _ := f.child("data", true)
		return readData(name, inner), f.fault
	}
	if isText && name != fixed {
		f.bad("/type", "is "+fixed+" on this subject")
	}
	return readData(fixed, f), f.fault
}

func readData(name string, f fields) any {
	switch name {
	case "article.create":
		return (&ArticleText{Title: f.optText("title", true)}).rest(f)
	case "article.update":
		update := &ArticleUpdate{ArticleID: f.id("article_id", 96)}
		changes, _ := f.child("changes", true)
		text := &ArticleText{Title: changes.optText("title", false)}
		update.Changes = *text.rest(changes)
		return update
	case "article.delete", "article.publish", "article.edit_start", "article.edit_end":
		return &ArticleRef{f.id("article_id", 96)}
	case "article.select":
		if value, ok := f.get("article_id", true); ok && value == nil {
			return &ArticleSelect{}
		}
		return &ArticleSelect{f.bounded("article_id", 96, true)}
	case "chat.send":
		return &ChatSend{f.text("content")}
	case "chat.edit":
		return &ChatEdit{f.id("message_id", 0), f.text("content")}
	case "chat.delete":
		return &ChatDelete{f.id("message_id", 0)}
	case "chat.typing":
		active := f.optBool("active", true)
		return &ChatTyping{active != nil && *active, f.optInteger("ttl_ms", -MaxInt, false)}
	case "url.create":
		return &URLCreate{f.text("target_url"), f.bounded("short_code", 64, false)}
	case "url.update":
		id := f.id("url_id", 0)
		changes, _ := f.child("changes", true)
		return &URLUpdate{
			id, changes.optText("target_url", false),
			changes.bounded("short_code", 64, false), changes.optBool("is_active", false),
		}
	case "url.delete":
		return &URLDelete{f.id("url_id", 0)}
	case "user.update":
		changes, _ := f.child("changes", true)
		return &UserUpdate{changes.optText("username", false), changes.optText("email", false)}
	}
	return &Noop{}
}

// rest reads the members that are optional in create and update.
func (t *ArticleText) rest(f fields) *ArticleText {
	t.Slug = f.optText("slug", false)
	t.Subtitle = f.optText("subtitle", false)
	t.Leading = f.optText("leading", false)
	t.Content = f.optText("content", false)
	t.Tags = f.texts("tags", false, nil, false)
	return t
}
