package articles

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

var (
	ann    = as("ann", "a1")
	second = as("ann", "a2")
	bob    = as("bob", "b1")
	editor = as("eve", "e1", editAny)
)

func as(user, session string, permissions ...string) state.By {
	return state.By{Viewer: &state.Viewer{UserID: user, SessionID: session, Permissions: permissions}}
}

func expecting(by state.By, revision int64) state.By {
	by.Expect = &revision
	return by
}

func service(t *testing.T, store Store) *ArticleService {
	t.Helper()
	limits, now := wire.DefaultLimits, int64(0)
	tick := func() int64 { now++; return now }
	s, err := NewService(t.Context(), store, &limits, tick, func(user string) string { return "Ms " + user })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func create(t *testing.T, s *ArticleService) string {
	t.Helper()
	title := "Zoë & co"
	made, err := s.Create(t.Context(), ann, Text{Title: &title})
	if err != nil {
		t.Fatal(err)
	}
	return made.Result.ArticleID
}

func reaches(change *state.Change, by state.By) bool { return change.Reaches(by.Viewer) }

func TestADraftIsAsMissing(t *testing.T) {
	t.Parallel()
	s, ctx := service(t, NewMemory()), t.Context()
	id := create(t, s)
	_, hidden := s.UpdateArticle(ctx, bob, Update{ArticleID: id})
	_, missing := s.UpdateArticle(ctx, bob, Update{ArticleID: "a-0"})
	one, other := wire.Marshal(wire.RefusalOf(hidden)), wire.Marshal(wire.RefusalOf(missing))
	if wire.CodeOf(hidden) != wire.NotFound || string(one) != string(other) {
		t.Errorf("%s and %s", one, other)
	}
	effects, err := s.UpdateArticle(ctx, editor, Update{ArticleID: id})
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range effects.Changes {
		if reaches(change, bob) || !reaches(change, ann) || !reaches(change, editor) {
			t.Errorf("%s reaches the wrong users", change.Type)
		}
	}
	if effects.Hints != nil {
		t.Error("a draft is hinted")
	}
}

func TestExpectComesAfterRights(t *testing.T) {
	t.Parallel()
	s, ctx := service(t, NewMemory()), t.Context()
	id := create(t, s)
	update := Update{ArticleID: id}
	if _, err := s.UpdateArticle(ctx, expecting(bob, 7), update); wire.CodeOf(err) != wire.NotFound {
		t.Errorf("%v", err)
	}
	if _, err := s.UpdateArticle(ctx, expecting(ann, 7), update); wire.CodeOf(err) != wire.RevisionConflict {
		t.Errorf("%v", err)
	}
	if _, err := s.Publish(ctx, ann, Ref{ArticleID: id}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UpdateArticle(ctx, expecting(bob, 7), update); wire.CodeOf(err) != wire.Forbidden {
		t.Errorf("%v", err)
	}
	if _, err := s.Select(ctx, expecting(ann, 7), Selection{}); err != nil {
		t.Errorf("a selection of null has no revision: %v", err)
	}
}

func TestNewReadersAreToldTheEdits(t *testing.T) {
	t.Parallel()
	s, ctx := service(t, NewMemory()), t.Context()
	ref := Ref{ArticleID: create(t, s)}
	if _, err := s.EditStart(ctx, editor, ref); err != nil {
		t.Fatal(err)
	}
	effects, err := s.Publish(ctx, ann, ref)
	if err != nil || len(effects.Changes) != 3 {
		t.Fatalf("%v, %v", effects, err)
	}
	started := effects.Changes[2]
	if started.Type != "article.edit_started" || !reaches(started, bob) || reaches(started, ann) {
		t.Errorf("%s reaches the wrong users", started.Type)
	}
	again, err := s.Publish(ctx, ann, ref)
	if err != nil || again.Changes != nil {
		t.Error("a second publish changes something")
	}
}

func TestAnEditBelongsToItsSessions(t *testing.T) {
	t.Parallel()
	s, ctx := service(t, NewMemory()), t.Context()
	ref := Ref{ArticleID: create(t, s)}
	for i, by := range []state.By{ann, second, ann} {
		made, err := s.EditStart(ctx, by, ref)
		if err != nil || (len(made.Changes) == 1) != (i == 0) {
			t.Fatalf("%d: %v, %v", i, made, err)
		}
	}
	if effects, err := s.EditEnd(ctx, ann, ref); err != nil || effects.Changes != nil {
		t.Errorf("the edit ends with the first of two sessions: %v", err)
	}
	if changes, err := s.End(ctx, ann.Viewer); err != nil || changes != nil {
		t.Errorf("an end of a session without the edit ends it: %v", err)
	}
	if changes, err := s.End(ctx, second.Viewer); err != nil || len(changes) != 1 {
		t.Errorf("the edit outlives its last session: %v", err)
	}
	if record, _ := s.store.Get(ctx, ref.ArticleID); len(record.Edits) != 0 || len(s.editing) != 0 {
		t.Errorf("what is left: %+v, %v", record.Edits, s.editing)
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	s, ctx := service(t, NewMemory()), t.Context()
	id := create(t, s)
	for _, c := range []struct {
		name string
		size int64
		want wire.Code
	}{
		{"as long as may be", s.limits.ArticleContent - 2, 0},
		{"a byte too long", s.limits.ArticleContent - 1, wire.TooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Repeat("x", int(c.size))
			_, err := s.UpdateArticle(ctx, ann, Update{ArticleID: id, Changes: Text{Content: &text}})
			if wire.CodeOf(err) != c.want {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("a title above the rest", func(t *testing.T) {
		long := strings.Repeat("x", int(s.limits.ArticleRest))
		if _, err := s.Create(ctx, ann, Text{Title: &long}); wire.CodeOf(err) != wire.TooLarge {
			t.Errorf("%v", err)
		}
	})
}

// Records of a store are shared: what was given away is not written to.
func TestRecordsStay(t *testing.T) {
	t.Parallel()
	s, ctx := service(t, NewMemory()), t.Context()
	id := create(t, s)
	var seen []Record
	var looks []string
	look := func() {
		record, err := s.store.Get(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, record)
		looks = append(looks, fmt.Sprintf("%+v", record))
	}
	look()
	title := "another"
	for _, do := range []func() error{
		func() error { _, err := s.EditStart(ctx, ann, Ref{ArticleID: id}); return err },
		func() error { _, err := s.EditStart(ctx, second, Ref{ArticleID: id}); return err },
		func() error { _, err := s.EditStart(ctx, editor, Ref{ArticleID: id}); return err },
		func() error {
			_, err := s.UpdateArticle(ctx, ann, Update{ArticleID: id, Changes: Text{Title: &title}})
			return err
		},
		func() error { _, err := s.EditEnd(ctx, ann, Ref{ArticleID: id}); return err },
		func() error { _, err := s.Publish(ctx, ann, Ref{ArticleID: id}); return err },
		func() error { _, err := s.End(ctx, editor.Viewer); return err },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
		look()
	}
	for i, record := range seen {
		if got := fmt.Sprintf("%+v", record); got != looks[i] {
			t.Errorf("record %d was written to:\n%s\n%s", i, looks[i], got)
		}
	}
}

func TestEditsOfAnEarlierRunEnd(t *testing.T) {
	t.Parallel()
	store, ctx := NewMemory(), t.Context()
	id := create(t, service(t, store))
	if _, err := service(t, store).EditStart(ctx, ann, Ref{ArticleID: id}); err != nil {
		t.Fatal(err)
	}
	service(t, store)
	record, err := store.Get(ctx, id)
	if err != nil || len(record.Edits) != 0 || record.Article.Title != "Zoë & co" {
		t.Errorf("%+v, %v", record, err)
	}
}

// broken fails after some calls.
type broken struct {
	*Memory
	left int
}

var errBroken = errors.New("the disk is full")

func (b *broken) fault() error {
	if b.left--; b.left < 0 {
		return errBroken
	}
	return nil
}

func (b *broken) Get(ctx context.Context, id string) (Record, error) {
	if err := b.fault(); err != nil {
		return Record{}, err
	}
	return b.Memory.Get(ctx, id)
}

func (b *broken) Put(ctx context.Context, record Record) error {
	if err := b.fault(); err != nil {
		return err
	}
	return b.Memory.Put(ctx, record)
}

func (b *broken) All(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for record := range b.Memory.All(ctx) {
			if !yield(record, nil) {
				return
			}
		}
		if err := b.fault(); err != nil {
			yield(Record{}, err)
		}
	}
}

// Wherever a store fails, the fault is no refusal, and nothing half is done.
func TestAStoreThatFails(t *testing.T) {
	t.Parallel()
	for calls, name := range []string{"at once", "when it puts"} {
		t.Run(name, func(t *testing.T) {
			store := &broken{Memory: NewMemory(), left: 1_000}
			s, ctx := service(t, store), t.Context()
			id := create(t, s)
			before, _ := store.Memory.Get(ctx, id)
			title := "another"
			for _, do := range []func() (state.Effects, error){
				func() (state.Effects, error) {
					return s.UpdateArticle(ctx, ann, Update{ArticleID: id, Changes: Text{Title: &title}})
				},
				func() (state.Effects, error) { return s.Publish(ctx, ann, Ref{ArticleID: id}) },
				func() (state.Effects, error) { return s.EditStart(ctx, ann, Ref{ArticleID: id}) },
			} {
				store.left = calls
				effects, err := do()
				if !errors.Is(err, errBroken) || wire.RefusalOf(err) != nil || len(effects.Changes) > 0 {
					t.Errorf("%v, %v", effects, err)
				}
			}
			after, _ := store.Memory.Get(ctx, id)
			if fmt.Sprint(before) != fmt.Sprint(after) || len(s.editing) != 0 {
				t.Errorf("%+v has become %+v", before, after)
			}
		})
	}
	t.Run("at the start", func(t *testing.T) {
		limits := wire.DefaultLimits
		if _, err := NewService(t.Context(), &broken{Memory: NewMemory()}, &limits, nil, nil); !errors.Is(err, errBroken) {
			t.Errorf("%v", err)
		}
	})
	t.Run("for a slice", func(t *testing.T) {
		s := service(t, &broken{Memory: NewMemory(), left: 1})
		if slice, err := s.Slice(t.Context(), ann.Viewer); !errors.Is(err, errBroken) || slice != nil {
			t.Errorf("%v, %v", slice, err)
		}
	})
	t.Run("in the midst of an end", func(t *testing.T) {
		store := &broken{Memory: NewMemory(), left: 1_000}
		s, ctx := service(t, store), t.Context()
		for range 3 {
			if _, err := s.EditStart(ctx, ann, Ref{ArticleID: create(t, s)}); err != nil {
				t.Fatal(err)
			}
		}
		store.left = 3
		ended, err := s.End(ctx, ann.Viewer)
		if !errors.Is(err, errBroken) || len(ended) != 1 {
			t.Fatalf("%d edits ended, %v", len(ended), err)
		}
		store.left = 1_000
		rest, err := s.End(ctx, ann.Viewer)
		if err != nil || len(rest) != 2 {
			t.Errorf("then %d edits ended, %v", len(rest), err)
		}
	})
}

func TestSliceShowsWhatMayBeRead(t *testing.T) {
	t.Parallel()
	s, ctx := service(t, NewMemory()), t.Context()
	draft, public := create(t, s), create(t, s)
	if _, err := s.Publish(ctx, ann, Ref{ArticleID: public}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Select(ctx, bob, Selection{ArticleID: &public}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		by      state.By
		want    []string
		current string
	}{
		{"its author", ann, []string{draft, public}, ""},
		{"an editor", editor, []string{draft, public}, ""},
		{"a reader", bob, []string{public}, public},
	} {
		t.Run(c.name, func(t *testing.T) {
			shown, err := s.Slice(ctx, c.by.Viewer)
			if err != nil {
				t.Fatal(err)
			}
			slice := shown.(*Slice)
			var listed []string
			for _, e := range slice.entries {
				listed = append(listed, e.ID)
			}
			if !slices.Equal(listed, c.want) {
				t.Errorf("%v, not %v", listed, c.want)
			}
			if current := slice.current; (current != nil) != (c.current != "") {
				t.Errorf("the current article is %v", current)
			}
		})
	}
}
