package auth

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func shown(user, id string, issued float64) Credential {
	c := Credential{User: user}
	if id != "" {
		c.ID = &id
	}
	if issued != 0 {
		c.IssuedAt = &issued
	}
	return c
}

func TestWhatIsRevoked(t *testing.T) {
	t.Parallel()
	known, err := readRevoked([]byte(`{"jti": "a"}

{"sub": "ann", "before": 100}
{"sub": "ann", "before": 90.5}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		of   Credential
		want bool
	}{
		{shown("bob", "a", 500), true},
		{shown("bob", "b", 500), false},
		{shown("bob", "A", 500), false},
		{shown("bob", "", 0), false},
		{shown("ann", "b", 99.9), true},
		{shown("ann", "b", 100), false},
		{shown("ann", "b", 0), true},
	} {
		if known.has(c.of) != c.want {
			t.Errorf("%+v: %v", c.of, !c.want)
		}
	}
}

func TestALineThatRevokesNothingIsAFault(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		`[]`, `{}`, `{"jti": ""}`, `{"jti": 5}`, `{"jti": "a", "sub": "b"}`, `{"sub": "ann"}`, `{"sub": "", "before": 1}`,
		`{"sub": "ann", "before": "1"}`, `{"sub": "ann", "before": true}`, `{"jti": "a"`, `{"jti": "a", "jti": "b"}`,
	} {
		if _, err := readRevoked([]byte("\n" + line)); err == nil || !strings.HasPrefix(err.Error(), "line 2: ") {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestRevocationsAreReadAgainAndAFaultKeepsThem(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	path, at := filepath.Join(t.TempDir(), "revoked"), time.Unix(1, 0)
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		at = at.Add(look)
	}
	write("")
	r, err := newRevocations(path, slog.New(slog.NewTextHandler(&log, nil)), func() time.Time { return at })
	if err != nil || r.has(shown("ann", "a", 0)) {
		t.Fatal(err)
	}
	write(`{"jti": "a"}`)
	if !r.has(shown("ann", "a", 0)) {
		t.Error("a token was revoked")
	}
	for range 2 {
		write(`{"jti": `)
		if !r.has(shown("ann", "a", 0)) {
			t.Error("half a line takes nothing back")
		}
	}
	write("")
	if r.has(shown("ann", "a", 0)) {
		t.Error("it is not revoked any more")
	}
	if kept := strings.Count(log.String(), "stay as they were"); kept != 1 {
		t.Errorf("%d times kept: %s", kept, log.String())
	}
	if _, err := newRevocations(path+".none", nil, time.Now); err == nil {
		t.Error("a file that is not there is a fault at the start")
	}
}
