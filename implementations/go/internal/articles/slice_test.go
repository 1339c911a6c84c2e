package articles

import (
	"strings"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func article(id string, revision int64, published int64) *ArticleChange {
	text := "text of " + id
	a := &wire.Article{ID: id, Revision: revision, Content: &text, Tags: []string{}}
	if published > 0 {
		a.PublishedAt = &published
	}
	return &ArticleChange{Full: a, Bare: NewEntry(a)}
}

func ids(s *Slice) string {
	var list []string
	for _, e := range s.entries {
		list = append(list, e.ID)
	}
	return strings.Join(list, " ")
}

func TestArticlesFold(t *testing.T) {
	t.Parallel()
	limits := wire.DefaultLimits
	limits.Articles, limits.Revisions = 4, 2
	s := newSlice(nil, nil, nil, nil, &limits)
	apply := func(name string, data any) bool { return s.Apply(state.New(Kind, name, data)) }
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
	t.Parallel()
	limits := wire.DefaultLimits
	change := state.New(Kind, "article.updated", article("a", 2, 0))
	away := newSlice(nil, nil, nil, nil, &limits)
	here := newSlice(nil, article("a", 1, 0).Full, nil, nil, &limits)
	if got := string(away.View(change)); strings.Contains(got, "text of") {
		t.Errorf("content goes to everybody: %s", got)
	}
	if got := string(here.View(change)); !strings.Contains(got, "text of") {
		t.Errorf("content is missing: %s", got)
	}
	if away.View(state.New(Kind, "article.revision_added", &wire.RevisionAdded{})) != nil {
		t.Error("a revision is told where nothing is selected")
	}
}

func TestDigestOfTheSpecification(t *testing.T) {
	t.Parallel()
	limits := wire.DefaultLimits
	got := string(wire.Marshal(newSlice(nil, nil, nil, nil, &limits)))
	if want := `{"articles":[],"current_article":null,"editors":[],"revisions":[],"type":"articles"}`; got != want {
		t.Errorf("%s", got)
	}
}

func TestSliceIsCanonical(t *testing.T) {
	t.Parallel()
	limits := wire.DefaultLimits
	one, current := article("a", 1, 3), article("a", 1, 3).Full
	s := newSlice([]*Entry{one.Bare}, current, nil, []wire.Editor{{}}, &limits)
	data := wire.Marshal(s)
	object, err := wire.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if again := wire.Marshal(object); string(again) != string(data) {
		t.Errorf("not canonical:\n%s\n%s", data, again)
	}
}
