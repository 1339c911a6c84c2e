package articles

import (
	"slices"
	"strings"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/reducers"
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

func TestReducers(t *testing.T) {
	t.Parallel()
	changed := func(t *testing.T, data []byte) any {
		a := reducers.Read[wire.ArticleData](t, data).Article
		return &ArticleChange{Full: a, Bare: NewEntry(a)}
	}
	reducers.Run(t, reducers.Kind{
		Name: Kind,
		Make: func(t *testing.T, data []byte, limits *wire.Limits) state.Slice {
			s := reducers.Read[wire.ArticlesState](t, data)
			var entries []*Entry
			for _, a := range slices.Backward(s.Articles) {
				entries = append(entries, NewEntry(a))
			}
			slices.Reverse(s.Revisions)
			slices.Reverse(s.Editors)
			return newSlice(entries, s.CurrentArticle, s.Revisions, s.Editors, limits)
		},
		Read: map[string]func(*testing.T, []byte) any{
			"article.created":        changed,
			"article.updated":        changed,
			"article.deleted":        reducers.Data[wire.ArticleGone],
			"article.selected":       reducers.Data[wire.ArticleSelected],
			"article.revision_added": reducers.Data[wire.RevisionAdded],
			"article.edit_started":   reducers.Data[wire.Editor],
			"article.edit_ended":     reducers.Data[wire.Editor],
		},
	})
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
