// Package server serves sessions on a NATS broker: it receives what clients
// send, passes it through the common stages, and answers discovery.
//
// It is the one package of this module that others import. Run is a whole
// server; Start serves on a connection that a program has already, with the
// kinds that it names and articles in a Store of its own.
package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/omnisession/omnisession/implementations/go/internal/auth"
	"github.com/omnisession/omnisession/implementations/go/internal/kinds"
	"github.com/omnisession/omnisession/implementations/go/internal/session"
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Version is that of this server.
const Version = "0.1.0"

var software = wire.Software{Name: "omnisession-go", Version: Version}

// queueGroup shares the sessions among the instances of a server.
const queueGroup = "omnisession"

// maxInbox is how many messages may wait to be put into a line.
const maxInbox = 65_536

// Kinds are the names of all kinds that can be served.
func Kinds() []string { return kinds.Names() }

// Features are the names of all features that can be granted.
func Features() []string { return slices.Clone(session.Features) }

// Config is what a server has to be told.
type Config struct {
	// Secret signs the tokens of users, by HS256; it may be empty where there
	// are Keys.
	Secret string
	// Keys are files of public keys that sign tokens as well, in PEM or as JSON
	// Web Key Sets. They are read again when they change.
	Keys []string
	// Audience and Issuer are what tokens have to have as aud and iss; empty is
	// anything.
	Audience, Issuer string
	// Kinds are the kinds to serve, of Kinds; nil is all of them.
	Kinds []string
	// Features are the features to grant, of Features; nil is all of them.
	Features []string
	// Secure has the server declare the profile secure, and take the replies of
	// a user below the user's own inbox prefix alone (SECU-016).
	Secure bool
	// EndWithToken has sessions end with the token that opened them, or that
	// was shown last (SECU-018).
	EndWithToken bool
	// Revocations is a file of tokens that were revoked, one JSON object a line;
	// it is looked at each second (SECU-020). Empty is none.
	Revocations string
	// Store keeps the articles; nil is a store in memory.
	Store Store
	// Log is told what those who run the server should know; nil is
	// slog.Default.
	Log *slog.Logger
	// StoreTimeout is how long the store may take for one action; 0 is one
	// second. An outcome is due within two.
	StoreTimeout time.Duration
	// Window is the longest resume window that a session is granted; 0 is two
	// minutes. The shortest is one second.
	Window time.Duration
	// Remember is how long the outcomes of a user's actions are known after
	// the end of the last session, as limits.outcomes_ms tells; 0 is a day. It
	// is not below Window (ACTION-028).
	Remember time.Duration
	// Grace is how long Run takes for its planned stop at most; 0 is ten
	// seconds.
	Grace time.Duration
}

// complete puts in what is not said, and checks the names.
func (c Config) complete() (Config, error) {
	c.Log = cmp.Or(c.Log, slog.Default())
	c.StoreTimeout = cmp.Or(c.StoreTimeout, time.Second)
	c.Window = cmp.Or(c.Window, 2*time.Minute)
	c.Remember = cmp.Or(c.Remember, 24*time.Hour)
	c.Grace = cmp.Or(c.Grace, 10*time.Second)
	if c.Store == nil {
		c.Store = NewMemory()
	}
	if c.Window < time.Second || c.Remember < c.Window {
		return c, fmt.Errorf("a window is at least one second, and outcomes are remembered for no less than a window: "+
			"%v and %v are not", c.Window, c.Remember)
	}
	var err error
	if c.Kinds, err = chosen("kind", c.Kinds, Kinds()); err != nil {
		return c, err
	}
	c.Features, err = chosen("feature", c.Features, Features())
	return c, err
}

// chosen returns names of those that there are, in the order of these.
func chosen(what string, names, all []string) ([]string, error) {
	if names == nil {
		return all, nil
	}
	for _, name := range names {
		if !slices.Contains(all, name) {
			return nil, fmt.Errorf("there is no %s %q; there are %s", what, name, strings.Join(all, ", "))
		}
	}
	return slices.DeleteFunc(all, func(name string) bool { return !slices.Contains(names, name) }), nil
}

