package wire

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const vectors = "../../../../schemas/vectors"

type vector struct {
	Name, Definition, Why, Requirement, Pointer, Base64 string
	Body                                                json.RawMessage
}

func load(t *testing.T, path string) []vector {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return list
}

// each calls do for every vector of a folder, and wants at least one.
func each(t *testing.T, folder string, do func(t *testing.T, v vector)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(vectors, folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors in %s: %v", folder, err)
	}
	for _, file := range files {
		for _, v := range load(t, file) {
			t.Run(filepath.Base(file)+"/"+v.Name, func(t *testing.T) { do(t, v) })
		}
	}
}

func TestRawVectors(t *testing.T) {
	for _, v := range load(t, vectors+"/valid/raw.json") {
		data, _ := base64.StdEncoding.DecodeString(v.Base64)
		if _, err := Parse(data); err != nil {
			t.Errorf("%s: %v", v.Name, err)
		}
	}
	for _, v := range load(t, vectors+"/invalid/raw.json") {
		data, _ := base64.StdEncoding.DecodeString(v.Base64)
		body, err := Parse(data)
		if err != nil {
			if !errors.Is(err, ErrJSON) {
				t.Errorf("%s: %v", v.Name, err)
			}
			continue
		}
		// What is left are numbers; as an integer none of them is taken.
		if v.Requirement != "ENV-004" {
			t.Errorf("%s: taken", v.Name)
		}
		for _, value := range body {
			if n, ok := parseInt(value); ok {
				t.Errorf("%s: taken as %d", v.Name, n)
			}
		}
	}
}

// receive passes a body through the stages that a server has for it.
func receive(t *testing.T, v vector) (handled bool, code Code) {
	t.Helper()
	body, err := Parse(v.Body)
	if err != nil {
		return true, BadJSON
	}
	file, name, _ := strings.Cut(v.Definition, ".schema.json#/$defs/")
	var fault *Error
	switch {
	case file == "control":
		if IsOwn(body) || !strings.HasPrefix(name, "session.") && name != "request_envelope" {
			return false, 0
		}
		if _, sends := answers[name]; sends {
			return false, 0
		}
		var r *Request
		if r, fault = ReadRequest(body); fault == nil {
			_, fault = r.Read()
		}
	default:
		on := OnUser
		switch file {
		case "chat.messages.schema.json":
			on = OnChat
		case "article.edit.start.schema.json":
			on = OnEdit
		}
		var a *Action
		if a, fault = ReadAction(on, body); fault == nil {
			_, fault = a.Read(actionTypes)
		}
	}
	if fault == nil {
		return true, 0
	}
	if fault.Code == SchemaInvalid && v.Pointer != "" {
		if at := fault.Details.Pointer; *at != v.Pointer && !strings.HasPrefix(v.Pointer, *at) {
			t.Errorf("the pointer is %s, should be %s", *at, v.Pointer)
		}
	}
	return true, fault.Code
}

func TestReceivedVectors(t *testing.T) {
	for _, folder := range []string{"action", "shared", "control"} {
		each(t, "valid/"+folder, func(t *testing.T, v vector) {
			handled, code := receive(t, v)
			// Types that the schemas leave open are none of this server's.
			open := strings.HasSuffix(v.Definition, "/unknown")
			if handled && code != 0 && !(open && code == UnknownType) {
				t.Errorf("refused with %d", code)
			}
		})
		each(t, "invalid/"+folder, func(t *testing.T, v vector) {
			handled, code := receive(t, v)
			var head struct{ V, Type any }
			_ = json.Unmarshal(v.Body, &head)
			_, typed := head.Type.(string)
			want := SchemaInvalid
			if v.Pointer == "/type" && typed && !strings.Contains(v.Name, "another action") {
				want = UnknownType
			}
			if strings.HasSuffix(v.Definition, "/unknown") && typed && !strings.Contains(v.Pointer, "id") {
				want = UnknownType // comes before whatever else is wrong
			}
			if handled && code != want {
				t.Errorf("%s: %d, not %d", v.Why, code, want)
			}
		})
	}
}

func TestCatalogue(t *testing.T) {
	data, err := os.ReadFile("../../../../schemas/v1/errors.json")
	if err != nil {
		t.Fatal(err)
	}
	var catalogue struct {
		Errors []struct {
			Code      Code
			Name      string
			Retryable bool
		}
	}
	if err := json.Unmarshal(data, &catalogue); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, e := range catalogue.Errors {
		if c, ok := codes[e.Code]; ok {
			seen++
			if c.name != e.Name || c.retryable != e.Retryable {
				t.Errorf("%d differs from the catalogue", e.Code)
			}
		}
	}
	if seen != len(codes) {
		t.Errorf("%d codes of %d are in the catalogue", seen, len(codes))
	}
}
