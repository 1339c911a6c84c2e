package session

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
)

// The index finds the sessions that a look at each of them would find.
func TestAudiences(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	a := newAudience()
	live := map[*Session]bool{}
	for n := range 200 {
		v := &state.Viewer{UserID: fmt.Sprint("u", random.IntN(20)), SessionID: fmt.Sprint("s", n)}
		for _, permission := range []string{"edit", "read", "none"} {
			if random.IntN(4) == 0 {
				v.Permissions = append(v.Permissions, permission)
			}
		}
		s := &Session{viewer: v}
		a.add(s)
		live[s] = true
		if random.IntN(3) == 0 {
			for gone := range live {
				a.remove(gone)
				delete(live, gone)
				break
			}
		}
	}
	odd := func(v *state.Viewer) bool { return len(v.SessionID)%2 == 1 }
	for _, to := range []state.Audience{
		{}, {Only: odd}, {User: "u1"}, {User: "u2", Only: odd}, {User: "u3", Holders: "edit"},
		{User: "u4", Holders: "edit", Only: odd}, {User: "nobody"}, {User: "nobody", Holders: "read"},
	} {
		t.Run(fmt.Sprintf("%s,%s,%v", to.User, to.Holders, to.Only != nil), func(t *testing.T) {
			found := map[*Session]bool{}
			for s := range a.of(&to) {
				if found[s] {
					t.Errorf("seed %d: %s comes twice", seed, s.viewer.SessionID)
				}
				found[s] = true
				if !live[s] || !to.Reaches(s.viewer) {
					t.Errorf("seed %d: %s is not meant", seed, s.viewer.SessionID)
				}
			}
			for s := range live {
				if to.Reaches(s.viewer) && !found[s] {
					t.Errorf("seed %d: %s is missed", seed, s.viewer.SessionID)
				}
			}
		})
	}
	for s := range live {
		a.remove(s)
	}
	if len(a.all)+len(a.users)+len(a.holders) != 0 {
		t.Error("something is left of sessions that are gone")
	}
}
