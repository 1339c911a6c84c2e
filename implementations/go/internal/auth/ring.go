package auth

import (
	"bytes"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// ring is all keys of a server. Files are read again when they have changed.
type ring struct {
	secret *key // has no name
	files  []string

	mu    sync.Mutex
	again reread
	named map[string]key
	texts [][]byte // of the files, which the keys are of
}

func newRing(secret string, files []string, log *slog.Logger, now func() time.Time) (*ring, error) {
	r := &ring{files: files, again: newReread("keys", log, now)}
	if secret != "" {
		r.secret = &key{"HS256", []byte(secret)}
	}
	_, err := r.read()
	return r, err
}

// key chooses the key of a token by its header; false where it names none of
// these. A token without a kid is of the secret or, where there is none, of the
// only key. A secret has no name: where it is all there is, a kid is not looked
// at.
func (r *ring) key(header map[string]any) (key, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refresh()
	kid, names := header["kid"]
	switch {
	case len(r.named) > 0 && names:
		name, _ := kid.(string)
		k, there := r.named[name]
		return k, there
	case r.secret != nil:
		return *r.secret, true
	case len(r.named) == 1:
		for _, k := range r.named {
			return k, true
		}
	}
	return key{}, false
}

// refresh reads the files again where there are any.
func (r *ring) refresh() {
	if len(r.files) > 0 && r.again.refresh(r.read) {
		r.again.log.Info("keys were read again", "kids", slices.Sorted(maps.Keys(r.named)))
	}
}

// read takes the keys of the files, if those hold anything else than before.
// That is told by all that they hold: a copy may have the time and the size of
// what it replaces, and whether a file can be read changes neither.
func (r *ring) read() (changed bool, err error) {
	texts, err := readAll(r.files)
	if err != nil || slices.EqualFunc(texts, r.texts, bytes.Equal) {
		return false, err
	}
	named, err := keysOf(r.files, texts)
	if err != nil {
		return false, err
	}
	r.texts, r.named = texts, named
	return true, nil
}
