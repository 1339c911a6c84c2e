package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/pprof"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	broker "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

const secret = "a secret of these tests"

// patience is how long a test waits for what has to come.
const patience = 20 * time.Second

// startBroker starts a broker in this process; port -1 is any that is free.
func startBroker(t *testing.T, port int) *broker.Server {
	t.Helper()
	b, err := broker.NewServer(&broker.Options{Host: "127.0.0.1", Port: port, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	go b.Start()
	t.Cleanup(func() { b.Shutdown(); b.WaitForShutdown() })
	if !b.ReadyForConnections(patience) {
		t.Fatal("the broker does not start")
	}
	return b
}

func portOf(t *testing.T, b *broker.Server) int {
	t.Helper()
	address, err := url.Parse(b.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(address.Port())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func connect(t *testing.T, b *broker.Server, options ...nats.Option) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(b.ClientURL(), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

func quiet(c Config) Config {
	c.Secret, c.Log = secret, slog.New(slog.DiscardHandler)
	return c
}

func within(t *testing.T, most time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), most)
	t.Cleanup(cancel)
	return ctx
}

// serve starts a server on a broker of its own, and a client beside it.
func serve(t *testing.T, c Config) (*Server, *client) {
	t.Helper()
	b := startBroker(t, -1)
	s, err := Start(within(t, patience), connect(t, b, nats.NoEcho()), quiet(c))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Shutdown(within(t, patience)) })
	return s, newClient(t, b)
}

// body is what a test looks at of a message.
type body struct {
	Type   string
	UserID *string `json:"user_id"`
	Epoch  int64
	Data   struct {
		Status    string
		Code      int
		Reconnect bool
		Position  struct{ Epoch, Seq int64 }
		Error     *struct {
			Code      int
			Message   string
			Retryable bool
		}
		Kinds    []string
		Actions  []string
		Profiles []string
	}
}

func (b body) code() int {
	if b.Data.Error == nil {
		return 0
	}
	return b.Data.Error.Code
}

// client is one of session s of user ann, and sees all that comes to it.
type client struct {
	t    *testing.T
	nc   *nats.Conn
	told chan *nats.Msg
	n    int
}

func newClient(t *testing.T, b *broker.Server, options ...nats.Option) *client {
	t.Helper()
	options = append(options, nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond))
	c := &client{t: t, nc: connect(t, b, options...), told: make(chan *nats.Msg, 1_024)}
	for _, subject := range []string{"session.ann.s.state", "session.ann.s.control"} {
		if _, err := c.nc.ChanSubscribe(subject, c.told); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.nc.Flush(); err != nil {
		t.Fatal(err)
	}
	return c
}

func read(t *testing.T, data []byte) (b body) {
	t.Helper()
	if err := json.Unmarshal(data, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// ask sends a body and returns the answer.
func (c *client) ask(subject, text string) body {
	c.t.Helper()
	msg, err := c.nc.Request(subject, []byte(text), patience)
	if err != nil {
		c.t.Fatalf("%s: %v", subject, err)
	}
	return read(c.t, msg.Data)
}

const control = "session.ann.s.control"

func request(name, data string) string {
	return fmt.Sprintf(`{"v":"1.0","type":%q,"user_id":"ann","session_id":"s","timestamp":1,"data":%s}`, name, data)
}

func opening(t *testing.T) string {
	t.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": "ann", "exp": time.Now().Add(time.Hour).Unix(),
	}).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return request("session.open", fmt.Sprintf(
		`{"protocol":["1.0"],"kinds":["articles","chat"],"features":[],"client":{"name":"test","version":"1"},`+
			`"auth":{"scheme":"bearer","token":%q}}`, token,
	))
}

func (c *client) open() body {
	c.t.Helper()
	opened := c.ask(control, opening(c.t))
	if opened.Type != "session.opened" {
		c.t.Fatalf("%+v", opened)
	}
	return opened
}

// action is the next action of the session.
func (c *client) action(name, data string) string {
	c.n++
	return fmt.Sprintf(
		`{"v":"1.0","type":%q,"user_id":"ann","session_id":"s","action_id":"a-%d","client_seq":%d,"timestamp":1,"data":%s}`,
		name, c.n, c.n, data,
	)
}

// until waits for a message of a type, and returns it and how many of others
// came before.
func (c *client) until(name string) (body, map[string]int) {
	c.t.Helper()
	late := time.After(patience)
	before := map[string]int{}
	for {
		select {
		case msg := <-c.told:
			b := read(c.t, msg.Data)
			switch {
			case b.Type == name:
				return b, before
			case !strings.HasPrefix(msg.Reply, nats.InboxPrefix): // its own requests come here, too
				before[b.Type]++
			}
		case <-late:
			c.t.Fatalf("no %s, but %v", name, before)
		}
	}
}

// stacks are those of goroutines that are in this module's server and sessions.
func stacks() []string {
	var all strings.Builder
	_ = pprof.Lookup("goroutine").WriteTo(&all, 2)
	var ours []string
	for stack := range strings.SplitSeq(all.String(), "\n\n") {
		if strings.Contains(stack, "internal/session.(*") || strings.Contains(stack, "server.(*Server).receive") {
			ours = append(ours, stack)
		}
	}
	return ours
}
