package wire

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/vectors"
)

var states = map[string]any{
	"articles": &ArticlesState{}, "chat": &ChatState{}, "url": &URLState{}, "user": &UserState{},
}

var events = map[string]any{
	"article.created": &ArticleData{}, "article.updated": &ArticleData{}, "article.deleted": &ArticleGone{},
	"article.selected": &ArticleSelected{}, "article.revision_added": &RevisionAdded{},
	"article.edit_started": &Editor{}, "article.edit_ended": &Editor{},
	"chat.message_added": &MessageData{}, "chat.message_edited": &MessageData{},
	"chat.message_deleted": &MessageGone{}, "chat.participant_joined": &ParticipantData{},
	"chat.participant_left": &ParticipantGone{}, "chat.typing_changed": &TypingData{},
	"url.created": &URLData{}, "url.updated": &URLData{}, "url.deleted": &URLGone{},
	"user.updated": &UserData{}, "user.permissions_changed": &PermissionsData{},
	"user.session_opened": &SessionData{}, "user.session_closed": &SessionGone{},
}

var answers = map[string]any{
	"session.opened": &Opened{}, "session.syncing": &Syncing{}, "session.pong": &At{},
	"session.resumed":   &Resumed{},
	"session.heartbeat": &At{}, "session.closing": &Closing{}, "auth.expiring": &Expiring{},
	"action.ack": &Ack{}, "action.nack": &Nack{},
	"session.closed": &struct{}{},
}

// message returns an empty message of the types that this server sends.
func message(folder, name string) any {
	fresh := func(of any) any {
		if of == nil {
			return nil
		}
		return reflect.New(reflect.TypeOf(of).Elem()).Interface()
	}
	var data any
	var body any
	switch folder {
	case "error":
		return &Refusal{}
	case "state":
		data = fresh(states[name])
		body = &State{Data: data}
	case "event":
		data = fresh(events[name])
		body = &Event{Data: data}
	case "hint":
		data = fresh(events[name])
		body = &Hint{Data: data}
	case "control":
		if name == "error" {
			return &ErrorBody{}
		}
		data = fresh(answers[name])
		body = &Control{Data: data}
	}
	if data == nil {
		return nil
	}
	return body
}

// notSent are the messages of clients, and those of servers of another version.
var notSent = []string{TypeOpen, TypeSync, TypeResume, TypePing, TypeClose, "unknown"}

func TestSentVectors(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"state", "event", "hint", "control", "error"} {
		vectors.Each(t, "valid/"+folder, func(t *testing.T, v vectors.Vector) {
			_, name, _ := strings.Cut(v.Definition, "$defs/")
			body := message(folder, name)
			if body == nil {
				if !slices.Contains(notSent, name) {
					t.Errorf("no type writes %s", name)
				}
				return
			}
			if err := json.Unmarshal(v.Body, body); err != nil {
				t.Fatal(err)
			}
			got, err := Parse(Marshal(body))
			if err != nil {
				t.Fatal(err)
			}
			want, err := Parse(v.Body)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := string(Marshal(got)), string(Marshal(prune(want, got))); got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		})
	}
}

// UnmarshalJSON reads text that a test then writes again.
func (r *Raw) UnmarshalJSON(data []byte) error {
	object, err := Parse(data)
	*r = Marshal(object)
	return err
}

// prune takes out the members that the types of this package do not know.
func prune(want, got any) any {
	switch want := want.(type) {
	case Object:
		have, _ := got.(Object)
		for name, value := range want {
			inner, there := have[name]
			if !there && !memberNames[name] {
				delete(want, name)
				continue
			}
			want[name] = prune(value, inner)
		}
	case []any:
		have, _ := got.([]any)
		for i := range want {
			if i < len(have) {
				want[i] = prune(want[i], have[i])
			}
		}
	}
	return want
}

// memberNames are all names that some type here has.
var memberNames = func() map[string]bool {
	names := map[string]bool{}
	var walk func(reflect.Type)
	walk = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() == reflect.Struct {
			for i := range t.NumField() {
				name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
				names[name] = true
				walk(t.Field(i).Type)
			}
		}
	}
	for _, types := range []map[string]any{states, events, answers, {
		"": &State{}, "event": &Event{}, "hint": &Hint{}, "error": &ErrorBody{}, "control": &Control{},
	}} {
		for _, of := range types {
			walk(reflect.TypeOf(of))
		}
	}
	return names
}()
