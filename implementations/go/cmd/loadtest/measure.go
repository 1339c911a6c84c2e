package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/nats-io/nats.go"
)

// session is one live session of a user of the same name.
type session struct {
	name string
	mu   sync.Mutex // one action at a time
	seq  int
	url  string // the id of a url of the user
	post string // the id of a published article of the user
}

// load is a run against one server.
type load struct {
	options
	nc       *nats.Conn
	secret   string
	sessions []*session
	kinds    []string
	states   atomic.Int64
}

type answer struct {
	Type string
	Data struct {
		Kinds   []string
		Actions []string
		Result  struct {
			URLID     string `json:"url_id"`
			ArticleID string `json:"article_id"`
		}
		Error json.RawMessage
	}
}

func measure(ctx context.Context, o options, name, command string) error {
	broker, url, err := startBroker(ctx, o.broker)
	if err != nil {
		return err
	}
	defer broker.stop()
	secret := rand.Text()
	env := []string{"NATS_URL=" + url, "OMNISESSION_SECRET=" + secret}
	server, err := start(ctx, env, strings.Fields(command)...)
	if err != nil {
		return err
	}
	defer server.stop()
	nc, err := nats.Connect(url, nats.NoEcho())
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer nc.Close()
	l := &load{options: o, nc: nc, secret: secret}
	if err := l.watch(url); err != nil {
		return err
	}
	if err := l.wait(ctx); err != nil {
		return err
	}
	before := server.memory()
	if err := l.openAll(); err != nil {
		return err
	}
	time.Sleep(time.Second)
	each := float64(server.memory()-before) / float64(o.sessions)
	fmt.Printf("| %s | open, and at rest | | | | | %.1f |\n", name, each)
	for _, m := range l.measurements() {
		result, err := l.run(ctx, m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		fmt.Printf("| %s | %s | %s | |\n", name, m.name, result)
	}
	return nil
}

// watch counts states on a connection of its own.
func (l *load) watch(url string) error {
	watcher, err := nats.Connect(url)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	sub, err := watcher.Subscribe("session.*.*.state", func(*nats.Msg) { l.states.Add(1) })
	if err == nil {
		err = errors.Join(sub.SetPendingLimits(-1, -1), watcher.Flush())
	}
	return err
}

// ask publishes a body and waits for its answer.
func (l *load) ask(subject string, body map[string]any) (*answer, error) {
	body["v"], body["timestamp"] = "1.0", time.Now().UnixMilli()
	data, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	msg, err := l.nc.Request(subject, data, 20*time.Second)
	if err != nil {
		return nil, fmt.Errorf("request on %s: %w", subject, err)
	}
	var a answer
	if err := json.Unmarshal(msg.Data, &a); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	if a.Data.Error != nil {
		return &a, fmt.Errorf("refused: %s", a.Data.Error)
	}
	return &a, nil
}

func (l *load) open(name string, kinds []string) (*answer, error) {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": name, "perm": []string{}, "exp": time.Now().Add(time.Hour).Unix(),
	}).SignedString([]byte(l.secret))
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return l.ask("session."+name+"."+name+".control", map[string]any{
		"type": "session.open", "user_id": name, "session_id": name,
		"data": map[string]any{
			"protocol": []string{"1.0"}, "kinds": kinds, "features": []string{},
			"auth":   map[string]any{"scheme": "bearer", "token": token},
			"client": map[string]any{"name": "loadtest", "version": "1"},
			"timers": map[string]any{"coalesce_ms": 0},
		},
	})
}

// wait asks until the server answers, and learns what it serves.
func (l *load) wait(ctx context.Context) error {
	for range 400 {
		a, err := l.open("probe-"+rand.Text()[:8], []string{"articles", "chat", "url", "user"})
		if err == nil {
			l.kinds = a.Data.Kinds
			return nil
		}
		if !errors.Is(err, nats.ErrNoResponders) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return errors.New("the server does not answer")
}

// openAll opens the sessions, with articles and url where they are served.
// Nothing of these kinds changes when others open, so opening is no load.
func (l *load) openAll() error {
	kinds := slices.DeleteFunc(slices.Clone(l.kinds), func(kind string) bool {
		return kind == "chat" || kind == "user"
	})
	if len(kinds) == 0 {
		kinds = l.kinds
	}
	for i := range l.options.sessions {
		s := &session{name: fmt.Sprintf("load-%d", i)}
		if _, err := l.open(s.name, kinds); err != nil {
			return err
		}
		l.sessions = append(l.sessions, s)
	}
	return nil
}
