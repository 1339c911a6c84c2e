package urls

import (
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func TestCodes(t *testing.T) {
	t.Parallel()
	limits := wire.DefaultLimits
	s, ctx := NewService(&limits, func() int64 { return 1 }), t.Context()
	ann, bob := state.By{Viewer: &state.Viewer{UserID: "ann"}}, state.By{Viewer: &state.Viewer{UserID: "bob"}}
	code, spaced := "go", "a b"
	made, err := s.Create(ctx, ann, Create{TargetURL: "https://example.org/", ShortCode: &code})
	if err != nil {
		t.Fatal(err)
	}
	id := made.Result.URLID
	creates := func(target string, code *string) func() error {
		return func() error {
			_, err := s.Create(ctx, bob, Create{TargetURL: target, ShortCode: code})
			return err
		}
	}
	for _, c := range []struct {
		name string
		do   func() error
		want wire.Code
	}{
		{"taken", creates("https://example.org/", &code), wire.RuleViolation},
		{"of other letters", creates("https://example.org/", &spaced), wire.RuleViolation},
		{"made", creates("https://example.org/", nil), 0},
		{"of no address", creates("ftp://example.org/", nil), wire.RuleViolation},
		{"its own", func() error { _, err := s.Update(ctx, ann, Update{URLID: id, ShortCode: &code}); return err }, 0},
		{"of another's url", func() error { _, err := s.Update(ctx, bob, Update{URLID: id}); return err }, wire.NotFound},
		{"of no url", func() error { _, err := s.Update(ctx, bob, Update{URLID: "l-0"}); return err }, wire.NotFound},
		{"deleted", func() error { _, err := s.Delete(ctx, ann, Delete{URLID: id}); return err }, 0},
		{"free again", creates("HTTP://example.org", &code), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.do(); wire.CodeOf(err) != c.want || (c.want == 0) != (err == nil) {
				t.Errorf("%v", err)
			}
		})
	}
}
