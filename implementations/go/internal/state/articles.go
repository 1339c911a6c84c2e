package state

import (
	"cmp"
	"slices"
	"strings"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Articles is the slice of the kind articles.
type Articles struct {
	entries   []*Entry
	current   *wire.Article
	revisions []wire.Revision
	editors   []wire.Editor
	limits    *wire.Limits
}

// NewArticles makes a slice of what the user of a session may read, and what
// the session has selected. The lists come in any order.
func NewArticles(
	entries []*Entry, current *wire.Article, revisions []wire.Revision, editors []wire.Editor,
	limits *wire.Limits,
) *Articles {
	slices.SortFunc(entries, orderEntries)
	slices.SortFunc(editors, orderEditors)
	slices.SortFunc(revisions, orderRevisions)
	return &Articles{
		cut(entries, limits.Articles), current, cut(revisions, limits.Revisions),
		cut(editors, limits.Editors), limits,
	}
}

// orderEntries: drafts first, then the newest, then by id (STATE-008).
func orderEntries(a, b *Entry) int {
	switch {
	case a.PublishedAt == nil && b.PublishedAt != nil:
		return -1
	case a.PublishedAt != nil && b.PublishedAt == nil:
		return 1
	case a.PublishedAt != nil && *a.PublishedAt != *b.PublishedAt:
		return cmp.Compare(*b.PublishedAt, *a.PublishedAt)
	}
	return strings.Compare(a.ID, b.ID)
}

func orderEditors(a, b wire.Editor) int {
	return cmp.Or(strings.Compare(a.ArticleID, b.ArticleID), strings.Compare(a.UserID, b.UserID))
}

func orderRevisions(a, b wire.Revision) int { return cmp.Compare(b.Revision, a.Revision) }

// Apply implements Slice.
func (s *Articles) Apply(c *Change) bool {
	switch data := c.Data.(type) {
	case *ArticleChange:
		same := func(e *Entry) bool { return e.ID == data.Full.ID }
		s.entries = upsert(s.entries, data.Bare, same, orderEntries, s.limits.Articles)
		if s.current != nil && s.current.ID == data.Full.ID {
			s.current = data.Full
		}
		return true
	case *wire.ArticleGone:
		return s.gone(data.ArticleID)
	case *wire.ArticleSelected:
		changed := s.current != data.Article
		s.current, s.revisions = data.Article, slices.Clone(data.Revisions)
		return changed
	case *wire.RevisionAdded:
		r := data.Revision
		if s.current == nil || s.current.ID != r.ArticleID {
			return false
		}
		same := func(old wire.Revision) bool { return old.Revision == r.Revision }
		s.revisions = upsert(s.revisions, r, same, orderRevisions, s.limits.Revisions)
		return true
	case *wire.Editor:
		same := func(e wire.Editor) bool { return orderEditors(e, *data) == 0 }
		if c.Type == "article.edit_started" {
			s.editors = upsert(s.editors, *data, same, orderEditors, s.limits.Editors)
			return true
		}
		var changed bool
		s.editors, changed = remove(s.editors, same)
		return changed
	}
	return false
}

func (s *Articles) gone(id string) bool {
	var listed, edited bool
	s.entries, listed = remove(s.entries, func(e *Entry) bool { return e.ID == id })
	s.editors, edited = remove(s.editors, func(e wire.Editor) bool { return e.ArticleID == id })
	if s.current != nil && s.current.ID == id {
		s.current, s.revisions = nil, nil
		return true
	}
	return listed || edited
}

// View implements Slice: content goes only where the article is selected.
func (s *Articles) View(c *Change) wire.Raw {
	switch data := c.Data.(type) {
	case *ArticleChange:
		if s.current == nil || s.current.ID != data.Full.ID {
			return data.bareData()
		}
	case *wire.RevisionAdded:
		if s.current == nil || s.current.ID != data.Revision.ArticleID {
			return nil
		}
	}
	return c.Raw()
}

// AppendJSON implements Slice.
func (s *Articles) AppendJSON(b []byte) []byte {
	b = wire.Append(append(b, `{"articles":`...), s.entries)
	b = wire.Append(append(b, `,"current_article":`...), s.current)
	b = wire.Append(append(b, `,"editors":`...), s.editors)
	b = wire.Append(append(b, `,"revisions":`...), s.revisions)
	return append(b, `,"type":"articles"}`...)
}
