package articles

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// ErrNoArticle is what Store.Get returns where there is no article of an id.
var ErrNoArticle = errors.New("no such article")

// Record is all that is stored of an article. It is plain data. A record that
// was given to a store, or came from one, is not written to any more; what its
// pointers and slices lead to is shared with sessions.
type Record struct {
	Article   wire.Article    // with its content
	Revisions []wire.Revision // newest first, at most limits.revisions
	Edits     []Edit          // that run
}

// Edit is one user's edit of an article, held by the sessions that started it.
type Edit struct {
	UserID   string
	Since    int64 // in ms since the Unix epoch
	Sessions []string
}

// Store keeps articles. Its functions are called by several goroutines, though
// by one at a time for what changes articles. They return when ctx is done at
// the latest: the outcome of an action is due within two seconds, and other
// actions on articles wait behind it.
//
// What an error means is the same for all: nothing is known to have changed,
// and it may work later. The action that needed it gets the retryable outcome
// 5030, and its client sends it again. The error itself is logged and goes to
// no client.
type Store interface {
	// Get returns an article, or ErrNoArticle.
	Get(ctx context.Context, id string) (Record, error)
	// Put stores a record in the place of the one with its id, whole or, with
	// an error, not at all.
	Put(ctx context.Context, record Record) error
	// Delete removes an article; it is no error if there is none.
	Delete(ctx context.Context, id string) error
	// All returns all articles, in any order. An error is the last pair.
	All(ctx context.Context) iter.Seq2[Record, error]
}

// Memory is a Store that forgets everything when the program ends.
type Memory struct {
	mu      sync.RWMutex
	records map[string]Record
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{records: map[string]Record{}} }

// Get implements Store.
func (m *Memory) Get(_ context.Context, id string) (Record, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	record, ok := m.records[id]
	if !ok {
		return Record{}, ErrNoArticle
	}
	return record, nil
}

// Put implements Store.
func (m *Memory) Put(_ context.Context, record Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.records[record.Article.ID] = record
	return nil
}

// Delete implements Store.
func (m *Memory) Delete(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.records, id)
	return nil
}

// All implements Store: what is there when it begins.
func (m *Memory) All(context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		m.mu.RLock()
		records := slices.Collect(maps.Values(m.records))
		m.mu.RUnlock()
		for _, record := range records {
			if !yield(record, nil) {
				return
			}
		}
	}
}
