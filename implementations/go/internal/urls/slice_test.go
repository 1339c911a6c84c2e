package urls

import (
	"slices"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/traces"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func TestTraces(t *testing.T) {
	t.Parallel()
	traces.Run(t, traces.Kind{
		Name: Kind,
		Make: func(t *testing.T, data []byte, limits *wire.Limits) state.Slice {
			s := traces.Read[wire.URLState](t, data)
			slices.Reverse(s.URLs)
			return newSlice(s.URLs, limits)
		},
		Read: map[string]func(*testing.T, []byte) any{
			"url.created": traces.Data[wire.URLData],
			"url.updated": traces.Data[wire.URLData],
			"url.deleted": traces.Data[wire.URLGone],
		},
	})
}
