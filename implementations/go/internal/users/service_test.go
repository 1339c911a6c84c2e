package users

import (
	"strings"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func TestAUserIsMadeOnce(t *testing.T) {
	limits := wire.DefaultLimits
	s := NewService(&limits)
	name, other, email := strings.Repeat("é", 200), "Other", "a@example.org"
	s.Meet("ann", &name, nil)
	s.Meet("ann", &other, &email)
	if got := s.Name("ann"); got != strings.Repeat("é", 127) {
		t.Errorf("%d bytes of a name", wire.Size(got))
	}
	by := state.Viewer{UserID: "ann"}
	if made, renamed, err := s.Update(by, &wire.UserUpdate{Email: &email}); err != nil || renamed || len(made.Changes) != 1 {
		t.Errorf("%v, %v, %v", made, renamed, err)
	}
	if made, _, err := s.Update(by, &wire.UserUpdate{Email: &email}); err != nil || made.Changes != nil {
		t.Error("an update that changes nothing is told")
	}
	if _, renamed, err := s.Update(by, &wire.UserUpdate{Username: &other}); err != nil || !renamed {
		t.Errorf("%v", err)
	}
}
