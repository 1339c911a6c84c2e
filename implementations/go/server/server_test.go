package server

import "testing"

func TestAnswerable(t *testing.T) {
	for reply, want := range map[string]bool{
		"_INBOX.x": true, "_R_.x": true, "_INBOX": false, "_INBOXx.y": false, "_R_x": false,
		"session.a.b.state": false, "": false,
	} {
		if answerable(reply) != want {
			t.Errorf("%q: %v", reply, !want)
		}
	}
}

func TestClockCounts(t *testing.T) {
	now := clock()
	if a, b := now(), now(); a <= 1_700_000_000_000 || b < a {
		t.Errorf("%d, then %d", a, b)
	}
}
