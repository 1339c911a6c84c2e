package session

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/omnisession/omnisession/implementations/go/internal/articles"
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// notes is a kind that nothing but this file knows of: each user has a list of
// texts.
type notes struct{ of map[string][]string }

type note struct {
	Text string `json:"text"`
}

func (n *notes) Name() string { return "notes" }

func (n *notes) Actions() []state.Action {
	return []state.Action{
		state.Takes("note.add", func(f wire.Fields) note { return note{Text: f.Text("text")} }, n.add).
			On("note.additions", "text"),
	}
}

func (n *notes) add(_ context.Context, by state.By, data note) (state.Effects, error) {
	if slices.Contains(n.of[by.UserID], data.Text) {
		return state.Effects{}, wire.Refuse(wire.RuleViolation, "This is noted already.")
	}
	n.of[by.UserID] = append(n.of[by.UserID], data.Text)
	added := state.New("notes", "note.added", &data)
	added.User = by.UserID
	return state.Effects{Changes: []*state.Change{added}}, nil
}

func (n *notes) Open(context.Context, *state.Viewer) ([]*state.Change, error) { return nil, nil }

func (n *notes) End(context.Context, *state.Viewer) ([]*state.Change, error) { return nil, nil }

func (n *notes) Slice(_ context.Context, v *state.Viewer) (state.Slice, error) {
	return &notesSlice{notes: slices.Clone(n.of[v.UserID])}, nil
}

type notesSlice struct{ notes []string }

func (s *notesSlice) Apply(c *state.Change) bool {
	s.notes = append(s.notes, c.Data.(*note).Text)
	return true
}

func (s *notesSlice) View(c *state.Change) wire.Raw { return c.Raw() }

func (s *notesSlice) AppendJSON(b []byte) []byte {
	return append(wire.Append(append(b, `{"notes":`...), s.notes), `,"type":"notes"}`...)
}

// A kind of one file is served by one line more in the list of kinds.
func TestANewKind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		c := config(t, b, articles.NewMemory())
		c.Groups = append(c.Groups, Group{&notes{of: map[string][]string{}}})
		c.Kinds = append(c.Kinds, "notes")
		h := start(t, c)
		data := opening([]any{"notes"}, []any{}, wire.Object{"coalesce_ms": wire.Number("0")})
		for _, user := range []string{"ann", "bob"} {
			ask(t, h, user, user, wire.TypeOpen, data, "_INBOX."+user)
		}
		synctest.Wait()
		if opened := h.kinds.types; !slices.Contains(opened, "note.add") || !slices.Contains(h.Profiles(), "notes") {
			t.Errorf("it is not declared: %v", opened)
		}
		action(t, h, "ann", "ann", 1, "a", "note.add", wire.Object{"text": "x"})
		on := h.Shared()[len(h.Shared())-1]
		shared, err := wire.ReadAction(on, wire.Object{
			"v": "1.0", "user_id": "ann", "session_id": "ann", "action_id": "b", "client_seq": wire.Number("2"),
			"type": "note.add", "timestamp": wire.Number("1"), "text": "x",
		})
		if err != nil || on.Subject != "note.additions" {
			t.Fatal(on, err)
		}
		if err := h.Action(shared, "", ""); err != nil {
			t.Fatal(err)
		}
		action(t, h, "ann", "ann", 3, "c", "note.add", wire.Object{"words": "x"})
		synctest.Wait()
		var got []string
		for _, m := range b.on(".ann.control") {
			got = append(got, m.Data.Status+fmt.Sprint(code(m.Data.Error)))
		}
		if want := []string{"applied0", "4220", "4001"}; !slices.Equal(got, want) {
			t.Errorf("%v, not %v", got, want)
		}
		if own, others := len(b.on(".ann.state")), len(b.on(".bob.state")); own != 2 || others != 1 {
			t.Errorf("%d states of its own session, %d of another's", own, others)
		}
	})
}
