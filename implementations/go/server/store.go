package server

import (
	"github.com/omnisession/omnisession/implementations/go/internal/articles"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Store keeps articles:
//
//	Get(ctx context.Context, id string) (Record, error)
//	Put(ctx context.Context, record Record) error
//	Delete(ctx context.Context, id string) error
//	All(ctx context.Context) iter.Seq2[Record, error]
//
// Get returns ErrNoArticle where there is none. Put stores a record in the
// place of the one with its id, whole or, with an error, not at all. Deleting
// what is not there is no error. All returns the records in any order; an error
// is its last pair. All four return when ctx is done at the latest, and may be
// called by several goroutines.
//
// After an error nothing is known to have changed, and it may work later: the
// action that needed the store gets the retryable outcome 5030, and an open is
// refused with it. The error goes to Config.Log and to no client.
type Store = articles.Store

// Record is all that is stored of an article, as plain data. Neither the store
// nor its caller writes to a record that it gave away.
type Record = articles.Record

// Edit is one user's edit of an article, held by the sessions that started it.
// Sessions do not outlive the server, so Start ends the edits that it finds.
type Edit = articles.Edit

// Article is an article with its content.
type Article = wire.Article

// Revision is one entry of the history of an article.
type Revision = wire.Revision

// ErrNoArticle is what Store.Get returns where there is no article of an id.
var ErrNoArticle = articles.ErrNoArticle

// NewMemory returns an empty store that forgets everything when the program
// ends.
func NewMemory() Store { return articles.NewMemory() }
