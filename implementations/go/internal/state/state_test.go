package state

import (
	"strings"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func article(id string, revision int64, published int64) *ArticleChange {
	text := "text of " + id
	a := &wire.Article{ID: id, Revision: revision, Content: &text, Tags: []string{}}
	if published > 0 {
		a.PublishedAt = &published
	}
	return &ArticleChange{a, NewEntry(a)}
}

func ids(s *Articles) string {
	var list []string
	for _, e := range s.entries {
		list = append(list, e.ID)
	}
	return strings.Join(list, " ")
}

func TestArticlesFold(t *testing.T) {
	limits := wire.DefaultLimits
	limits.Articles, limits.Revisions = 4, 2
	s := NewArticles(nil, nil, nil, nil, &limits)
	apply := func(name string, data any) bool { return s.Apply(New(name, data)) }
	apply("article.created", article("b", 1, 0))
	apply("article.created", article("a", 1, 0))
	apply("article.created", article("old", 1, 5))
	apply("article.created", article("new", 1, 7))
	if got := ids(s); got != "a b new old" {
		t.Errorf("drafts first, then the newest: %s", got)
	}
	apply("article.updated", article("b", 2, 9))
	apply("article.created", article("x", 1, 5))
	if got := ids(s); got != "a b new old" {
		t.Errorf("sorted, then cut: %s", got)
	}
	current := article("a", 1, 0)
	apply("article.selected", &wire.ArticleSelected{Article: current.Full, Revisions: []wire.Revision{{ArticleID: "a", Revision: 1}}})
	for n := int64(2); n < 5; n++ {
		apply("article.revision_added", &wire.RevisionAdded{Revision: wire.Revision{ArticleID: "a", Revision: n}})
	}
	apply("article.revision_added", &wire.RevisionAdded{Revision: wire.Revision{ArticleID: "b", Revision: 9}})
	if len(s.revisions) != 2 || s.revisions[0].Revision != 4 {
		t.Errorf("revisions: %+v", s.revisions)
	}
	apply("article.edit_started", &wire.Editor{ArticleID: "a", UserID: "u", Since: 1})
	if !apply("article.deleted", &wire.ArticleGone{ArticleID: "a"}) || apply("article.deleted", &wire.ArticleGone{ArticleID: "a"}) {
		t.Error("a deletion changes something once")
	}
	want := `"current_article":null,"editors":[],"revisions":[],"type":"articles"}`
	if got := string(wire.Marshal(s)); !strings.HasSuffix(got, want) {
		t.Errorf("after the deletion: %s", got)
	}
}

func TestContentOnlyWhereSelected(t *testing.T) {
	limits := wire.DefaultLimits
	change := New("article.updated", article("a", 2, 0))
	away := NewArticles(nil, nil, nil, nil, &limits)
	here := NewArticles(nil, article("a", 1, 0).Full, nil, nil, &limits)
	if got := string(away.View(change)); strings.Contains(got, "text of") {
		t.Errorf("content goes to everybody: %s", got)
	}
	if got := string(here.View(change)); !strings.Contains(got, "text of") {
		t.Errorf("content is missing: %s", got)
	}
	if away.View(New("article.revision_added", &wire.RevisionAdded{})) != nil {
		t.Error("a revision is told where nothing is selected")
	}
}

func TestChatFold(t *testing.T) {
	limits := wire.DefaultLimits
	limits.ChatMessages = 2
	s := NewChat(nil, nil, nil, &limits)
	for _, id := range []string{"1", "2", "3"} {
		s.Apply(New("chat.message_added", &wire.MessageData{Message: wire.ChatMessage{ID: id}}))
	}
	if s.messages[0].ID != "3" || len(s.messages) != 2 {
		t.Errorf("newest first, cut at the end: %+v", s.messages)
	}
	edited := New("chat.message_edited", &wire.MessageData{Message: wire.ChatMessage{ID: "2", Content: "x"}})
	if !s.Apply(edited) || s.messages[1].Content != "x" {
		t.Error("an edit keeps the place")
	}
	gone := New("chat.message_edited", &wire.MessageData{Message: wire.ChatMessage{ID: "1"}})
	if s.Apply(gone) || len(s.messages) != 2 {
		t.Error("an edit brings nothing back")
	}
	for _, id := range []string{"é", "z", "Z", "é", "😀", "\uffff"} {
		s.Apply(New("chat.typing_changed", &wire.TypingData{UserID: id, Active: true}))
	}
	if got := strings.Join(s.typing, ""); got != "Zzé\uffff😀" {
		t.Errorf("by code point, each once: %q", got)
	}
}

func TestDigestOfTheSpecification(t *testing.T) {
	limits := wire.DefaultLimits
	got := string(wire.Marshal(NewArticles(nil, nil, nil, nil, &limits)))
	if want := `{"articles":[],"current_article":null,"editors":[],"revisions":[],"type":"articles"}`; got != want {
		t.Errorf("%s", got)
	}
}

func TestSlicesAreCanonical(t *testing.T) {
	limits := wire.DefaultLimits
	email := "u@example.org"
	for _, s := range []Slice{
		NewArticles([]*Entry{article("a", 1, 3).Bare}, article("a", 1, 3).Full, nil, []wire.Editor{{}}, &limits),
		NewChat([]wire.ChatMessage{{ID: "<&>\u2028"}}, []wire.Participant{{}}, []string{"u"}, &limits),
		NewURLs([]wire.ShortURL{{ID: "1"}, {ID: "0"}}, &limits),
		NewUser(wire.User{ID: "u", Email: &email}, []string{}, []wire.SessionInfo{{Kinds: []string{}}}, &limits),
	} {
		data := wire.Marshal(s)
		object, err := wire.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		if again := wire.Marshal(object); string(again) != string(data) {
			t.Errorf("not canonical:\n%s\n%s", data, again)
		}
	}
}
