package users

import (
	"strings"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func service(renamed func(string) []*state.Change) (*Service, *Directory) {
	d := NewDirectory()
	return NewService(d, renamed), d
}

func TestAUserIsMadeOnce(t *testing.T) {
	t.Parallel()
	s, d := service(func(string) []*state.Change { return nil })
	name, other, email := strings.Repeat("é", 200), "Other", "a@example.org"
	d.Meet(&state.Viewer{UserID: "ann", Name: &name})
	d.Meet(&state.Viewer{UserID: "ann", Name: &other, Email: &email})
	if got := d.Name("ann"); got != strings.Repeat("é", 127) {
		t.Errorf("%d bytes of a name", wire.Size(got))
	}
	if got := d.Name("nobody"); got != "nobody" {
		t.Errorf("who is not known is called %s", got)
	}
	by := state.By{Viewer: &state.Viewer{UserID: "ann"}}
	for _, c := range []struct {
		name    string
		data    Update
		changes int
		want    wire.Code
	}{
		{"an email", Update{Email: &email}, 1, 0},
		{"the same email", Update{Email: &email}, 0, 0},
		{"no email", Update{Email: &other}, 0, wire.RuleViolation},
		{"an empty name", Update{Username: new(string)}, 0, wire.RuleViolation},
		{"a long name", Update{Username: &name}, 0, wire.TooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			made, err := s.Update(t.Context(), by, c.data)
			if wire.CodeOf(err) != c.want || len(made.Changes) != c.changes {
				t.Errorf("%v, %v", made, err)
			}
		})
	}
}

// What a user changed is kept; whom only a token tells of is made anew.
func TestAUserIsForgotten(t *testing.T) {
	t.Parallel()
	s, d := service(func(string) []*state.Change { return nil })
	older, newer := "Older", "Newer"
	for _, user := range []string{"ann", "bob"} {
		d.Meet(&state.Viewer{UserID: user, Name: &older})
	}
	chosen := "Chosen"
	by := state.By{Viewer: &state.Viewer{UserID: "ann"}}
	if _, err := s.Update(t.Context(), by, Update{Username: &chosen}); err != nil {
		t.Fatal(err)
	}
	for user, want := range map[string]string{"ann": chosen, "bob": newer} {
		d.Forget(user)
		d.Meet(&state.Viewer{UserID: user, Name: &newer})
		if got := d.Name(user); got != want {
			t.Errorf("%s is called %s", user, got)
		}
	}
}

func TestANewNameChangesMore(t *testing.T) {
	t.Parallel()
	room := state.New("chat", "chat.participant_joined", nil)
	s, d := service(func(user string) []*state.Change { return []*state.Change{room} })
	d.Meet(&state.Viewer{UserID: "ann"})
	by, name := state.By{Viewer: &state.Viewer{UserID: "ann"}}, "Ann"
	made, err := s.Update(t.Context(), by, Update{Username: &name})
	if err != nil || len(made.Changes) != 2 || made.Changes[1] != room || d.Name("ann") != "Ann" {
		t.Errorf("%v, %v", made, err)
	}
}
