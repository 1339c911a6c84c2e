package auth

import (
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync"
	"time"
)

// look is how often files of keys are looked at, at most.
const look = time.Second

// ring is all keys of a server. Files are read again when they have changed.
type ring struct {
	secret *key // has no name
	files  []string
	log    *slog.Logger
	now    func() time.Time

	mu     sync.Mutex
	named  map[string]key
	stamps []stamp
	looked time.Time
}

// stamp tells when a file was written last.
type stamp struct {
	written time.Time
	size    int64
}

func newRing(secret string, files []string, log *slog.Logger, now func() time.Time) (*ring, error) {
	r := &ring{files: files, log: log, now: now, stamps: stampsOf(files), looked: now()}
	if secret != "" {
		r.secret = &key{"HS256", []byte(secret)}
	}
	var err error
	r.named, err = readKeys(files)
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

// refresh reads files that have changed; what cannot be used leaves the keys as
// they are.
func (r *ring) refresh() {
	now := r.now()
	if len(r.files) == 0 || now.Sub(r.looked) < look {
		return
	}
	r.looked = now
	stamps := stampsOf(r.files)
	if slices.Equal(stamps, r.stamps) {
		return
	}
	r.stamps = stamps
	named, err := readKeys(r.files)
	if err != nil {
		r.log.Error("the keys stay as they were", "error", err)
		return
	}
	r.named = named
	r.log.Info("keys were read again", "kids", slices.Sorted(maps.Keys(named)))
}

func stampsOf(files []string) []stamp {
	stamps := make([]stamp, len(files))
	for i, file := range files {
		if told, err := os.Stat(file); err == nil {
			stamps[i] = stamp{told.ModTime(), told.Size()}
		}
	}
	return stamps
}
