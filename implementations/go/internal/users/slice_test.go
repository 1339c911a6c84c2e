package users

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
		Make: func(t *testing.T, data []byte, _ *wire.Limits) state.Slice {
			s := traces.Read[wire.UserState](t, data)
			slices.Reverse(s.Sessions)
			return newSlice(*s.User, s.Permissions, s.Sessions)
		},
		Read: map[string]func(*testing.T, []byte) any{
			"user.updated":             traces.Data[wire.UserData],
			"user.permissions_changed": traces.Data[wire.PermissionsData],
			"user.session_opened":      traces.Data[wire.SessionData],
			"user.session_closed":      traces.Data[wire.SessionGone],
		},
	})
}
