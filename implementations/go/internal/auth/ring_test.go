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

// turning is a ring of one file, whose clock goes on with each look.
type turning struct {
	*ring
	path string
	at   time.Time
	log  bytes.Buffer
}

func turn(t *testing.T, text string) *turning {
	t.Helper()
	r := &turning{path: filepath.Join(t.TempDir(), "keys.json"), at: time.Unix(1, 0)}
	r.write(t, text)
	var err error
	r.ring, err = newRing("", []string{r.path}, slog.New(slog.NewTextHandler(&r.log, nil)), func() time.Time { return r.at })
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// write gives the file another text, and always the same time.
func (r *turning) write(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(r.path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(r.path, time.Unix(1, 0), time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
}

func (r *turning) has(kid string) bool {
	r.at = r.at.Add(look)
	_, there := r.key(map[string]any{"kid": kid})
	return there
}

func (r *turning) logged(t *testing.T, kept, read int) {
	t.Helper()
	text := r.log.String()
	if k, n := strings.Count(text, "stay as they were"), strings.Count(text, "read again"); k != kept || n != read {
		t.Errorf("%d times kept and %d times read, not %d and %d: %s", k, n, kept, read, text)
	}
}

func TestKeysAreReadAgainWhenTheyChange(t *testing.T) {
	t.Parallel()
	texts := load(t).Files
	r := turn(t, texts["one.json"])
	if !r.has("ed-1") || r.has("rsa-1") {
		t.Error("not the keys of the start")
	}
	r.write(t, texts["several.json"])
	if !r.has("rsa-1") {
		t.Error("a new key is not known")
	}
	r.write(t, "{")
	if !r.has("rsa-1") {
		t.Error("a file that cannot be used takes keys away")
	}
	r.write(t, texts["one.json"])
	if r.has("rsa-1") || !r.has("ed-1") {
		t.Error("a key that was taken away is known")
	}
	r.logged(t, 1, 2)
}

func TestACopyOfEqualSizeAndTimeIsSeen(t *testing.T) {
	t.Parallel()
	text := load(t).Files["one.json"]
	r := turn(t, text)
	r.write(t, strings.Replace(text, "ed-1", "ed-2", 1))
	if r.has("ed-1") || !r.has("ed-2") {
		t.Error("the new key is not known")
	}
}

// What cannot be read is tried at each look, and logged once. A folder in its
// place can be read by nobody, also not by those who may read every file.
func TestAFileThatCanBeReadAgainIsRead(t *testing.T) {
	t.Parallel()
	texts := load(t).Files
	r := turn(t, texts["one.json"])
	aside := r.path + ".new"
	hide := func() {
		t.Helper()
		if err := os.Rename(r.path, aside); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(r.path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	show := func() {
		t.Helper()
		if err := os.Remove(r.path); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(aside, r.path); err != nil {
			t.Fatal(err)
		}
	}
	r.write(t, texts["several.json"])
	hide()
	for range 3 {
		if r.has("rsa-1") || !r.has("ed-1") {
			t.Error("not the keys of before")
		}
	}
	r.logged(t, 1, 0)
	show()
	if !r.has("rsa-1") {
		t.Error("it is not tried again")
	}
	r.logged(t, 1, 1)
	hide()
	if !r.has("rsa-1") {
		t.Error("a file that cannot be read takes keys away")
	}
	show()
	if !r.has("rsa-1") {
		t.Error("it has other keys")
	}
	r.logged(t, 2, 1)
}

// Files are looked at once in a while, however many tokens come.
func TestALookIsNotForEachToken(t *testing.T) {
	t.Parallel()
	texts := load(t).Files
	r := turn(t, texts["one.json"])
	r.write(t, texts["several.json"])
	r.at = r.at.Add(look - 1)
	if _, there := r.key(map[string]any{"kid": "rsa-1"}); there {
		t.Error("it is looked at too early")
	}
}
