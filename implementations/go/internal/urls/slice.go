package urls

import (
	"cmp"
	"slices"
	"strings"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Slice is the slice of the kind url.
type Slice struct {
	urls   []wire.ShortURL
	limits *wire.Limits
}

// newSlice makes a slice of the urls of a user, which come in any order.
func newSlice(urls []wire.ShortURL, limits *wire.Limits) *Slice {
	slices.SortFunc(urls, orderURLs)
	return &Slice{urls: state.Cut(urls, limits.URLs), limits: limits}
}

func orderURLs(a, b wire.ShortURL) int {
	return cmp.Or(cmp.Compare(b.CreatedAt, a.CreatedAt), strings.Compare(a.ID, b.ID))
}

// Apply implements Slice.
func (s *Slice) Apply(c *state.Change) bool {
	switch data := c.Data.(type) {
	case *wire.URLData:
		same := func(u wire.ShortURL) bool { return u.ID == data.URL.ID }
		s.urls = state.Upsert(s.urls, data.URL, same, orderURLs, s.limits.URLs)
		return true
	case *wire.URLGone:
		var changed bool
		s.urls, changed = state.Remove(s.urls, func(u wire.ShortURL) bool { return u.ID == data.URLID })
		return changed
	}
	return false
}

// View implements Slice.
func (s *Slice) View(c *state.Change) wire.Raw { return c.Raw() }

// AppendJSON implements Slice.
func (s *Slice) AppendJSON(b []byte) []byte {
	return append(wire.Append(append(b, `{"type":"url","urls":`...), s.urls), '}')
}
