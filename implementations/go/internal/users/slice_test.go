package users

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
		Make: func(t *testing.T, data []byte, _ *wire.Limits) state.Slice {
			s := reducers.Read[wire.UserState](t, data)
			slices.Reverse(s.Sessions)
			return newSlice(*s.User, s.Permissions, s.Sessions)
		},
		Read: map[string]func(*testing.T, []byte) any{
			"user.updated":             reducers.Data[wire.UserData],
			"user.permissions_changed": reducers.Data[wire.PermissionsData],
			"user.session_opened":      reducers.Data[wire.SessionData],
			"user.session_closed":      reducers.Data[wire.SessionGone],
		},
	})
}
