package state

import (
	"crypto/rand"
	"sync"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Viewer is what a change has to know of a session to tell whether it is
// meant.
type Viewer struct {
	UserID    string
	SessionID string
	EditAny   bool
}

// Change is one change of slices. It is made once and shared by all sessions
// that it reaches, so nobody writes to it afterwards.
type Change struct {
	ID   string // the event_id, equal in all sessions
	Type string // the type of the event
	Data any    // the data of the event; *ArticleChange where an article is in it

	// OnlyUser limits the change to one user's sessions, Reaches to those
	// that it returns true for; nil is all.
	OnlyUser string
	Reaches  func(Viewer) bool

	// Actor and Cause are set at commit where an action made the change.
	Actor *string
	Cause *wire.Cause

	once sync.Once
	raw  wire.Raw
}

// New makes a change with an id of its own.
func New(name string, data any) *Change {
	return &Change{ID: rand.Text(), Type: name, Data: data}
}

// Kind is the kind of the slices that the change is about.
func (c *Change) Kind() string {
	for i := range c.Type {
		if c.Type[i] == '.' {
			if c.Type[:i] == "article" {
				return wire.KindArticles
			}
			return c.Type[:i]
		}
	}
	return ""
}

// Raw is the data of the event, written once for all sessions.
func (c *Change) Raw() wire.Raw {
	c.once.Do(func() { c.raw = wire.Marshal(c.Data) })
	return c.raw
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
	return &Entry{&bare, wire.Marshal(&bare)}
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
