package wire

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/vectors"
)

func TestRawVectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors.Load(t, "valid/raw.json") {
		t.Run("valid/"+v.Name, func(t *testing.T) {
			data, _ := base64.StdEncoding.DecodeString(v.Base64)
			if _, err := Parse(data); err != nil {
				t.Error(err)
			}
		})
	}
	for _, v := range vectors.Load(t, "invalid/raw.json") {
		t.Run("invalid/"+v.Name, func(t *testing.T) {
			data, _ := base64.StdEncoding.DecodeString(v.Base64)
			body, err := Parse(data)
			if err != nil {
				if !errors.Is(err, ErrJSON) {
					t.Error(err)
				}
				return
			}
			// What is left are numbers; as an integer none of them is taken.
			if v.Requirement != "ENV-004" {
				t.Error("taken")
			}
			for _, value := range body {
				if n, ok := parseInt(value); ok {
					t.Errorf("taken as %d", n)
				}
			}
		})
	}
}

// receive passes a body through the stages that a server has for requests.
func receive(body Object) *Refusal {
	r, err := ReadRequest(body)
	if err == nil {
		_, err = r.Read()
	}
	return RefusalOf(err)
}

func TestRequestVectors(t *testing.T) {
	t.Parallel()
	sends := func(v vectors.Vector, body Object) bool {
		_, name, _ := strings.Cut(v.Definition, "$defs/")
		_, answer := answers[name]
		return IsOwn(body) || answer || !strings.HasPrefix(name, "session.") && name != "request_envelope"
	}
	vectors.Each(t, "valid/control", func(t *testing.T, v vectors.Vector) {
		body, err := Parse(v.Body)
		if err != nil {
			t.Fatal(err)
		}
		// Types that the schemas leave open are none of this server's.
		if r := receive(body); !sends(v, body) && r != nil && !(v.IsOpen() && r.Code == UnknownType) {
			t.Errorf("refused with %d", r.Code)
		}
	})
	vectors.Each(t, "invalid/control", func(t *testing.T, v vectors.Vector) {
		body, err := Parse(v.Body)
		if err != nil {
			t.Fatal(err)
		}
		if sends(v, body) {
			return
		}
		r := receive(body)
		if r == nil {
			t.Fatal("taken")
		}
		if r.Code != Code(v.Want()) {
			t.Errorf("%s: %d, not %d", v.Why, r.Code, v.Want())
		}
		if r.Code == SchemaInvalid {
			v.CheckPointer(t, *r.Details.Pointer)
		}
	})
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
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
