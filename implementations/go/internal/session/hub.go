// Package session holds the sessions of a server.
//
// Two things are kept apart. The Hub owns what all sessions share: who is
// live, what the services of the kinds hold, which actions are known. It is
// behind one lock, under which a commit is put into the mailboxes of the
// sessions that it reaches, so all of them see all commits in one order.
// Nothing is published under that lock.
//
// Each Session is one goroutine. It alone gives positions and publishes in
// its stream. It folds what commits changed into slices of its own and makes
// states from these, so a state is never ahead of the events before it. It
// never waits for another session: the ack of an action goes out when the
// last session that the action reached has published its part.
package session

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/articles"
	"github.com/omnisession/omnisession/implementations/go/internal/auth"
	"github.com/omnisession/omnisession/implementations/go/internal/chat"
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/urls"
	"github.com/omnisession/omnisession/implementations/go/internal/users"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Key names a session.
type Key struct{ User, ID string }

// Verifier checks the token of an open.
type Verifier interface {
	Verify(token *string, user string) (*auth.Identity, *wire.Error)
}

// Config is what a Hub is made of.
type Config struct {
	Kinds    []string // kinds to serve, of AllKinds
	Features []string // features to grant, of AllFeatures
	Server   wire.Software
	Limits   wire.Limits
	Manager  *state.StateManager
	Verifier Verifier
	Store    articles.Store
	Log      *slog.Logger
	Now      state.Clock
}

// Hub holds what all sessions share.
type Hub struct {
	Config
	Profiles []string // what is declared: core, the features and the kinds
	actions  []string
	epoch    int64
	quit     chan struct{}
	busy     sync.WaitGroup // sessions with something to finish

	mu       sync.Mutex
	live     map[Key]*Session
	accounts map[string]*account
	over     map[Key]time.Time
	stopping bool
	articles *articles.ArticleService
	chat     *chat.Service
	urls     *urls.Service
	people   *users.Service
}

// account is what the hub knows of a user over the end of sessions.
type account struct {
	sessions map[string]*Session
	memory   memory
}

// NewHub returns a hub without sessions. Nothing is kept over a restart, so
// epochs begin with the time of the start: no position is ever used twice.
func NewHub(c Config) *Hub {
	h := &Hub{
		Config: c, Profiles: slices.Concat([]string{"core"}, c.Features, c.Kinds),
		actions: wire.ActionTypes(c.Kinds), epoch: c.Now(), quit: make(chan struct{}),
		live: map[Key]*Session{}, accounts: map[string]*account{}, over: map[Key]time.Time{},
	}
	h.people = users.NewService(&h.Limits)
	h.articles = articles.NewService(c.Store, &h.Limits, c.Now)
	h.urls = urls.NewService(&h.Limits, c.Now)
	h.chat = chat.NewService(&h.Limits, c.Now, h.people.Name, h.later)
	go h.forget()
	return h
}

// later lets a service do something after a while, as a commit without an
// action.
func (h *Hub) later(after time.Duration, do func() []*state.Change) {
	time.AfterFunc(after, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.commit(do(), nil, nil)
	})
}

// forget drops sessions that are over once no 4101 is owed for them.
func (h *Hub) forget() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-h.quit:
			return
		case now := <-tick.C:
			h.mu.Lock()
			for key, until := range h.over {
				if now.After(until) {
					delete(h.over, key)
				}
			}
			h.mu.Unlock()
		}
	}
}

func (h *Hub) account(user string) *account {
	a := h.accounts[user]
	if a == nil {
		a = &account{sessions: map[string]*Session{}}
		h.accounts[user] = a
	}
	return a
}

// commit hands changes to the sessions that they reach, in the order of
// their mailboxes. With an acting session the changes are those of its
// action f. The hub is locked.
func (h *Hub) commit(changes []*state.Change, acting *Session, f *flight) {
	var reached []*Session
	tell := func(s *Session, change *state.Change) {
		if !slices.Contains(s.kinds, change.Kind()) || change.Reaches != nil && !change.Reaches(s.viewer) {
			return
		}
		if len(s.told) == 0 {
			reached = append(reached, s)
		}
		s.told = append(s.told, change)
	}
	for _, change := range changes {
		if acting != nil {
			change.Actor = &acting.key.User
			change.Cause = &wire.Cause{
				ActionID: f.action.ID, SessionID: acting.key.ID, ClientSeq: f.action.ClientSeq,
			}
		}
		if change.OnlyUser != "" {
			for _, s := range h.account(change.OnlyUser).sessions {
				tell(s, change)
			}
			continue
		}
		for _, s := range h.live {
			tell(s, change)
		}
	}
	if acting != nil && len(acting.told) == 0 {
		reached = append(reached, acting)
	}
	var b *barrier
	var trace string
	if acting != nil {
		b, trace = f.barrier, f.trace
		b.add(len(reached))
	}
	var dropped []*delivery
	for _, s := range reached {
		d := &delivery{changes: s.told, barrier: b, own: s == acting, trace: trace}
		s.told = nil
		dropped = append(dropped, s.box.deliver(d)...)
	}
	for _, d := range dropped {
		d.barrier.done()
	}
}

// find returns a live session and counts a sign of its life.
func (h *Hub) find(key Key) (*Session, *wire.Error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.live[key]; s != nil {
		s.seen = time.Now()
		return s, nil
	}
	if _, over := h.over[key]; over {
		return nil, sessionOver()
	}
	return nil, wire.Refuse(wire.SessionUnknown, "There is no such session; open a new one.")
}

func sessionOver() *wire.Error {
	return wire.Refuse(wire.SessionClosed, "The session is over; open a new one with a new id.")
}

// slice is what a session shows of a kind now. The hub is locked.
func (h *Hub) slice(s *Session, kind string) state.Slice {
	switch kind {
	case wire.KindArticles:
		return h.articles.Slice(s.viewer)
	case wire.KindChat:
		return h.chat.Slice(s.viewer)
	case wire.KindURL:
		return h.urls.Slice(s.viewer)
	default:
		return h.people.Slice(s.viewer, s.permissions)
	}
}

// Stop tells all sessions of a planned stop; from now on none is opened.
func (h *Hub) Stop() { h.toAll(closing{}) }

// Finish waits until all sessions have finished what they began, or a while
// has passed.
func (h *Hub) Finish(most time.Duration) {
	h.toAll(finish{})
	done := make(chan struct{})
	go func() { h.busy.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(most):
		h.Log.Warn("some sessions did not finish in time")
	}
	close(h.quit)
}

func (h *Hub) toAll(it item) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopping = true
	for _, s := range h.live {
		s.box.post(it)
	}
}
