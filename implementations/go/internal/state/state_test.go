package state

import (
	"cmp"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func TestUpsert(t *testing.T) {
	t.Parallel()
	type entry struct{ id, rank int }
	order := func(a, b entry) int { return cmp.Compare(a.rank, b.rank) }
	list := []entry{{1, 10}, {2, 20}, {3, 30}}
	for _, c := range []struct {
		name string
		x    entry
		want []int
	}{
		{"in the midst", entry{4, 15}, []int{1, 4, 2}},
		{"at the end, beyond the limit", entry{4, 40}, []int{1, 2, 3}},
		{"at another place", entry{3, 5}, []int{3, 1, 2}},
		{"at its place", entry{2, 20}, []int{1, 2, 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ids []int
			for _, e := range Upsert(slices.Clone(list), c.x, func(e entry) bool { return e.id == c.x.id }, order, 3) {
				ids = append(ids, e.id)
			}
			if !slices.Equal(ids, c.want) {
				t.Errorf("%v, not %v", ids, c.want)
			}
		})
	}
	rest, some := Remove(slices.Clone(list), func(e entry) bool { return e.id == 2 })
	if len(rest) != 2 || !some {
		t.Errorf("%v, %v", rest, some)
	}
	if _, some := Remove(rest, func(e entry) bool { return e.id == 2 }); some {
		t.Error("what is not there is removed")
	}
}

func TestAudience(t *testing.T) {
	t.Parallel()
	ann, bob := &Viewer{UserID: "ann"}, &Viewer{UserID: "bob"}
	eve := &Viewer{UserID: "eve", Permissions: []string{"edit"}}
	notAnn := func(v *Viewer) bool { return v.UserID != "ann" }
	for _, c := range []struct {
		name string
		to   Audience
		want []*Viewer
	}{
		{"all", Audience{}, []*Viewer{ann, bob, eve}},
		{"a user", Audience{User: "ann"}, []*Viewer{ann}},
		{"a user and holders", Audience{User: "ann", Holders: "edit"}, []*Viewer{ann, eve}},
		{"only some", Audience{Only: notAnn}, []*Viewer{bob, eve}},
		{"only some of them", Audience{User: "ann", Holders: "edit", Only: notAnn}, []*Viewer{eve}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, v := range []*Viewer{ann, bob, eve} {
				if got := c.to.Reaches(v); got != slices.Contains(c.want, v) {
					t.Errorf("%s: %v", v.UserID, got)
				}
			}
		})
	}
}

// wall takes nothing after some bodies.
type wall struct {
	left   int
	bodies []string
}

var errWall = errors.New("no way")

func (w *wall) Publish(subject string, body []byte, _ string) error {
	if w.left--; w.left < 0 {
		return errWall
	}
	w.bodies = append(w.bodies, subject+" "+string(body))
	return nil
}

func TestStateManager(t *testing.T) {
	t.Parallel()
	limits := wire.DefaultLimits
	limits.Event = 400
	var log strings.Builder
	out := &wall{left: 100}
	m := NewStateManager(out, limits, slog.New(slog.NewTextHandler(&log, nil)))
	event := func(size int) *wire.Event {
		return &wire.Event{Data: wire.Raw(`"` + strings.Repeat("x", size) + `"`)}
	}
	t.Run("what fits goes out, and is returned", func(t *testing.T) {
		raw, err := m.PublishEvent("a*", "s", event(10), "")
		if err != nil || out.bodies[0] != "session.a=2a.s.events "+string(raw) {
			t.Errorf("%s, %v", out.bodies, err)
		}
	})
	t.Run("what does not fit does not", func(t *testing.T) {
		if _, err := m.PublishEvent("a", "s", event(400), ""); !errors.Is(err, ErrTooLarge) || len(out.bodies) != 1 {
			t.Errorf("%v", err)
		}
	})
	t.Run("a push goes to its asker, too", func(t *testing.T) {
		m.PublishControl("a", "s", "_INBOX.x", "{}", "")
		if len(out.bodies) != 3 || !strings.HasPrefix(out.bodies[2], "_INBOX.x ") {
			t.Errorf("%v", out.bodies)
		}
	})
	t.Run("nobody is answered nothing", func(t *testing.T) {
		if m.Answer("", "{}"); len(out.bodies) != 3 {
			t.Errorf("%v", out.bodies)
		}
	})
	t.Run("a fault is told", func(t *testing.T) {
		out.left = 0
		if _, err := m.PublishState("a", "s", &wire.State{}, ""); !errors.Is(err, errWall) {
			t.Errorf("%v", err)
		}
		m.PublishControl("a", "s", "_INBOX.x", "{}", "")
		m.Answer("_INBOX.x", "{}")
		m.Hint(&wire.Hint{ArticleID: "a"}, "")
		if got := strings.Count(log.String(), errWall.Error()); got != 3 {
			t.Errorf("%d of 3 faults are logged: %s", got, log.String())
		}
	})
}
