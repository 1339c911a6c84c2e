package articles

import (
	"slices"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Select chooses what the acting session looks at; nil is nothing.
func (s *ArticleService) Select(by state.Viewer, id *string, expect *int64) (state.Effects, *wire.Error) {
	key := sessionKey{by.UserID, by.SessionID}
	data := &wire.ArticleSelected{Revisions: []wire.Revision{}}
	if id == nil {
		if s.selected[key] == "" {
			return state.Effects{}, nil
		}
		delete(s.selected, key)
	} else {
		record, err := s.find(by, *id, false, expect)
		if err != nil || s.selected[key] == *id {
			return state.Effects{}, err
		}
		s.selected[key] = *id
		data.Article, data.Revisions = record.Article, slices.Clone(record.Revisions)
	}
	change := state.New("article.selected", data)
	change.OnlyUser = by.UserID
	change.Reaches = func(v state.Viewer) bool { return v.SessionID == by.SessionID }
	return state.Effects{Changes: []*state.Change{change}}, nil
}

// EditStart starts the edit of the user and its session.
func (s *ArticleService) EditStart(by state.Viewer, id string, expect *int64) (state.Effects, *wire.Error) {
	record, err := s.find(by, id, true, expect)
	if err != nil {
		return state.Effects{}, err
	}
	if running := record.edits[by.UserID]; running != nil {
		running.sessions[by.SessionID] = true
		return state.Effects{}, nil
	}
	e := &edit{s.now(), map[string]bool{by.SessionID: true}}
	record.edits[by.UserID] = e
	return state.Effects{Changes: []*state.Change{editChange("article.edit_started", record, by.UserID, e)}}, nil
}

// EditEnd ends the edit of a session; the entry goes with the last of them.
func (s *ArticleService) EditEnd(by state.Viewer, id string, expect *int64) (state.Effects, *wire.Error) {
	record, err := s.find(by, id, true, expect)
	if err != nil {
		return state.Effects{}, err
	}
	return state.Effects{Changes: endEdit(record, by.UserID, by.SessionID)}, nil
}

func endEdit(record *Record, user, session string) []*state.Change {
	e := record.edits[user]
	if e == nil || !e.sessions[session] {
		return nil
	}
	delete(e.sessions, session)
	if len(e.sessions) > 0 {
		return nil
	}
	delete(record.edits, user)
	return []*state.Change{editChange("article.edit_ended", record, user, e)}
}

func editChange(name string, record *Record, user string, e *edit) *state.Change {
	change := state.New(name, &wire.Editor{ArticleID: record.Article.ID, UserID: user, Since: e.since})
	change.Reaches = readers(record.Article)
	return change
}

// EndSession ends what belongs to a session: its edits and what it selected.
func (s *ArticleService) EndSession(user, session string) []*state.Change {
	delete(s.selected, sessionKey{user, session})
	var changes []*state.Change
	for record := range s.store.All() {
		changes = append(changes, endEdit(record, user, session)...)
	}
	return changes
}

// Slice is what a session shows now.
func (s *ArticleService) Slice(v state.Viewer) state.Slice {
	var entries []*state.Entry
	var editors []wire.Editor
	for record := range s.store.All() {
		if !reads(v, record.Article) {
			continue
		}
		entries = append(entries, record.Entry)
		for user, e := range record.edits {
			editors = append(editors, wire.Editor{ArticleID: record.Article.ID, UserID: user, Since: e.since})
		}
	}
	var current *wire.Article
	var revisions []wire.Revision
	if record, ok := s.store.Get(s.selected[sessionKey{v.UserID, v.SessionID}]); ok {
		current, revisions = record.Article, slices.Clone(record.Revisions)
	}
	return state.NewArticles(entries, current, revisions, editors, s.limits)
}
