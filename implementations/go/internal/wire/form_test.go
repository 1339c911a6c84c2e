package wire

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/vectors"
)

// A reader of what this server sends, as strict as a client may be. It takes
// the form of a message from the Go type that writes it: a member that the
// type always writes is required, null is for pointers, and so on. What a type
// cannot say, such as the least value of a number, is in the tables below. So a
// type that could write what the schemas refuse is found by an invalid vector.

var (
	digestForm  = regexp.MustCompile(`^[0-9a-f]{64}$`)
	versionForm = regexp.MustCompile(`^1\.(0|[1-9][0-9]*)$`)
	kindNames   = []string{"articles", "chat", "url", "user"}
)

// texts are the rules for strings, by the names of their members.
var texts = map[string]func(string) bool{
	"v":          versionForm.MatchString,
	"user_id":    func(s string) bool { return s != "" && len([]rune(s)) <= 96 },
	"session_id": func(s string) bool { return s != "" && len([]rune(s)) <= 64 },
	"action_id":  func(s string) bool { return s != "" && len([]rune(s)) <= MaxActionID },
	"short_code": func(s string) bool { return s != "" && len([]rune(s)) <= 64 },
	"reason":     oneOf("open", "sync", "takeover", "change"),
	"status":     oneOf("applied", "duplicate"),
	"mode":       oneOf("current", "replay", "snapshot"),
	"digest":     digestForm.MatchString,
	"digests":    digestForm.MatchString,
	"kinds":      oneOf(kindNames...),
	"actor":      notEmpty, "id": notEmpty, "article_id": notEmpty, "author_id": notEmpty,
	"message_id": notEmpty, "url_id": notEmpty, "event_id": notEmpty, "created_by": notEmpty,
	"typing_indicators": notEmpty,
}

// leasts are the least values of numbers; the others begin with 1.
var leasts = map[string]int64{
	"At.seq": 0, "Position.seq": 0, "last_action_seq": 0, "struct_version": 0, "access_count": 0, "after_ms": 0,
	"retry_after_ms": 0, "coalesce_ms": 0, "gap_ms": 0,
	// The floors of limits: LIMIT-005.
	"Limits.action": 8_192, "Limits.event": 20_480, "Limits.state": 49_152,
	"Limits.article_content": 2_048, "Limits.article_rest": 1_024, "Limits.chat_content": 512, "Limits.target_url": 512,
	"Limits.articles": 20, "Limits.revisions": 10, "Limits.editors": 20, "Limits.urls": 20, "Limits.chat_messages": 20,
	"Limits.participants": 20, "Limits.sessions": 8,
}

var mosts = map[string]int64{"coalesce_ms": 1_000, "gap_ms": 250}

// neverNull are members that Go types hold by pointers for other reasons.
var neverNull = map[string]bool{
	"ErrorData.error": true, "Nack.error": true, "ArticleData.article": true, "ArticlesState.articles": true,
}

var sets = []string{"kinds", "permissions", "typing_indicators", "features", "profiles"}

func oneOf(names ...string) func(string) bool {
	return func(s string) bool { return slices.Contains(names, s) }
}

func notEmpty(s string) bool { return s != "" }

// form collects the places where a message is wrong.
type form struct{ faults []string }

func (f *form) bad(at string) { f.faults = append(f.faults, at) }

func (f *form) value(t reflect.Type, owner, name string, value any, at string) {
	switch {
	case t == reflect.TypeFor[Raw]():
		f.published(value, at)
	case t.Kind() == reflect.Pointer && value == nil:
		if neverNull[owner+"."+name] {
			f.bad(at)
		}
	case t.Kind() == reflect.Pointer:
		f.value(t.Elem(), owner, name, value, at)
	case t.Kind() == reflect.Struct:
		f.object(t, value, at)
	case t.Kind() == reflect.Slice:
		f.list(t, owner, name, value, at)
	case t.Kind() == reflect.Map:
		object, ok := value.(Object)
		if !ok {
			f.bad(at)
		}
		for key, inner := range object {
			if !slices.Contains(kindNames, key) {
				f.bad(at)
			}
			f.value(t.Elem(), owner, name, inner, at+"/"+key)
		}
	case t.Kind() == reflect.Bool:
		if _, ok := value.(bool); !ok {
			f.bad(at)
		}
	case t.Kind() == reflect.String:
		text, ok := value.(string)
		if rule := texts[name]; !ok || rule != nil && !rule(text) {
			f.bad(at)
		}
	default:
		f.number(owner, name, value, at)
	}
}

func (f *form) number(owner, name string, value any, at string) {
	least, known := leasts[owner+"."+name]
	if !known {
		if least, known = leasts[name]; !known {
			least = 1
		}
	}
	n, ok := parseInt(value)
	if most, bound := mosts[name]; !ok || n < least || bound && n > most {
		f.bad(at)
	}
}

