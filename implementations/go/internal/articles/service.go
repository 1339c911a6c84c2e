// Package articles serves the kind articles: drafts and published articles,
// their revisions, and who edits them.
//
// What is said of an article is in the Store, and nowhere else: the service
// holds what belongs to live sessions, and reads the rest when it needs it. An
// action first asks the store to keep the new record, and only then makes the
// changes that tell of it, so a store that fails leaves nothing half done.
package articles

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Kind is the name of the kind.
const Kind = "articles"

// editAny is the permission to read and change what others wrote.
const editAny = "post_edit_any"

// ArticleService carries out the actions on articles. Its caller lets one
// goroutine at a time in.
type ArticleService struct {
	store    Store
	limits   *wire.Limits
	now      state.Clock
	name     func(user string) string
	selected map[sessionKey]string          // article id
	editing  map[sessionKey]map[string]bool // article ids
	entries  map[string]*Entry              // of articles that were listed, by id
}

type sessionKey struct{ user, session string }

func keyOf(v *state.Viewer) sessionKey { return sessionKey{user: v.UserID, session: v.SessionID} }

// NewService returns a service on a store; name tells what a user is called.
// Sessions do not outlive the service, so edits that the store still has of an
// earlier one end here.
func NewService(
	ctx context.Context, store Store, limits *wire.Limits, now state.Clock, name func(user string) string,
) (*ArticleService, error) {
	s := &ArticleService{
		store: store, limits: limits, now: now, name: name,
		selected: map[sessionKey]string{}, editing: map[sessionKey]map[string]bool{}, entries: map[string]*Entry{},
	}
	var left []Record
	for record, err := range store.All(ctx) {
		if err != nil {
			return nil, fmt.Errorf("read the articles: %w", err)
		}
		if len(record.Edits) > 0 {
			record.Edits = nil
			left = append(left, record)
		}
	}
	for _, record := range left {
		if err := store.Put(ctx, record); err != nil {
			return nil, fmt.Errorf("end the edits of article %q: %w", record.Article.ID, err)
		}
	}
	return s, nil
}

func notFound() error { return wire.Refuse(wire.NotFound, "There is no such article.") }

// reads tells whether a user may read an article.
func reads(v *state.Viewer, a *wire.Article) bool {
	return a.PublishedAt != nil || writes(v, a)
}

func writes(v *state.Viewer, a *wire.Article) bool { return a.AuthorID == v.UserID || v.May(editAny) }

// readers is the audience of a change of an article.
func readers(a *wire.Article) state.Audience {
	if a.PublishedAt != nil {
		return state.Audience{}
	}
	return state.Audience{User: a.AuthorID, Holders: editAny}
}

func get(ctx context.Context, store Store, id string) (Record, error) {
	record, err := store.Get(ctx, id)
	switch {
	case errors.Is(err, ErrNoArticle):
		return Record{}, notFound()
	case err != nil:
		return Record{}, fmt.Errorf("get article %q: %w", id, err)
	}
	return record, nil
}

func (s *ArticleService) put(ctx context.Context, record Record) error {
	if err := s.store.Put(ctx, record); err != nil {
		return fmt.Errorf("put article %q: %w", record.Article.ID, err)
	}
	return nil
}

