package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"
	"unsafe"

	"github.com/omnisession/omnisession/implementations/go/internal/vectors"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(vectors.Folder + "/tokens.json")
	if err != nil {
		t.Fatal(err)
	}
	var tokens struct {
		Pairs   []struct{ ID, Token string }
		Refused []any
	}
	if err := json.Unmarshal(data, &tokens); err != nil {
		t.Fatal(err)
	}
	if len(tokens.Pairs) == 0 || len(tokens.Refused) == 0 {
		t.Fatal("no vectors")
	}
	for _, pair := range tokens.Pairs {
		t.Run(pair.Token, func(t *testing.T) {
			if got := Token(pair.ID); got != pair.Token {
				t.Errorf("Token(%q) = %q", pair.ID, got)
			}
			if got, err := ParseToken(pair.Token, 1_000); err != nil || got != pair.ID {
				t.Errorf("ParseToken gives %q, %v", got, err)
			}
		})
	}
	for _, entry := range tokens.Refused {
		token, ok := entry.(string)
		if object, is := entry.(map[string]any); is {
			token, ok = object["token"].(string)
		}
		if !ok {
			t.Fatalf("%v is no token", entry)
		}
		if id, err := ParseToken(token, 1_000); err == nil {
			t.Errorf("%q is taken as %q", token, id)
		}
	}
	if _, err := ParseToken(string(make([]byte, 97)), 96); err == nil {
		t.Error("a long token is taken")
	}
}

func TestCanonicalForm(t *testing.T) {
	t.Parallel()
	// From RFC 8785, appendix B and section 3.2.3, and Go's own traps.
	for in, want := range map[string]string{
		`{"a":0,"b":-0}`:              `{"a":0,"b":0}`,
		`{"a":9007199254740991}`:      `{"a":9007199254740991}`,
		`{"a":9007199254740992}`:      `{"a":9007199254740992}`,
		`{"a":333333333.33333329}`:    `{"a":333333333.3333333}`,
		`{"a":1E30}`:                  `{"a":1e+30}`,
		`{"a":4.50}`:                  `{"a":4.5}`,
		`{"a":2e-3}`:                  `{"a":0.002}`,
		`{"a":1e-27}`:                 `{"a":1e-27}`,
		`{"a":1e21,"b":1e-7}`:         `{"a":1e+21,"b":1e-7}`,
		`{"a":5.0}`:                   `{"a":5}`,
		`{"a":1e999}`:                 `{"a":1e999}`,
		`{"a":"<&>\u2028\u2029\/"}`:   "{\"a\":\"<&>\u2028\u2029/\"}",
		`{"a":"\u20ac$\u000f\u000a"}`: "{\"a\":\"€$\\u000f\\n\"}",
		`{"a":"\b\f\t\"\\\u007f"}`:    "{\"a\":\"\\b\\f\\t\\\"\\\\\u007f\"}",
		`{"\ufb33":1,"\ud83d\ude00":2,"\u20ac":3,"\r":4,"1":5,"\u0080":6,"\u00f6":7}`: "{\"\\r\":4,\"1\":5," +
			"\"\u0080\":6,\"ö\":7,\"€\":3,\"😀\":2,\"\ufb33\":1}",
		`{"b":[],"a":{"d":null,"c":true}}`: `{"a":{"c":true,"d":null},"b":[]}`,
	} {
		t.Run(in, func(t *testing.T) {
			object, err := Parse([]byte(in))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(Marshal(object)); got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		})
	}
}

func TestMarshalOfTypes(t *testing.T) {
	t.Parallel()
	if got, want := string(Marshal(&ArticlesState{Type: "articles"})),
		`{"articles":[],"current_article":null,"editors":[],"revisions":[],"type":"articles"}`; got != want {
		t.Errorf("nil slices: %s", got)
	}
	if got := string(Marshal(&User{ID: "a", Username: "b"})); got != `{"id":"a","username":"b"}` {
		t.Errorf("an email that there is not: %s", got)
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"hello": 7, "Zoë": 6, "\n": 4, "\x01": 8, `"\`: 6, "": 2, "\u2028": 5} {
		if got := Size(text); got != want || len(Marshal(text)) != want {
			t.Errorf("Size(%q) = %d, not %d", text, got, want)
		}
	}
}

func TestMeaning(t *testing.T) {
	t.Parallel()
	onChat := Shared{Subject: "chat.messages", Type: "chat.send", Member: "content"}
	read := func(on Shared, body string) *Action {
		object, err := Parse([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		a, fault := ReadAction(on, object)
		if fault != nil {
			t.Fatal(fault)
		}
		return a
	}
	head := `{"v":"1.0","action_id":"x","user_id":"u","session_id":"s","client_seq":1,"timestamp":1,"type":"chat.send",`
	first := read(Shared{}, head+`"data":{"content":"hi","n":1.0}}`)
	same := read(Shared{}, head+`"data": {"n":1,"content":"h\u0069"}}`)
	if first.Meaning != same.Meaning {
		t.Error("equal values, different meanings")
	}
	for name, other := range map[string]*Action{
		"expect": read(Shared{}, head+`"data":{"content":"hi","n":1},"expect":{"revision":1}}`),
		"data":   read(Shared{}, head+`"data":{"content":"ho","n":1}}`),
	} {
		if other.Meaning == first.Meaning {
			t.Error("one meaning in spite of another", name)
		}
	}
	if read(onChat, head+`"content":"hi","data":7}`).Meaning != read(Shared{}, head+`"data":{"content":"hi"}}`).Meaning {
		t.Error("a copy on another subject is another action")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"a":[1,"\u00e9",{"b":null}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		object, err := Parse(data)
		if err != nil {
			return
		}
		if !json.Valid(data) {
			t.Fatalf("%q is taken and is no JSON", data)
		}
		again, err := Parse(Marshal(object))
		if err != nil || string(Marshal(again)) != string(Marshal(object)) {
			t.Fatalf("%q is not stable: %v", data, err)
		}
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	refusal := RefuseLater(Unavailable, "Later.", 7)
	for _, c := range []struct {
		name string
		err  error
		want Code
	}{
		{"none", nil, 0},
		{"a fault", errors.New("no refusal"), 0},
		{"a refusal", refusal, Unavailable},
		{"one that is wrapped", fmt.Errorf("meanwhile: %w", refusal), Unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := RefusalOf(c.err)
			if got := CodeOf(c.err); got != c.want || (r != nil) != (c.want != 0) {
				t.Errorf("%d, %v", got, r)
			}
			if r != nil && (!r.Retryable || r.Name != "UNAVAILABLE" || *r.RetryAfterMS != 7) {
				t.Errorf("%+v", r)
			}
		})
	}
}

// A string that the parser made is a part of the whole body: whoever kept it
// would keep all of that.
func TestWhatIsReadIsACopy(t *testing.T) {
	t.Parallel()
	body, err := Parse([]byte(`{"action_id":"act-1","tags":["one"]}`))
	if err != nil {
		t.Fatal(err)
	}
	f := Fields{reader: &reader{}, object: body}
	id, tags := f.ID("action_id", MaxActionID), f.Texts("tags", true, nil, false)
	parsed := body["action_id"].(string)
	if unsafe.StringData(id) == unsafe.StringData(parsed) {
		t.Error("an id is a part of its body")
	}
	if unsafe.StringData(tags[0]) == unsafe.StringData(body["tags"].([]any)[0].(string)) {
		t.Error("a tag is a part of its body")
	}
}
