// Package articles serves the kind articles: drafts and published articles,
// their revisions, and who edits them.
package articles

import (
	"crypto/rand"
	"strings"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// ArticleService carries out the actions on articles. Its caller lets one
// goroutine at a time in.
type ArticleService struct {
	store    Store
	limits   *wire.Limits
	now      state.Clock
	selected map[sessionKey]string // article id
}

type sessionKey struct{ user, session string }

// NewService returns a service on a store.
func NewService(store Store, limits *wire.Limits, now state.Clock) *ArticleService {
	return &ArticleService{store, limits, now, map[sessionKey]string{}}
}

func notFound() *wire.Error { return wire.Refuse(wire.NotFound, "There is no such article.") }

// reads tells whether a user may read an article.
func reads(v state.Viewer, a *wire.Article) bool {
	return a.PublishedAt != nil || a.AuthorID == v.UserID || v.EditAny
}

func writes(v state.Viewer, a *wire.Article) bool { return a.AuthorID == v.UserID || v.EditAny }

// readers is the audience of a change of an article.
func readers(a *wire.Article) func(state.Viewer) bool {
	if a.PublishedAt != nil {
		return nil
	}
	return func(v state.Viewer) bool { return reads(v, a) }
}

// find returns an article that the user may read, and write if asked, with
// the revision that the action expects.
func (s *ArticleService) find(by state.Viewer, id string, write bool, expect *int64) (*Record, *wire.Error) {
	record, ok := s.store.Get(id)
	switch {
	case !ok || !reads(by, record.Article):
		return nil, notFound()
	case write && !writes(by, record.Article):
		return nil, wire.Refuse(wire.Forbidden, "Only its author and editors may do that.")
	case expect != nil && *expect != record.Article.Revision:
		e := wire.Refuse(wire.RevisionConflict, "The article has changed; look at it again.")
		e.Details = &wire.Details{Revision: record.Article.Revision}
		return nil, e
	}
	return record, nil
}

// set returns the text where it was given, else what is there.
func set(given *string, old string) string {
	if given == nil {
		return old
	}
	return *given
}

// changed returns a copy of an article with what an author says of it.
func changed(old *wire.Article, text *wire.ArticleText) *wire.Article {
	a := *old
	a.Title = set(text.Title, a.Title)
	a.Slug = set(text.Slug, a.Slug)
	a.Subtitle = set(text.Subtitle, a.Subtitle)
	a.Leading = set(text.Leading, a.Leading)
	if text.Content != nil {
		a.Content = text.Content
	}
	if text.Tags != nil {
		a.Tags = text.Tags
	}
	return &a
}

// fits checks the sizes of an article, with room for numbers that may come.
func (s *ArticleService) fits(a *wire.Article) *wire.Error {
	if a.Content != nil && int64(wire.Size(*a.Content)) > s.limits.ArticleContent {
		return wire.Refuse(wire.TooLarge, "The content is above limits.article_content; make it shorter.")
	}
	longest := int64(wire.MaxInt)
	widest := *a
	widest.Revision, widest.PublishedAt = longest, &longest
	if int64(state.NewEntry(&widest).Size()) > s.limits.ArticleRest {
		return wire.Refuse(wire.TooLarge, "All but the content is above limits.article_rest; make it shorter.")
	}
	return nil
}

// save stores an article that has a new revision, and returns the changes.
func (s *ArticleService) save(record *Record, a *wire.Article, by string, name string) []*state.Change {
	record.Article, record.Entry = a, state.NewEntry(a)
	revision := wire.Revision{
		ArticleID: a.ID, Revision: a.Revision, AuthorID: by, Title: a.Title, Timestamp: s.now(),
	}
	record.Revisions = append([]wire.Revision{revision}, record.Revisions...)
	if most := int(s.limits.Revisions); len(record.Revisions) > most {
		record.Revisions = record.Revisions[:most]
	}
	s.store.Put(record)
	changes := []*state.Change{state.New(name, &state.ArticleChange{Full: a, Bare: record.Entry})}
	if a.Revision > 1 {
		changes = append(changes, state.New("article.revision_added", &wire.RevisionAdded{Revision: revision}))
	}
	for _, change := range changes {
		change.Reaches = readers(a)
	}
	return changes
}

func (s *ArticleService) hint(change *state.Change, id string, data any) *wire.Hint {
	return &wire.Hint{
		V: wire.Version, Type: change.Type, EventID: change.ID, ArticleID: id, Timestamp: s.now(), Data: data,
	}
}

// Create makes a draft.
func (s *ArticleService) Create(by state.Viewer, name string, text *wire.ArticleText) (state.Effects, *wire.Error) {
	id := "a-" + rand.Text()
	empty := ""
	a := changed(&wire.Article{
		ID: id, Slug: slug(*text.Title, id), AuthorID: by.UserID, Author: name, Revision: 1,
		Content: &empty, Tags: []string{}, StructVersion: 1,
	}, text)
	if err := s.fits(a); err != nil {
		return state.Effects{}, err
	}
	record := &Record{edits: map[string]*edit{}}
	return state.Effects{
		Result:  &wire.Result{ArticleID: id},
		Changes: s.save(record, a, by.UserID, "article.created"),
	}, nil
}

// slug makes a slug of a title: what is there of plain letters and digits,
// with an end that no other article has.
func slug(title, id string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(title) {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 64 {
			break
		}
	}
	return strings.TrimPrefix(strings.TrimSuffix(b.String(), "-")+"-"+strings.ToLower(id[2:10]), "-")
}

// UpdateArticle changes what an author says of an article.
func (s *ArticleService) UpdateArticle(
	by state.Viewer, update *wire.ArticleUpdate, expect *int64,
) (state.Effects, *wire.Error) {
	record, err := s.find(by, update.ArticleID, true, expect)
	if err != nil {
		return state.Effects{}, err
	}
	a := changed(record.Article, &update.Changes)
	a.Revision++
	if err := s.fits(a); err != nil {
		return state.Effects{}, err
	}
	effects := state.Effects{Changes: s.save(record, a, by.UserID, "article.updated")}
	if a.PublishedAt != nil {
		effects.Hints = []*wire.Hint{s.hint(effects.Changes[0], a.ID, &wire.ArticleData{Article: a})}
	}
	return effects, nil
}

// Publish makes a draft readable for all. Who becomes a reader by it is told
// the edits that run.
func (s *ArticleService) Publish(by state.Viewer, id string, expect *int64) (state.Effects, *wire.Error) {
	record, err := s.find(by, id, true, expect)
	if err != nil || record.Article.PublishedAt != nil {
		return state.Effects{}, err
	}
	draft, a, now := record.Article, *record.Article, s.now()
	a.PublishedAt = &now
	a.Revision++
	effects := state.Effects{Changes: s.save(record, &a, by.UserID, "article.updated")}
	effects.Hints = []*wire.Hint{s.hint(effects.Changes[0], a.ID, &wire.ArticleData{Article: &a})}
	for user, e := range record.edits {
		started := state.New("article.edit_started", &wire.Editor{ArticleID: id, UserID: user, Since: e.since})
		started.Reaches = func(v state.Viewer) bool { return !reads(v, draft) }
		effects.Changes = append(effects.Changes, started)
	}
	return effects, nil
}

// Delete removes an article with its revisions and edits.
func (s *ArticleService) Delete(by state.Viewer, id string, expect *int64) (state.Effects, *wire.Error) {
	record, err := s.find(by, id, true, expect)
	if err != nil {
		return state.Effects{}, err
	}
	s.store.Delete(id)
	for key, selected := range s.selected {
		if selected == id {
			delete(s.selected, key)
		}
	}
	gone := state.New("article.deleted", &wire.ArticleGone{ArticleID: id})
	gone.Reaches = readers(record.Article)
	effects := state.Effects{Changes: []*state.Change{gone}}
	if record.Article.PublishedAt != nil {
		effects.Hints = []*wire.Hint{s.hint(gone, id, gone.Data)}
	}
	return effects, nil
}