func (f *form) list(t reflect.Type, owner, name string, value any, at string) {
	list, ok := value.([]any)
	if !ok {
		f.bad(at)
		return
	}
	for i, entry := range list {
		f.value(t.Elem(), owner, name, entry, at+"/"+strconv.Itoa(i))
		if slices.Contains(sets, name) && slices.Contains(list[:i], entry) {
			f.bad(at)
		}
	}
}

func (f *form) object(t reflect.Type, value any, at string) {
	object, ok := value.(Object)
	if !ok {
		f.bad(at)
		return
	}
	for _, m := range plan(t) {
		field := t.FieldByIndex(m.index)
		inner, there := object[m.name]
		switch {
		case !there && !m.omit, there && m.omit && inner == nil:
			f.bad(at + "/" + m.name)
		case there && field.Type.Kind() != reflect.Interface:
			f.value(field.Type, t.Name(), m.name, inner, at+"/"+m.name)
		}
	}
	if rule := relations[t.Name()]; rule != nil {
		rule(f, object, at)
	}
}

// body reads a whole message; known are the types of its data, by its type.
func (f *form) body(of any, known map[string]any, name string, object Object, at string) {
	f.object(reflect.TypeOf(of), object, at)
	data, ok := known[name]
	if !ok {
		data = &struct{}{}
		f.bad(at + "/type")
	}
	if _, there := object["data"]; there {
		f.object(reflect.TypeOf(data).Elem(), object["data"], at+"/data")
	}
}

// published reads a state or event, as it stands in a replay.
func (f *form) published(value any, at string) {
	object, ok := value.(Object)
	if !ok {
		f.bad(at)
		return
	}
	name, ok := object["type"].(string)
	if !ok {
		f.bad(at + "/type")
	}
	switch _, known := events[name]; {
	case name == "session.state":
		f.state(object, at)
	case known:
		f.body(Event{}, events, name, object, at)
	default: // whoever replays may know more types
		f.object(reflect.TypeFor[Event](), object, at)
	}
}

func (f *form) state(object Object, at string) {
	if object["type"] != "session.state" {
		f.bad(at + "/type")
	}
	data, _ := object["data"].(Object)
	kind, ok := data["type"].(string)
	if _, known := states[kind]; !ok || !known {
		f.bad(at + "/data/type")
	}
	if ext, there := object["ext"]; there {
		if _, ok := ext.(Object); !ok {
			f.bad(at + "/ext")
		}
	}
	f.body(State{}, states, kind, object, at)
}

// read reads a message of a folder of vectors.
func (f *form) read(folder, name string, object Object) {
	told, _ := object["type"].(string)
	if folder != "error" && folder != "state" && told != name {
		f.bad("/type")
	}
	switch folder {
	case "error":
		f.object(reflect.TypeFor[Refusal](), object, "")
	case "state":
		f.state(object, "")
		data, _ := object["data"].(Object)
		if _, known := states[name]; known && data["type"] != name {
			f.bad("/data/type")
		}
	case "event":
		f.body(Event{}, events, name, object, "")
	case "hint":
		f.body(Hint{}, map[string]any{"article.updated": &ArticleData{}, "article.deleted": &ArticleGone{}}, name, object, "")
	case "control":
		if name == "error" {
			f.object(reflect.TypeFor[ErrorBody](), object, "")
			return
		}
		f.body(Control{}, answers, name, object, "")
	}
}

func TestTheFormOfWhatIsSent(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"state", "event", "hint", "control", "error"} {
		vectors.Each(t, "valid/"+folder, func(t *testing.T, v vectors.Vector) {
			name, f := sent(t, folder, v)
			if f != nil && len(f.faults) > 0 {
				t.Errorf("%s: a valid message is wrong at %v", name, f.faults)
			}
		})
		vectors.Each(t, "invalid/"+folder, func(t *testing.T, v vectors.Vector) {
			name, f := sent(t, folder, v)
			if f == nil {
				return
			}
			near := func(at string) bool {
				return at == v.Pointer || strings.HasPrefix(v.Pointer, at+"/") || strings.HasSuffix(at, "/code")
			}
			if !slices.ContainsFunc(f.faults, near) {
				t.Errorf("%s: %s, at %s, is not refused; faults: %v", name, v.Why, v.Pointer, f.faults)
			}
		})
	}
}

// sent reads a vector; nil if it is one that only clients send, or of a type
// or code that this server does not have.
func sent(t *testing.T, folder string, v vectors.Vector) (string, *form) {
	t.Helper()
	object, err := Parse(v.Body)
	if err != nil {
		t.Fatal(err)
	}
	_, name, _ := strings.Cut(v.Definition, "$defs/")
	if folder == "control" && (name == "request_envelope" || slices.Contains(notSent, name)) {
		return name, nil
	}
	if v.Why == "" { // a valid vector
		code, _ := parseInt(object["code"])
		if _, ours := codes[Code(code)]; name == "unknown" || folder == "error" && !ours {
			return name, nil
		}
	}
	f := &form{}
	f.read(folder, name, object)
	return name, f
}
