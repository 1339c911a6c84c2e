package articles

import (
	"iter"
	"maps"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Record is an article as it is stored. Article and Entry are never written
// to: an update puts new ones in their place, because sessions share them.
type Record struct {
	Article   *wire.Article
	Entry     *state.Entry
	Revisions []wire.Revision // newest first, at most limits.revisions
	edits     map[string]*edit
}

// edit is one user's edit of an article, held by the sessions that started it.
type edit struct {
	since    int64
	sessions map[string]bool
}

// Store keeps articles. The service calls it from one goroutine at a time.
type Store interface {
	Get(id string) (*Record, bool)
	Put(record *Record)
	Delete(id string)
	All() iter.Seq[*Record]
}

// Memory is a Store that forgets everything when the program ends.
type Memory struct{ records map[string]*Record }

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{map[string]*Record{}} }

// Get implements Store.
func (m *Memory) Get(id string) (*Record, bool) {
	record, ok := m.records[id]
	return record, ok
}

// Put implements Store.
func (m *Memory) Put(record *Record) { m.records[record.Article.ID] = record }

// Delete implements Store.
func (m *Memory) Delete(id string) { delete(m.records, id) }

// All implements Store.
func (m *Memory) All() iter.Seq[*Record] { return maps.Values(m.records) }