// Run connects to a broker and serves until ctx is done. Then it makes a
// planned stop, for which it takes c.Grace at most. Further options say as
// whom, and over what, it connects.
func Run(ctx context.Context, url string, c Config, options ...nats.Option) error {
	c, err := c.complete()
	if err != nil {
		return err
	}
	lost := make(chan struct{})
	nc, err := nats.Connect(url, append([]nats.Option{
		nats.Name("omnisession-server"), nats.NoEcho(), nats.MaxReconnects(-1),
		nats.ReconnectWait(200 * time.Millisecond), nats.RetryOnFailedConnect(true),
		nats.ClosedHandler(func(*nats.Conn) { close(lost) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			c.Log.Warn("trouble with the broker", "error", err)
		}),
	}, options...)...)
	if err != nil {
		return fmt.Errorf("connect to the broker: %w", err)
	}
	defer nc.Close()
	s, err := Start(ctx, nc, c)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil // told to stop before it was up
	case err != nil:
		return err
	}
	var broken error
	select {
	case <-ctx.Done():
	case <-lost:
		broken = errors.New("the connection to the broker is closed")
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Grace)
	defer cancel()
	return errors.Join(broken, s.Shutdown(grace))
}

// Server is one instance.
type Server struct {
	nc     *nats.Conn
	hub    *session.Hub
	log    *slog.Logger
	subs   []*nats.Subscription
	shared map[string]wire.Shared // by subject
	secure bool

	inbox    chan *nats.Msg // everything, in the order in which it arrived
	turns    *turns         // the same, by user
	quit     chan struct{}  // closed when the inbox is not to be looked at any more
	received chan struct{}  // closed when it is not looked at any more

	shutdown sync.Once
	stopped  error
}

// Start serves on a connection that the caller has, best one with echo off.
// ctx bounds the start alone: the server goes on until Shutdown, after which
// the caller closes the connection.
func Start(ctx context.Context, nc *nats.Conn, c Config) (*Server, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	verifier, err := auth.NewVerifier(auth.Config{
		Secret: c.Secret, Files: c.Keys, Audience: c.Audience, Issuer: c.Issuer, Revoked: c.Revocations,
		Log: c.Log,
	})
	if err != nil {
		return nil, err
	}
	limits, now := wire.DefaultLimits, clock()
	limits.OutcomesMS = c.Remember.Milliseconds()
	all, err := kinds.New(ctx, kinds.Config{Limits: &limits, Now: now, Store: c.Store})
	if err != nil {
		return nil, err
	}
	s := &Server{
		nc: nc, log: c.Log, shared: map[string]wire.Shared{}, secure: c.Secure,
		inbox: make(chan *nats.Msg, maxInbox), turns: newTurns(), quit: make(chan struct{}), received: make(chan struct{}),
		hub: session.NewHub(session.Config{
			Groups: all.Groups, Meet: all.Meet, Forget: all.Forget,
			Kinds: c.Kinds, Features: c.Features, Secure: c.Secure, Ends: c.EndWithToken,
			Software: software, Limits: limits,
			Publisher: state.NewStateManager(publisher{nc: nc}, limits, c.Log),
			Verifier:  verifier,
			Now:       now, Log: c.Log,
			Patience: c.StoreTimeout, Remember: c.Remember, Window: c.Window,
		}),
	}
	go s.receive()
	go s.serve()
	if err := s.subscribe(ctx); err != nil {
		return nil, errors.Join(err, s.Shutdown(ctx))
	}
	c.Log.Info("serving", "profiles", s.hub.Profiles())
	return s, nil
}

// clock returns a clock that does not step back (ENV-011): the time of the
// start, and what a monotonic clock counted since.
func clock() state.Clock {
	start := time.Now()
	return func() int64 { return start.Add(time.Since(start)).UnixMilli() }
}

// publisher publishes on the one connection.
type publisher struct{ nc *nats.Conn }

// Publish implements state.Publisher.
func (p publisher) Publish(subject string, body []byte, trace string) error {
	if trace == "" {
		return p.nc.Publish(subject, body)
	}
	return p.nc.PublishMsg(&nats.Msg{Subject: subject, Data: body, Header: nats.Header{traceHeader: {trace}}})
}

