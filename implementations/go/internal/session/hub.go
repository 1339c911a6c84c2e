// Package session holds the sessions of a server.
//
// Three things are kept apart. A Kind owns what is said of articles, messages
// or users. It is behind the lock of its group, under which an action is
// carried out and its changes are committed, so all sessions see the changes
// of a kind in one order. A kind may wait for a store under that lock; only
// those who want something of the same group wait with it.
//
// The Hub owns what all sessions share: who is live, which changes concern
// whom, which actions of a user are known. Its lock is held for moments only.
// Under it a commit is put into the mailboxes of the sessions that it reaches.
// Nothing is published and no kind is called under it.
//
// Each Session is one goroutine. It alone gives positions and publishes in
// its stream. It folds what commits changed into slices of its own and makes
// states from these, so a state is never ahead of the events before it. It
// never waits for another session: the ack of an action goes out when the
// last session that the action reached has published its part.
//
// Locks are taken in this order: that of an account, of a group, of the hub,
// of a mailbox.
package session

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/auth"
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Key names a session.
type Key struct{ User, ID string }

// Verifier checks the token of an open, and whether it was revoked since.
type Verifier interface {
	Verify(token *string, user string) (*auth.Identity, error)
	Revoked(auth.Credential) bool
}

// Config is what a Hub is made of.
type Config struct {
	Groups    []Group             // all kinds that there are
	Meet      func(*state.Viewer) // is told of a session before any kind is
	Forget    func(user string)   // is told of a user who has been away for Remember
	Kinds     []string            // names of the kinds to serve
	Features  []string            // features to grant, of Features
	Secure    bool                // whether the profile secure is declared
	Ends      bool                // whether sessions end with the token that opened them
	Software  wire.Software       // that this server is
	Limits    wire.Limits         // that it tells
	Publisher *state.StateManager // where everything goes out
	Verifier  Verifier            // of tokens
	Now       state.Clock         // for what is shown to people
	Wall      func() time.Time    // by which tokens end, and which can be set; nil is time.Now
	Log       *slog.Logger        // for those who run the server
	Patience  time.Duration       // how long a kind may take for one action
	Remember  time.Duration       // how long outcomes outlive a user's last session
	Window    time.Duration       // the longest resume window to grant
}

// Features are those that sessions can have.
var Features = []string{"events", "digests"}

// Hub holds what all sessions share.
type Hub struct {
	config   Config
	kinds    *kinds
	profiles []string // what is declared: core, the features and the kinds

	ctx     context.Context // ends when all goroutines are to end
	cancel  context.CancelFunc
	running tally // goroutines
	busy    tally // sessions with something to finish

	mu        sync.Mutex
	live      map[Key]*Session
	accounts  map[string]*account
	departed  []departure // users whose last session ended, in that order
	over      map[Key]time.Time
	audiences map[string]*audience // by kind
	unended   []membership         // of sessions that are over; the kind failed
	stopping  bool
}

// NewHub returns a hub without sessions. Nothing is kept over a restart, and an
// id is forgotten with time, so the epoch of a session is the time of its open:
// no position is ever used twice. Finish ends it.
func NewHub(c Config) *Hub {
	h := &Hub{
		config: c, kinds: sortOut(c.Groups, c.Kinds),
		live: map[Key]*Session{}, accounts: map[string]*account{}, over: map[Key]time.Time{},
		audiences: map[string]*audience{},
	}
	if h.config.Wall == nil {
		h.config.Wall = time.Now
	}
	h.profiles = slices.Concat([]string{"core"}, c.Features, h.kinds.names)
	if c.Secure {
		h.profiles = append(h.profiles, "secure")
	}
	for _, kind := range h.kinds.names {
		h.audiences[kind] = newAudience()
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.running.add()
	go h.sweep()
	return h
}

// Profiles are those that the server declares.
func (h *Hub) Profiles() []string { return slices.Clone(h.profiles) }

// Limits are those that the server tells.
func (h *Hub) Limits() wire.Limits { return h.config.Limits }

// Shared are the subjects that carry one type of action each.
func (h *Hub) Shared() []wire.Shared { return slices.Clone(h.kinds.shared) }

// patience is how long a kind may take: until the outcome of the action that
// asks is late, or all is over.
func (h *Hub) patience() (context.Context, context.CancelFunc) {
	return context.WithTimeout(h.ctx, h.config.Patience)
}

// refusal is what a client is told of an error. A fault of the server is for
// the log; it may be over when the client asks again.
func (h *Hub) refusal(err error) *wire.Refusal {
	if r := wire.RefusalOf(err); r != nil || err == nil {
		return r
	}
	h.config.Log.Error("a kind failed", "error", err)
	return wire.RefusalOf(wire.RefuseLater(wire.Unavailable, "Something is away; try again in a moment.", awayMS))
}

// awayMS is how long a client waits before it asks again for what failed.
const awayMS = 500

// sweep drops what is not needed any more, and tries again what failed.
func (h *Hub) sweep() {
	defer h.running.done()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return
		case now := <-tick.C:
			h.forget(now)
			h.endAgain()
		}
	}
}

// forget drops sessions that are over once no 4101 is owed for them, and users
// whose outcomes have aged.
func (h *Hub) forget(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key, until := range h.over {
		if now.After(until) {
			delete(h.over, key)
		}
	}
	for len(h.departed) > 0 && now.Sub(h.departed[0].at) >= h.config.Remember {
		d := h.departed[0]
		h.departed = h.departed[1:]
		a := h.accounts[d.user]
		a.departed = false
		switch {
		case len(a.sessions) > 0: // it came back, and departs again some day
		case now.Sub(a.left) >= h.config.Remember:
			delete(h.accounts, d.user)
			h.config.Forget(d.user)
		default: // it came back, and has departed since
			a.departed = true
			h.departed = append(h.departed, departure{user: d.user, at: now})
		}
	}
}
