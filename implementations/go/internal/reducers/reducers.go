// Package reducers tries slices with the reducer vectors of the specification, for the
// tests of the packages beside it: a slice, then events, each with the slice
// after it.
package reducers

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/vectors"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Kind is what is tried.
type Kind struct {
	Name string // of the kind, as in states
	// Make makes a slice of the data of a state. It hands over lists that are
	// sorted in another order, since a slice sorts what it is made of.
	Make func(t *testing.T, data []byte, limits *wire.Limits) state.Slice
	// Read has, by the type of an event, what reads its data for a change.
	Read map[string]func(t *testing.T, data []byte) any
}

type vector struct {
	Shows  string
	Sides  []string
	Limits json.RawMessage
	Slice  json.RawMessage
	Steps  []struct {
		Shows, Type string
		Data, Slice json.RawMessage
	}
}

// Run tries a kind with all vectors that a server comes across.
func Run(t *testing.T, kind Kind) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(vectors.Folder, "reducers", kind.Name, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	tried := map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var one vector
		if err := json.Unmarshal(data, &one); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if !slices.Contains(one.Sides, "server") {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) { one.run(t, kind) })
		for _, step := range one.Steps {
			tried[step.Type] = true
		}
	}
	for name := range kind.Read {
		if !tried[name] {
			t.Errorf("no vector has %s", name)
		}
	}
}

// run gives every change to two sessions, to the one once and to the other
// twice: both come to the same slice, and the change stays as it was.
func (one *vector) run(t *testing.T, kind Kind) {
	limits := wire.DefaultLimits
	if one.Limits != nil {
		decode(t, one.Limits, &limits)
	}
	once, twice := kind.Make(t, one.Slice, &limits), kind.Make(t, one.Slice, &limits)
	before := canonical(t, one.Slice)
	expect(t, "what it is made of", once, before)
	told := map[*state.Change]string{}
	for _, step := range one.Steps {
		read, known := kind.Read[step.Type]
		if !known {
			t.Fatalf("%s is not known", step.Type)
		}
		change := state.New(kind.Name, step.Type, read(t, step.Data))
		told[change] = string(wire.Marshal(change.Data))
		after := canonical(t, step.Slice)
		if changed := once.Apply(change); !changed && after != before {
			t.Errorf("%s: nothing is said to have changed", step.Shows)
		} else if changed && after == before && takesOut(step.Type) {
			t.Errorf("%s: something is said to have changed", step.Shows)
		}
		expect(t, step.Shows, once, after)
		twice.Apply(change)
		if twice.Apply(change) && takesOut(step.Type) {
			t.Errorf("%s: something is said to have changed the second time", step.Shows)
		}
		expect(t, step.Shows+" (twice)", twice, after)
		before = after
	}
	for change, data := range told {
		if got := string(wire.Marshal(change.Data)); got != data {
			t.Errorf("the data of %s has become %s", change.Type, got)
		}
	}
}

// takesOut tells whether an event only takes something out. The others may
// count as a change where they put in what is there.
func takesOut(name string) bool {
	return slices.ContainsFunc([]string{"deleted", "ended", "left", "closed"}, func(end string) bool {
		return strings.HasSuffix(name, end)
	})
}

func expect(t *testing.T, what string, slice state.Slice, want string) {
	t.Helper()
	if got := string(wire.Marshal(slice)); got != want {
		t.Errorf("%s\nwant %s\ngot  %s", what, want, got)
	}
}

// canonical is the RFC 8785 form of an object.
func canonical(t *testing.T, data []byte) string {
	t.Helper()
	object, err := wire.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return string(wire.Marshal(object))
}

// Read reads JSON that has no member beyond those of T.
func Read[T any](t *testing.T, data []byte) *T {
	t.Helper()
	value := new(T)
	decode(t, data, value)
	return value
}

// Data is Read for Kind.Read.
func Data[T any](t *testing.T, data []byte) any { return Read[T](t, data) }

func decode(t *testing.T, data []byte, value any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
}
