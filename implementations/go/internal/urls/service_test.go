package urls

import (
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func TestCodes(t *testing.T) {
	limits := wire.DefaultLimits
	s := NewService(&limits, func() int64 { return 1 })
	ann, bob := state.Viewer{UserID: "ann"}, state.Viewer{UserID: "bob"}
	code := "go"
	made, err := s.Create(ann, &wire.URLCreate{TargetURL: "https://example.org/", ShortCode: &code})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(bob, &wire.URLCreate{TargetURL: "https://example.org/", ShortCode: &code}); err == nil || err.Code != wire.RuleViolation {
		t.Errorf("a code is taken twice: %v", err)
	}
	id := made.Result.URLID
	if _, err := s.Update(ann, &wire.URLUpdate{URLID: id, ShortCode: &code}); err != nil {
		t.Errorf("its own code: %v", err)
	}
	_, other := s.Update(bob, &wire.URLUpdate{URLID: id})
	_, missing := s.Update(bob, &wire.URLUpdate{URLID: "l-0"})
	if string(wire.Marshal(other)) != string(wire.Marshal(missing)) {
		t.Errorf("%v and %v", other, missing)
	}
	if _, err := s.Delete(ann, id); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(bob, &wire.URLCreate{TargetURL: "HTTP://example.org", ShortCode: &code}); err != nil {
		t.Errorf("the code of a deleted url is free: %v", err)
	}
}
