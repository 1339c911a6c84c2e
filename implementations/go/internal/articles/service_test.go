package articles

import (
	"strings"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

var (
	ann    = state.Viewer{UserID: "ann", SessionID: "a1"}
	bob    = state.Viewer{UserID: "bob", SessionID: "b1"}
	editor = state.Viewer{UserID: "eve", SessionID: "e1", EditAny: true}
)

func service() *ArticleService {
	limits, now := wire.DefaultLimits, int64(0)
	return NewService(NewMemory(), &limits, func() int64 { now++; return now })
}

func create(t *testing.T, s *ArticleService) string {
	t.Helper()
	title := "Zoë & co"
	made, err := s.Create(ann, "Ann", &wire.ArticleText{Title: &title})
	if err != nil {
		t.Fatal(err)
	}
	return made.Result.ArticleID
}

func code(err *wire.Error) wire.Code {
	if err == nil {
		return 0
	}
	return err.Code
}

func TestADraftIsAsMissing(t *testing.T) {
	s := service()
	id := create(t, s)
	_, hidden := s.UpdateArticle(bob, &wire.ArticleUpdate{ArticleID: id}, nil)
	_, missing := s.UpdateArticle(bob, &wire.ArticleUpdate{ArticleID: "a-0"}, nil)
	if code(hidden) != wire.NotFound || string(wire.Marshal(hidden)) != string(wire.Marshal(missing)) {
		t.Errorf("%v and %v", hidden, missing)
	}
	effects, _ := s.UpdateArticle(editor, &wire.ArticleUpdate{ArticleID: id}, nil)
	for _, change := range effects.Changes {
		if change.Reaches(bob) || !change.Reaches(ann) || !change.Reaches(editor) {
			t.Errorf("%s reaches the wrong users", change.Type)
		}
	}
	if effects.Hints != nil {
		t.Error("a draft is hinted")
	}
}

func TestExpectComesAfterRights(t *testing.T) {
	s := service()
	id := create(t, s)
	seven := int64(7)
	if _, err := s.UpdateArticle(bob, &wire.ArticleUpdate{ArticleID: id}, &seven); code(err) != wire.NotFound {
		t.Errorf("%v", err)
	}
	if _, err := s.UpdateArticle(ann, &wire.ArticleUpdate{ArticleID: id}, &seven); code(err) != wire.RevisionConflict {
		t.Errorf("%v", err)
	}
	if _, err := s.Publish(ann, id, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UpdateArticle(bob, &wire.ArticleUpdate{ArticleID: id}, &seven); code(err) != wire.Forbidden {
		t.Errorf("%v", err)
	}
	if _, err := s.Select(ann, nil, &seven); err != nil {
		t.Errorf("a selection of null has no revision: %v", err)
	}
}

func TestNewReadersAreToldTheEdits(t *testing.T) {
	s := service()
	id := create(t, s)
	if _, err := s.EditStart(editor, id, nil); err != nil {
		t.Fatal(err)
	}
	effects, err := s.Publish(ann, id, nil)
	if err != nil || len(effects.Changes) != 3 {
		t.Fatalf("%v, %v", effects, err)
	}
	started := effects.Changes[2]
	if started.Type != "article.edit_started" || !started.Reaches(bob) || started.Reaches(ann) {
		t.Errorf("%s reaches the wrong users", started.Type)
	}
	again, err := s.Publish(ann, id, nil)
	if err != nil || again.Changes != nil {
		t.Error("a second publish changes something")
	}
}

func TestAnEditBelongsToItsSessions(t *testing.T) {
	s := service()
	id := create(t, s)
	second := state.Viewer{UserID: "ann", SessionID: "a2"}
	for _, by := range []state.Viewer{ann, second, ann} {
		if _, err := s.EditStart(by, id, nil); err != nil {
			t.Fatal(err)
		}
	}
	if effects, _ := s.EditEnd(ann, id, nil); effects.Changes != nil {
		t.Error("the edit ends with the first of two sessions")
	}
	if changes := s.EndSession("ann", "a1"); changes != nil {
		t.Error("an end of a session without the edit ends it")
	}
	if changes := s.EndSession("ann", "a2"); len(changes) != 1 {
		t.Error("the edit outlives its last session")
	}
}

func TestSizes(t *testing.T) {
	s := service()
	id := create(t, s)
	for size, want := range map[int]wire.Code{int(s.limits.ArticleContent) - 2: 0, int(s.limits.ArticleContent) - 1: wire.TooLarge} {
		text := strings.Repeat("x", size)
		update := &wire.ArticleUpdate{ArticleID: id, Changes: wire.ArticleText{Content: &text}}
		if _, err := s.UpdateArticle(ann, update, nil); code(err) != want {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	long := strings.Repeat("x", int(s.limits.ArticleRest))
	if _, err := s.Create(ann, "Ann", &wire.ArticleText{Title: &long}); code(err) != wire.TooLarge {
		t.Errorf("%v", err)
	}
}
