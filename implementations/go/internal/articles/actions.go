package articles

import (
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Name implements session.Kind.
func (s *ArticleService) Name() string { return Kind }

// Actions implements session.Kind.
func (s *ArticleService) Actions() []state.Action {
	return []state.Action{
		state.Takes("article.create", readCreate, s.Create),
		state.Takes("article.update", readUpdate, s.UpdateArticle),
		state.Takes("article.delete", readRef, s.Delete),
		state.Takes("article.publish", readRef, s.Publish),
		state.Takes("article.edit_start", readRef, s.EditStart).On("article.edit.start", "article_id"),
		state.Takes("article.edit_end", readRef, s.EditEnd),
		state.Takes("article.select", readSelect, s.Select),
	}
}

// Data of the actions.
type (
	// Text is what an author says of an article, the data of article.create;
	// nil is not said.
	Text struct {
		Title, Slug, Subtitle, Leading, Content *string
		Tags                                    []string
	}
	// Update is the data of article.update.
	Update struct {
		ArticleID string
		Changes   Text
	}
	// Ref is the data of the actions that only name an article.
	Ref struct{ ArticleID string }
	// Selection is the data of article.select; nil is nothing.
	Selection struct{ ArticleID *string }
)

// maxID is the longest id that an article may be named by, in characters.
const maxID = 96

func readCreate(f wire.Fields) Text { return readText(f, true) }

func readText(f wire.Fields, titled bool) Text {
	return Text{
		Title:    f.OptText("title", titled),
		Slug:     f.OptText("slug", false),
		Subtitle: f.OptText("subtitle", false),
		Leading:  f.OptText("leading", false),
		Content:  f.OptText("content", false),
		Tags:     f.Texts("tags", false, nil, false),
	}
}

func readUpdate(f wire.Fields) Update {
	id := f.ID("article_id", maxID)
	changes, _ := f.Child("changes", true)
	return Update{ArticleID: id, Changes: readText(changes, false)}
}

func readRef(f wire.Fields) Ref { return Ref{ArticleID: f.ID("article_id", maxID)} }

func readSelect(f wire.Fields) Selection {
	if value, ok := f.Get("article_id", true); ok && value == nil {
		return Selection{}
	}
	return Selection{ArticleID: f.Bounded("article_id", maxID, true)}
}
