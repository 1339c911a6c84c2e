package articles

import (
	"cmp"
	"slices"
	"strings"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Slice is the slice of the kind articles.
type Slice struct {
	entries   []*Entry
	current   *wire.Article
	revisions []wire.Revision
	editors   []wire.Editor
	limits    *wire.Limits
}

// newSlice makes a slice of what the user of a session may read, and what
// the session has selected. The lists come in any order.
func newSlice(
	entries []*Entry, current *wire.Article, revisions []wire.Revision, editors []wire.Editor,
	limits *wire.Limits,
) *Slice {
	slices.SortFunc(entries, orderEntries)
	slices.SortFunc(editors, orderEditors)
	slices.SortFunc(revisions, orderRevisions)
	return &Slice{
		entries: state.Cut(entries, limits.Articles), current: current,
		revisions: state.Cut(revisions, limits.Revisions),
		editors:   state.Cut(editors, limits.Editors), limits: limits,
	}
}

func orderEntries(a, b *Entry) int { return orderArticles(*a.Article, *b.Article) }

// orderArticles: drafts first, then the newest, then by id (STATE-008).
func orderArticles(a, b wire.Article) int {
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
func (s *Slice) Apply(c *state.Change) bool {
	switch data := c.Data.(type) {
	case *ArticleChange:
		same := func(e *Entry) bool { return e.ID == data.Full.ID }
		s.entries = state.Upsert(s.entries, data.Bare, same, orderEntries, s.limits.Articles)
		if s.current != nil && s.current.ID == data.Full.ID {
			s.current = data.Full
		}
		return true
	case *wire.ArticleGone:
		return s.gone(data.ArticleID)
	case *wire.ArticleSelected:
		changed := !sameArticle(s.current, data.Article)
		s.current, s.revisions = data.Article, slices.Clone(data.Revisions)
		return changed
	case *wire.RevisionAdded:
		r := data.Revision
		if s.current == nil || s.current.ID != r.ArticleID {
			return false
		}
		same := func(old wire.Revision) bool { return old.Revision == r.Revision }
		s.revisions = state.Upsert(s.revisions, r, same, orderRevisions, s.limits.Revisions)
		return true
	case *wire.Editor:
		same := func(e wire.Editor) bool { return orderEditors(e, *data) == 0 }
		if c.Type == "article.edit_started" {
			s.editors = state.Upsert(s.editors, *data, same, orderEditors, s.limits.Editors)
			return true
		}
		var changed bool
		s.editors, changed = state.Remove(s.editors, same)
		return changed
	}
	return false
}

func sameArticle(a, b *wire.Article) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.ID == b.ID && a.Revision == b.Revision
}

func (s *Slice) gone(id string) bool {
	var listed, edited bool
	s.entries, listed = state.Remove(s.entries, func(e *Entry) bool { return e.ID == id })
	s.editors, edited = state.Remove(s.editors, func(e wire.Editor) bool { return e.ArticleID == id })
	if s.current != nil && s.current.ID == id {
		s.current, s.revisions = nil, nil
		return true
	}
	return listed || edited
}

// View implements Slice: content goes only where the article is selected.
func (s *Slice) View(c *state.Change) wire.Raw {
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
func (s *Slice) AppendJSON(b []byte) []byte {
	b = wire.Append(append(b, `{"articles":`...), s.entries)
	b = wire.Append(append(b, `,"current_article":`...), s.current)
	b = wire.Append(append(b, `,"editors":`...), s.editors)
	b = wire.Append(append(b, `,"revisions":`...), s.revisions)
	return append(b, `,"type":"articles"}`...)
}

// Entry is an article without content, written once for all lists it is in.
type Entry struct {
	*wire.Article
	raw wire.Raw
}

// NewEntry makes the entry of an article.
func NewEntry(article *wire.Article) *Entry {
	bare := *article
	bare.Content = nil
	return &Entry{Article: &bare, raw: wire.Marshal(&bare)}
}

// AppendJSON implements wire.Appender.
func (e *Entry) AppendJSON(b []byte) []byte { return append(b, e.raw...) }

// Size is the number of bytes of the entry.
func (e *Entry) Size() int { return len(e.raw) }

// ArticleChange is the data of article.created and article.updated, with the
// content and without.
type ArticleChange struct {
	Full *wire.Article
	Bare *Entry
}

// AppendJSON implements wire.Appender.
func (a *ArticleChange) AppendJSON(b []byte) []byte {
	return wire.Append(b, &wire.ArticleData{Article: a.Full})
}

// bareData is the data of the event where the article is not the current one.
func (a *ArticleChange) bareData() wire.Raw {
	return append(append(wire.Raw(`{"article":`), a.Bare.raw...), '}')
}
