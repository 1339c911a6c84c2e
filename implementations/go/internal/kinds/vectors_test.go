package kinds

import (
	"slices"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/articles"
	"github.com/omnisession/omnisession/implementations/go/internal/vectors"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// taken reads the actions of all kinds, and finds their subjects.
func taken(t *testing.T) (wire.Taken, map[string]wire.Shared) {
	t.Helper()
	limits := wire.DefaultLimits
	all, err := New(t.Context(), Config{Limits: &limits, Store: articles.NewMemory()})
	if err != nil {
		t.Fatal(err)
	}
	readers := map[string]func(wire.Fields) any{"session.noop": func(wire.Fields) any { return nil }}
	shared := map[string]wire.Shared{}
	for _, group := range all.Groups {
		for _, kind := range group {
			for _, action := range kind.Actions() {
				readers[action.Type] = action.Read
				shared[action.Shared.Subject] = action.Shared
			}
		}
	}
	return func(name string) func(wire.Fields) any { return readers[name] }, shared
}

// subjects are where the actions of a schema come; the others come on those
// of users.
var subjects = map[string]string{
	"chat.messages.schema.json": "chat.messages", "article.edit.start.schema.json": "article.edit.start",
}

func TestActionVectors(t *testing.T) {
	t.Parallel()
	read, shared := taken(t)
	receive := func(t *testing.T, v vectors.Vector) *wire.Refusal {
		t.Helper()
		body, err := wire.Parse(v.Body)
		if err != nil {
			t.Fatal(err)
		}
		a, err := wire.ReadAction(shared[subjects[v.Definition]], body)
		if err == nil {
			_, err = a.Read(read)
		}
		return wire.RefusalOf(err)
	}
	for _, folder := range []string{"action", "shared"} {
		vectors.Each(t, "valid/"+folder, func(t *testing.T, v vectors.Vector) {
			// Types that the schemas leave open are none of this server's.
			if r := receive(t, v); r != nil && !(r.Code == wire.UnknownType && v.IsOpen()) {
				t.Errorf("refused with %d", r.Code)
			}
		})
		vectors.Each(t, "invalid/"+folder, func(t *testing.T, v vectors.Vector) {
			r := receive(t, v)
			if r == nil {
				t.Fatal("taken")
			}
			if r.Code != wire.Code(v.Want()) {
				t.Errorf("%s: %d, not %d", v.Why, r.Code, v.Want())
			}
			if r.Code == wire.SchemaInvalid {
				v.CheckPointer(t, *r.Details.Pointer)
			}
		})
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	want := []string{articles.Kind, "chat", "url", "user"}
	if got := Names(); !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}
