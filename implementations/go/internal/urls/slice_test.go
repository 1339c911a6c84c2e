package urls

import (
	"slices"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/reducers"
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func TestReducers(t *testing.T) {
	t.Parallel()
	reducers.Run(t, reducers.Kind{
		Name: Kind,
		Make: func(t *testing.T, data []byte, limits *wire.Limits) state.Slice {
			s := reducers.Read[wire.URLState](t, data)
			slices.Reverse(s.URLs)
			return newSlice(s.URLs, limits)
		},
		Read: map[string]func(*testing.T, []byte) any{
			"url.created": reducers.Data[wire.URLData],
			"url.updated": reducers.Data[wire.URLData],
			"url.deleted": reducers.Data[wire.URLGone],
		},
	})
}
