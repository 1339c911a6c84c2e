package server

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/omnisession/omnisession/implementations/go/internal/auth"
	"github.com/omnisession/omnisession/implementations/go/internal/session"
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func TestAnswerable(t *testing.T) {
	t.Parallel()
	for reply, want := range map[string]bool{
		"_INBOX.x": true, "_R_.x": true, "_INBOX": false, "_INBOXx.y": false, "_R_x": false,
		"session.a.b.state": false, "": false,
	} {
		t.Run(reply, func(t *testing.T) {
			if answerable(reply) != want {
				t.Errorf("%v", !want)
			}
		})
	}
}

func TestClockCounts(t *testing.T) {
	t.Parallel()
	now := clock()
	if a, b := now(), now(); a <= 1_700_000_000_000 || b < a {
		t.Errorf("%d, then %d", a, b)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		asked []string
		want  []string
	}{
		{"not said", nil, []string{"articles", "chat", "url", "user"}},
		{"none", []string{}, []string{}},
		{"in another order", []string{"url", "articles"}, []string{"articles", "url"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Config{Kinds: c.asked}.complete()
			if err != nil || !slices.Equal(got.Kinds, c.want) {
				t.Errorf("%v, %v", got.Kinds, err)
			}
		})
	}
	for _, c := range []Config{{Kinds: []string{"mail"}}, {Features: []string{"event"}}} {
		if _, err := c.complete(); err == nil || !strings.Contains(err.Error(), "there are ") {
			t.Errorf("%v", err)
		}
	}
}

func TestASession(t *testing.T) {
	t.Parallel()
	s, c := serve(t, Config{})
	opened := c.open()
	if !slices.Equal(opened.Data.Kinds, []string{"articles", "chat"}) || len(opened.Data.Actions) != 16 {
		t.Errorf("%+v", opened.Data)
	}
	if _, before := c.until("session.state"); len(before) > 0 {
		t.Errorf("before the first state: %v", before)
	}
	c.until("session.state")
	for _, a := range []struct{ name, subject, body string }{
		{"on the user's subject", "user.actions.ann", c.action("chat.send", `{"content":"x"}`)},
		{"on a shared subject", "chat.messages", strings.Replace(
			c.action("chat.send", `{}`), `"data":{}`, `"content":"y"`, 1,
		)},
	} {
		t.Run(a.name, func(t *testing.T) {
			if ack := c.ask(a.subject, a.body); ack.Type != "action.ack" || ack.Data.Status != "applied" {
				t.Errorf("%+v", ack)
			}
			if _, before := c.until("action.ack"); before["session.state"] != 1 {
				t.Errorf("before the ack: %v", before)
			}
		})
	}
	if closed := c.ask(control, request("session.close", "{}")); closed.Type != "session.closed" {
		t.Errorf("%+v", closed)
	}
	if err := s.Shutdown(within(t, patience)); err != nil {
		t.Error(err)
	}
}

func TestCommonStages(t *testing.T) {
	t.Parallel()
	_, c := serve(t, Config{Kinds: []string{"articles"}})
	long := strings.Repeat("x", 200_000)
	for _, m := range []struct {
		name, subject, body string
		want                int
		user                string
	}{
		{"a token that is none", "session.a=b.s.control", "{}", 4004, ""},
		{"a user's token that is none", "user.actions.a=", "{}", 4004, ""},
		{"no JSON", control, "[]", 4000, "ann"},
		{"no JSON as an action", "user.actions.ann", "x", 4000, "ann"},
		{"no envelope", control, "{}", 4001, "ann"},
		{"another user's body", "session.bob.s.control", request("session.ping", "{}"), 4031, "bob"},
		{"another user's action", "user.actions.bob", c.action("session.noop", "{}"), 4031, "bob"},
		{"another major version", control, strings.Replace(request("session.ping", "{}"), "1.0", "2.0", 1), 4003, "ann"},
		{"no session", control, request("session.ping", "{}"), 4041, "ann"},
		{"no session for an action", "user.actions.ann", c.action("session.noop", "{}"), 4041, "ann"},
		{"no session on a shared subject", "article.edit.start", c.action("article.edit_start", "{}"), 4041, "ann"},
		{"one of a kind that is not served", "chat.messages", c.action("chat.send", "{}"), 4041, "ann"},
		{"no token", control, strings.Replace(opening(t), "bearer", "none", 1), 4001, "ann"},
		{"above the limit", "user.actions.ann", `{"x":"` + long + `"}`, 4130, "ann"},
	} {
		t.Run(m.name, func(t *testing.T) {
			answer := c.ask(m.subject, m.body)
			if answer.Type != "error" || answer.code() != m.want {
				t.Errorf("%+v", answer)
			}
			if user := answer.UserID; (user == nil) != (m.user == "") || user != nil && *user != m.user {
				t.Errorf("the user of the answer is %v", user)
			}
		})
	}
}

