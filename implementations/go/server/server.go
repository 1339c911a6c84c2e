// Package server connects sessions to a NATS broker: it receives what clients
// send, passes it through the common stages, and answers discovery.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/omnisession/omnisession/implementations/go/internal/articles"
	"github.com/omnisession/omnisession/implementations/go/internal/auth"
	"github.com/omnisession/omnisession/implementations/go/internal/session"
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Software is how this server names itself.
var Software = wire.Software{Name: "omnisession-go", Version: "0.1.0"}

// queueGroup shares the sessions among the instances of a server.
const queueGroup = "omnisession"

// maxInbox is how many messages may wait to be looked at.
const maxInbox = 65_536

// Config is what a server has to be told.
type Config struct {
	Secret   string         // signs the tokens of users
	Kinds    []string       // kinds to serve
	Features []string       // features to grant
	Store    articles.Store // where articles are
	Log      *slog.Logger
}

// Run connects to a broker and serves until ctx is done.
func Run(ctx context.Context, url string, c Config) error {
	lost := make(chan struct{})
	nc, err := nats.Connect(
		url, nats.Name("omnisession-server"), nats.NoEcho(), nats.MaxReconnects(-1),
		nats.ReconnectWait(200*time.Millisecond), nats.RetryOnFailedConnect(true),
		nats.ClosedHandler(func(*nats.Conn) { close(lost) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			c.Log.Warn("trouble with the broker", "error", err)
		}),
	)
	if err != nil {
		return fmt.Errorf("connect to the broker: %w", err)
	}
	defer nc.Close()
	s, err := Start(nc, c)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-lost:
		return errors.New("the connection to the broker is closed")
	}
	return s.Stop()
}

// Server is one instance.
type Server struct {
	nc    *nats.Conn
	hub   *session.Hub
	log   *slog.Logger
	inbox chan *nats.Msg // everything, in the order in which it arrived
	subs  []*nats.Subscription
	done  chan struct{} // closed when the inbox is empty for good
}

// Start serves on a connection that the caller has, best one with echo off.
// The caller closes it after Stop.
func Start(nc *nats.Conn, c Config) (*Server, error) {
	limits := wire.DefaultLimits
	s := &Server{
		nc: nc, log: c.Log, inbox: make(chan *nats.Msg, maxInbox), done: make(chan struct{}),
		hub: session.NewHub(session.Config{
			Kinds: c.Kinds, Features: c.Features, Server: Software, Limits: limits, Log: c.Log, Now: clock(),
			Manager:  state.NewStateManager(publisher{nc}, limits, c.Log),
			Verifier: auth.NewVerifier(c.Secret),
			Store:    c.Store,
		}),
	}
	if err := s.subscribe(); err != nil {
		return nil, err
	}
	go s.receive()
	c.Log.Info("serving", "profiles", s.hub.Profiles)
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
func (s *Server) subscribe() error {
	for _, subject := range []string{
		"session.*.*.control", "user.actions.*", wire.OnChat, wire.OnEdit,
	} {
		sub, err := s.nc.ChanQueueSubscribe(subject, queueGroup, s.inbox)
		if err != nil {
			return fmt.Errorf("subscribe to %s: %w", subject, err)
		}
		s.subs = append(s.subs, sub)
	}
	if err := s.discover(); err != nil {
		return err
	}
	if err := s.nc.FlushTimeout(10 * time.Second); err != nil && !errors.Is(err, nats.ErrTimeout) {
		return fmt.Errorf("subscribe: %w", err)
	}
	return nil
}

// receive takes messages one after the other; a nil ends it.
func (s *Server) receive() {
	defer close(s.done)
	for msg := range s.inbox {
		if msg == nil {
			return
		}
		s.guard(msg)
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

// Stop is a planned stop: clients are told, what was accepted is finished,
// and all of it is out when it returns.
func (s *Server) Stop() error {
	s.log.Info("stopping")
	s.hub.Stop()
	var wg sync.WaitGroup
	for _, sub := range s.subs {
		wg.Go(func() {
			if err := sub.Unsubscribe(); err != nil {
				s.log.Warn("unsubscribe", "error", err)
			}
		})
	}
	wg.Wait()
	// Whatever the broker sent before it knew is in the inbox after this.
	if err := s.nc.FlushTimeout(2 * time.Second); err != nil {
		s.log.Warn("flush before the end", "error", err)
	}
	s.inbox <- nil
	<-s.done
	s.hub.Finish(5 * time.Second)
	if err := s.nc.FlushTimeout(5 * time.Second); err != nil {
		return fmt.Errorf("flush at the end: %w", err)
	}
	return nil
}