// find returns an article that the user may read, and write if asked, with
// the revision that the action expects.
func (s *ArticleService) find(ctx context.Context, by state.By, id string, write bool) (Record, error) {
	record, err := get(ctx, s.store, id)
	if err != nil {
		return Record{}, err
	}
	switch a := &record.Article; {
	case !reads(by.Viewer, a):
		return Record{}, notFound()
	case write && !writes(by.Viewer, a):
		return Record{}, wire.Refuse(wire.Forbidden, "Only its author and editors may do that.")
	case by.Expect != nil && *by.Expect != a.Revision:
		return Record{}, wire.RefuseDetailed(
			wire.RevisionConflict, "The article has changed; look at it again.", wire.Details{Revision: a.Revision},
		)
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

// changed returns an article with what an author says of it.
func changed(a wire.Article, text *Text) wire.Article {
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
	return a
}

// fits checks the sizes of an article, with room for numbers that may come.
func (s *ArticleService) fits(a *wire.Article) error {
	if a.Content != nil && int64(wire.Size(*a.Content)) > s.limits.ArticleContent {
		return wire.Refuse(wire.TooLarge, "The content is above limits.article_content; make it shorter.")
	}
	longest := int64(wire.MaxInt)
	widest := *a
	widest.Revision, widest.PublishedAt = longest, &longest
	if int64(NewEntry(&widest).Size()) > s.limits.ArticleRest {
		return wire.Refuse(wire.TooLarge, "All but the content is above limits.article_rest; make it shorter.")
	}
	return nil
}

// save stores an article that has a new revision, and returns the changes.
func (s *ArticleService) save(
	ctx context.Context, record Record, a *wire.Article, by, name string,
) ([]*state.Change, error) {
	revision := wire.Revision{
		ArticleID: a.ID, Revision: a.Revision, AuthorID: by, Title: a.Title, Timestamp: s.now(),
	}
	record.Article = *a
	kept := record.Revisions[:min(len(record.Revisions), int(s.limits.Revisions)-1)]
	record.Revisions = slices.Concat([]wire.Revision{revision}, kept)
	if err := s.put(ctx, record); err != nil {
		return nil, err
	}
	changes := []*state.Change{state.New(Kind, name, &ArticleChange{Full: a, Bare: s.entry(a)})}
	if a.Revision > 1 {
		changes = append(changes, state.New(Kind, "article.revision_added", &wire.RevisionAdded{Revision: revision}))
	}
	for _, change := range changes {
		change.Audience = readers(a)
	}
	return changes, nil
}

// maxEntries bounds the entries that are kept; they can be made again.
const maxEntries = 10_000

// entry is the one entry of an article that all sessions share.
func (s *ArticleService) entry(a *wire.Article) *Entry {
	e := s.entries[a.ID]
	if e == nil || e.Revision != a.Revision {
		if len(s.entries) >= maxEntries {
			clear(s.entries)
		}
		e = NewEntry(a)
		s.entries[a.ID] = e
	}
	return e
}

func (s *ArticleService) hint(change *state.Change, id string, data any) *wire.Hint {
	return &wire.Hint{
		V: wire.Version, Type: change.Type, EventID: change.ID, ArticleID: id, Timestamp: s.now(), Data: data,
	}
}

// Create makes a draft.
func (s *ArticleService) Create(ctx context.Context, by state.By, text Text) (state.Effects, error) {
	id := "a-" + rand.Text()
	empty := ""
	a := changed(wire.Article{
		ID: id, Slug: slug(*text.Title, id), AuthorID: by.UserID, Author: s.name(by.UserID), Revision: 1,
		Content: &empty, Tags: []string{}, StructVersion: 1,
	}, &text)
	if err := s.fits(&a); err != nil {
		return state.Effects{}, err
	}
	changes, err := s.save(ctx, Record{}, &a, by.UserID, "article.created")
	if err != nil {
		return state.Effects{}, err
	}
	return state.Effects{Result: &wire.Result{ArticleID: id}, Changes: changes}, nil
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
func (s *ArticleService) UpdateArticle(ctx context.Context, by state.By, update Update) (state.Effects, error) {
	record, err := s.find(ctx, by, update.ArticleID, true)
	if err != nil {
		return state.Effects{}, err
	}
	a := changed(record.Article, &update.Changes)
	a.Revision++
	if err := s.fits(&a); err != nil {
		return state.Effects{}, err
	}
	changes, err := s.save(ctx, record, &a, by.UserID, "article.updated")
	if err != nil {
		return state.Effects{}, err
	}
	effects := state.Effects{Changes: changes}
	if a.PublishedAt != nil {
		effects.Hints = []*wire.Hint{s.hint(changes[0], a.ID, &wire.ArticleData{Article: &a})}
	}
	return effects, nil
}

// Publish makes a draft readable for all. Who becomes a reader by it is told
// the edits that run.
func (s *ArticleService) Publish(ctx context.Context, by state.By, ref Ref) (state.Effects, error) {
	record, err := s.find(ctx, by, ref.ArticleID, true)
	if err != nil || record.Article.PublishedAt != nil {
		return state.Effects{}, err
	}
	draft, a, now := record.Article, record.Article, s.now()
	a.PublishedAt = &now
	a.Revision++
	changes, err := s.save(ctx, record, &a, by.UserID, "article.updated")
	if err != nil {
		return state.Effects{}, err
	}
	effects := state.Effects{Changes: changes}
	effects.Hints = []*wire.Hint{s.hint(changes[0], a.ID, &wire.ArticleData{Article: &a})}
	for i := range record.Edits {
		started := editChange("article.edit_started", &a, &record.Edits[i])
		started.Only = func(v *state.Viewer) bool { return !reads(v, &draft) }
		effects.Changes = append(effects.Changes, started)
	}
	return effects, nil
}

// Delete removes an article with its revisions and edits.
func (s *ArticleService) Delete(ctx context.Context, by state.By, ref Ref) (state.Effects, error) {
	record, err := s.find(ctx, by, ref.ArticleID, true)
	if err != nil {
		return state.Effects{}, err
	}
	if err := s.store.Delete(ctx, ref.ArticleID); err != nil {
		return state.Effects{}, fmt.Errorf("delete article %q: %w", ref.ArticleID, err)
	}
	delete(s.entries, ref.ArticleID)
	for key, selected := range s.selected {
		if selected == ref.ArticleID {
			delete(s.selected, key)
		}
	}
	gone := state.New(Kind, "article.deleted", &wire.ArticleGone{ArticleID: ref.ArticleID})
	gone.Audience = readers(&record.Article)
	effects := state.Effects{Changes: []*state.Change{gone}}
	if record.Article.PublishedAt != nil {
		effects.Hints = []*wire.Hint{s.hint(gone, ref.ArticleID, gone.Data)}
	}
	return effects, nil
}