// What is not to be answered is not: the next message of the same connection
// is, and nothing came before.
func TestSilence(t *testing.T) {
	t.Parallel()
	_, c := serve(t, Config{})
	inbox, err := c.nc.SubscribeSync("elsewhere.>")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []struct{ name, reply, body string }{
		{"a reply subject that is no inbox", "elsewhere.x", "{}"},
		{"a body of a server", "elsewhere.y", request("session.heartbeat", "{}")},
		{"no reply subject", "", "{}"},
	} {
		t.Run(m.name, func(t *testing.T) {
			if err := c.nc.PublishMsg(&nats.Msg{Subject: control, Reply: m.reply, Data: []byte(m.body)}); err != nil {
				t.Fatal(err)
			}
			c.ask(control, "{}")
			if n, _, err := inbox.Pending(); n != 0 || err != nil {
				t.Errorf("%d answers, %v", n, err)
			}
		})
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	s, c := serve(t, Config{Kinds: []string{"chat"}, Features: []string{}})
	for _, subject := range []string{"$SRV.PING", "$SRV.INFO.omnisession", "$SRV.STATS"} {
		t.Run(subject, func(t *testing.T) {
			msg, err := c.nc.Request(subject, nil, patience)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(msg.Data); !strings.Contains(got, `"profiles":"core,chat"`) {
				t.Errorf("%s", got)
			}
		})
	}
	if err := s.Shutdown(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.nc.Request("$SRV.PING", nil, patience); !errors.Is(err, nats.ErrNoResponders) {
		t.Errorf("after the stop: %v", err)
	}
}

// Sessions outlive the connection to the broker, and so do the subscriptions.
func TestReconnect(t *testing.T) {
	t.Parallel()
	b := startBroker(t, -1)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, b.ClientURL(), quiet(Config{})) }()
	c := newClient(t, b)
	opened := c.openSoon()
	port := portOf(t, b)
	b.Shutdown()
	b.WaitForShutdown()
	startBroker(t, port)
	pong := c.askSoon(request("session.ping", "{}"))
	if pong.Type != "session.pong" || pong.Data.Position.Epoch != opened.Data.Position.Epoch {
		t.Errorf("%+v", pong)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if closing, _ := c.until("session.closing"); !closing.Data.Reconnect {
		t.Errorf("%+v", closing)
	}
}

// askSoon asks until somebody answers.
func (c *client) askSoon(text string) body {
	c.t.Helper()
	for late := time.Now().Add(patience); time.Now().Before(late); {
		msg, err := c.nc.Request(control, []byte(text), time.Second)
		if err == nil {
			return read(c.t, msg.Data)
		}
	}
	c.t.Fatal("nobody answers")
	return body{}
}

func (c *client) openSoon() body {
	c.t.Helper()
	opened := c.askSoon(opening(c.t))
	if opened.Type != "session.opened" {
		c.t.Fatalf("%+v", opened)
	}
	return opened
}

func TestAVerifierThatPanics(t *testing.T) {
	t.Parallel()
	nc := connect(t, startBroker(t, -1))
	log := slog.New(slog.DiscardHandler)
	s := &Server{nc: nc, log: log, hub: session.NewHub(session.Config{
		Publisher: state.NewStateManager(publisher{nc: nc}, wire.DefaultLimits, log),
		Verifier:  panics{}, Now: clock(), Log: log, Limits: wire.DefaultLimits,
	})}
	answers, err := nc.SubscribeSync("_INBOX.x")
	if err != nil {
		t.Fatal(err)
	}
	s.guard(&nats.Msg{Subject: control, Reply: "_INBOX.x", Data: []byte(opening(t))})
	msg, err := answers.NextMsg(patience)
	if err != nil {
		t.Fatal(err)
	}
	if answer := read(t, msg.Data); answer.code() != int(wire.Internal) || strings.Contains(string(msg.Data), "mine") {
		t.Errorf("%s", msg.Data)
	}
	if err := s.hub.Finish(within(t, patience)); err != nil {
		t.Error(err)
	}
}

type panics struct{}

func (panics) Verify(*string, string) (*auth.Identity, error) { panic("a fault of mine") }

func (panics) Revoked(auth.Credential) bool { return false }

// away is a store that cannot be read.
type away struct{ Store }

var errAway = errors.New("dial 10.0.0.7: refused")

func (away) All(context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) { yield(Record{}, errAway) }
}

func TestAStartThatFails(t *testing.T) {
	t.Parallel()
	nc := connect(t, startBroker(t, -1))
	for _, c := range []struct {
		name   string
		config Config
		want   string
	}{
		{"no such kind", Config{Kinds: []string{"mail"}}, "mail"},
		{"no store", Config{Store: away{Store: NewMemory()}}, errAway.Error()},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Start(within(t, patience), nc, quiet(c.config)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("no connection", func(t *testing.T) {
		nc.Close()
		if _, err := Start(within(t, patience), nc, quiet(Config{})); !errors.Is(err, nats.ErrConnectionClosed) {
			t.Errorf("%v", err)
		}
	})
}
