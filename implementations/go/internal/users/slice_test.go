package users

import (
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func TestSliceIsCanonical(t *testing.T) {
	t.Parallel()
	limits := wire.DefaultLimits
	email := "u@example.org"
	u := wire.User{ID: "u", Email: &email}
	s := newSlice(u, []string{}, []wire.SessionInfo{{Kinds: []string{}}}, &limits)
	data := wire.Marshal(s)
	object, err := wire.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if again := wire.Marshal(object); string(again) != string(data) {
		t.Errorf("not canonical:\n%s\n%s", data, again)
	}
}
