package auth

import (
	"log/slog"
	"time"
)

// look is how often files are looked at, at most.
const look = time.Second

// reread is when files are read again that have changed. What cannot be used
// leaves all as it is, and is logged once.
type reread struct {
	what string // is in the files
	log  *slog.Logger
	now  func() time.Time

	fault  string // why they cannot be used now, which was logged
	looked time.Time
}

func newReread(what string, log *slog.Logger, now func() time.Time) reread {
	return reread{what: what, log: log, now: now, looked: now()}
}

// refresh reads if it is time to, and tells whether that has changed anything.
func (r *reread) refresh(read func() (bool, error)) (changed bool) {
	now := r.now()
	if now.Sub(r.looked) < look {
		return false
	}
	r.looked = now
	changed, err := read()
	switch {
	case err == nil:
		r.fault = ""
	case err.Error() != r.fault:
		r.fault = err.Error()
		r.log.Error("the "+r.what+" stay as they were", "error", err)
	}
	return changed
}
