package articles

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Select chooses what the acting session looks at; nil is nothing.
func (s *ArticleService) Select(ctx context.Context, by state.By, to Selection) (state.Effects, error) {
	key := keyOf(by.Viewer)
	data := &wire.ArticleSelected{Revisions: []wire.Revision{}}
	if to.ArticleID == nil {
		if s.selected[key] == "" {
			return state.Effects{}, nil
		}
		delete(s.selected, key)
	} else {
		record, err := s.find(ctx, by, *to.ArticleID, false)
		if err != nil || s.selected[key] == *to.ArticleID {
			return state.Effects{}, err
		}
		s.selected[key] = *to.ArticleID
		article := record.Article
		data.Article, data.Revisions = &article, record.Revisions
	}
	change := state.New(Kind, "article.selected", data)
	change.User = by.UserID
	change.Only = func(v *state.Viewer) bool { return v.SessionID == by.SessionID }
	return state.Effects{Changes: []*state.Change{change}}, nil
}

// EditStart starts the edit of the user and its session.
func (s *ArticleService) EditStart(ctx context.Context, by state.By, ref Ref) (state.Effects, error) {
	record, err := s.find(ctx, by, ref.ArticleID, true)
	if err != nil {
		return state.Effects{}, err
	}
	at := ofUser(record.Edits, by.UserID)
	edit := Edit{UserID: by.UserID, Since: s.now()}
	if at >= 0 {
		edit = record.Edits[at]
	}
	if slices.Contains(edit.Sessions, by.SessionID) {
		return state.Effects{}, nil
	}
	edit.Sessions = slices.Concat(edit.Sessions, []string{by.SessionID})
	record.Edits = with(record.Edits, edit)
	if err := s.put(ctx, record); err != nil {
		return state.Effects{}, err
	}
	key := keyOf(by.Viewer)
	if s.editing[key] == nil {
		s.editing[key] = map[string]bool{}
	}
	s.editing[key][ref.ArticleID] = true
	if at >= 0 {
		return state.Effects{}, nil
	}
	started := editChange("article.edit_started", &record.Article, &edit)
	return state.Effects{Changes: []*state.Change{started}}, nil
}

// EditEnd ends the edit of a session; the entry goes with the last of them.
func (s *ArticleService) EditEnd(ctx context.Context, by state.By, ref Ref) (state.Effects, error) {
	record, err := s.find(ctx, by, ref.ArticleID, true)
	if err != nil {
		return state.Effects{}, err
	}
	changes, err := s.endEdit(ctx, record, keyOf(by.Viewer))
	return state.Effects{Changes: changes}, err
}

func ofUser(edits []Edit, user string) int {
	return slices.IndexFunc(edits, func(e Edit) bool { return e.UserID == user })
}

// with returns edits of which one is new; without sessions it goes.
func with(edits []Edit, edit Edit) []Edit {
	rest := slices.DeleteFunc(slices.Clone(edits), func(e Edit) bool { return e.UserID == edit.UserID })
	if len(edit.Sessions) == 0 {
		return rest
	}
	return append(rest, edit)
}

func (s *ArticleService) endEdit(ctx context.Context, record Record, key sessionKey) ([]*state.Change, error) {
	at := ofUser(record.Edits, key.user)
	if at < 0 || !slices.Contains(record.Edits[at].Sessions, key.session) {
		return nil, nil
	}
	edit := record.Edits[at]
	edit.Sessions = slices.DeleteFunc(slices.Clone(edit.Sessions), func(id string) bool { return id == key.session })
	record.Edits = with(record.Edits, edit)
	if err := s.put(ctx, record); err != nil {
		return nil, err
	}
	delete(s.editing[key], record.Article.ID)
	if len(edit.Sessions) > 0 {
		return nil, nil
	}
	return []*state.Change{editChange("article.edit_ended", &record.Article, &edit)}, nil
}

func editorOf(a *wire.Article, e *Edit) wire.Editor {
	return wire.Editor{ArticleID: a.ID, UserID: e.UserID, Since: e.Since}
}

func editChange(name string, a *wire.Article, e *Edit) *state.Change {
	editor := editorOf(a, e)
	change := state.New(Kind, name, &editor)
	change.Audience = readers(a)
	return change
}

// Open implements session.Kind.
func (s *ArticleService) Open(context.Context, *state.Viewer) ([]*state.Change, error) {
	return nil, nil
}

// End ends what belongs to a session: what it selected, and its edits. With an
// error some of these still run, and another call goes on with them.
func (s *ArticleService) End(ctx context.Context, v *state.Viewer) ([]*state.Change, error) {
	key := keyOf(v)
	delete(s.selected, key)
	var changes []*state.Change
	for id := range s.editing[key] {
		record, err := s.store.Get(ctx, id)
		if errors.Is(err, ErrNoArticle) {
			continue // deleted, and its edits with it
		}
		if err != nil {
			return changes, fmt.Errorf("get article %q: %w", id, err)
		}
		ended, err := s.endEdit(ctx, record, key)
		if err != nil {
			return changes, err
		}
		changes = append(changes, ended...)
	}
	delete(s.editing, key)
	return changes, nil
}

// Slice is what a session shows now.
func (s *ArticleService) Slice(ctx context.Context, v *state.Viewer) (state.Slice, error) {
	var listed []wire.Article
	var editors []wire.Editor
	var current *wire.Article
	var revisions []wire.Revision
	selected := s.selected[keyOf(v)]
	for record, err := range s.store.All(ctx) {
		if err != nil {
			return nil, fmt.Errorf("read the articles: %w", err)
		}
		if !reads(v, &record.Article) {
			continue
		}
		listed = append(listed, record.Article)
		for i := range record.Edits {
			editors = append(editors, editorOf(&record.Article, &record.Edits[i]))
		}
		if record.Article.ID == selected {
			article := record.Article
			current, revisions = &article, slices.Clone(record.Revisions)
		}
	}
	slices.SortFunc(listed, orderArticles)
	listed = state.Cut(listed, s.limits.Articles)
	entries := make([]*Entry, len(listed))
	for i := range listed {
		entries[i] = s.entry(&listed[i])
	}
	return newSlice(entries, current, revisions, editors, s.limits), nil
}