// subscribe receives requests and actions. One channel takes them all: with
// a goroutine for each subscription, actions that were sent one after the
// other on different subjects would overtake each other.
func (s *Server) subscribe(ctx context.Context) error {
	subjects := []string{"session.*.*.control", "user.actions.*"}
	for _, shared := range s.hub.Shared() {
		s.shared[shared.Subject] = shared
		subjects = append(subjects, shared.Subject)
	}
	for _, subject := range subjects {
		sub, err := s.nc.ChanQueueSubscribe(subject, queueGroup, s.inbox)
		if err != nil {
			return fmt.Errorf("subscribe to %s: %w", subject, err)
		}
		s.subs = append(s.subs, sub)
	}
	if err := s.discover(); err != nil {
		return err
	}
	// Without a broker this is no failure yet: they are made when it is there.
	if !s.nc.IsConnected() {
		return nil
	}
	if err := flush(ctx, s.nc); err != nil && (ctx.Err() != nil || s.nc.IsClosed()) {
		return fmt.Errorf("subscribe: %w", err)
	}
	return nil
}

// flush waits until the broker has got everything, or ctx is done.
func flush(ctx context.Context, nc *nats.Conn) error {
	// nats.go wants a deadline; a day is none.
	bounded, cancel := context.WithTimeout(ctx, 24*time.Hour)
	defer cancel()
	return nc.FlushWithContext(bounded)
}

// receive puts messages where they wait for their turn; a nil ends it. It does
// no more, so that nats.go has to drop nothing.
func (s *Server) receive() {
	for {
		select {
		case <-s.quit:
			s.turns.close(true)
			return
		case msg := <-s.inbox:
			if msg == nil {
				s.turns.close(false)
				return
			}
			if s.takes(msg) {
				s.turns.put(s.userOf(msg), msg)
			}
		}
	}
}

// serve handles messages one after the other, until there are no more.
func (s *Server) serve() {
	defer close(s.received)
	for it, ok := s.turns.next(); ok; it, ok = s.turns.next() {
		select {
		case <-s.quit:
			s.turns.close(true) // whoever waits for room need not
			return
		default:
		}
		if it.refused {
			s.refuseForNow(it.msg)
		} else {
			s.guard(it.msg)
		}
	}
}

// guard handles one message. Whatever it is, the next one is served (ERR-005).
func (s *Server) guard(msg *nats.Msg) {
	defer func() {
		if fault := recover(); fault != nil {
			s.log.Error("a message was not handled", "fault", fmt.Sprint(fault))
			s.hub.Refuse(nil, nil, msg.Reply, wire.Refuse(wire.Internal, "The server failed; try again."))
		}
	}()
	s.handle(msg)
}

// Shutdown is a planned stop: clients are told, what was accepted is finished,
// and all of it is out when it returns. When ctx is done before, whatever is
// left ends as it is, and the error says what was not finished. Either way no
// goroutine and no subscription of the server stays. A further call returns
// what the first one did.
func (s *Server) Shutdown(ctx context.Context) error {
	s.shutdown.Do(func() { s.stopped = s.stop(ctx) })
	return s.stopped
}

func (s *Server) stop(ctx context.Context) error {
	s.log.Info("stopping")
	s.hub.Close()
	var faults []error
	note := func(what string, err error) {
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", what, err))
		}
	}
	for _, sub := range s.subs {
		if err := sub.Unsubscribe(); err != nil && !s.nc.IsClosed() {
			note("unsubscribe from "+sub.Subject, err)
		}
	}
	// Whatever the broker sent before it knew is in the inbox after this.
	note("tell the broker", flush(ctx, s.nc))
	note("handle what has come", s.drain(ctx))
	note("finish what has begun", s.hub.Finish(ctx))
	note("send what is left", flush(ctx, s.nc))
	return errors.Join(faults...)
}

// drain handles what is in the inbox, and ends receiving.
func (s *Server) drain(ctx context.Context) error {
	select {
	case s.inbox <- nil:
	case <-ctx.Done():
	}
	select {
	case <-s.received:
		return nil
	case <-ctx.Done():
		close(s.quit)
		return ctx.Err()
	}
}
