package server

import (
	"slices"
	"testing"

	"github.com/nats-io/nats.go"
)

// The tests of the reference have the same replies, with the same outcomes.
func TestRepliesOfASecureServer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		subject, reply, body string
		want                 bool
	}{
		{control, "_INBOX.ann.x", "", true},
		{control, "_R_.x", "", true},
		{control, "", "", true},
		{control, "_INBOX.bob.x", "", false},
		{control, "_INBOX.anna.x", "", false},
		{control, "_INBOX.ann", "", false},
		{control, "_INBOX.x.ann.y", "", false},
		{control, "_INBOX.~server.x", "", false},
		{control, "session.ann.s.state", "", false},
		{"session.a=40b.s.control", "_INBOX.a=40b.x", "", true},
		{"session.a=40b.s.control", "_INBOX.a@b.x", "", false},
		{"session.=zz.s.control", "_INBOX.bob.x", "", true}, // nobody can be read
		{"user.actions.ann", "_INBOX.ann.x", `{"user_id":"bob"}`, true},
		{"user.actions.ann", "_INBOX.bob.x", `{"user_id":"bob"}`, false},
		{"chat.messages", "_INBOX.ann.x", `{"user_id":"ann"}`, true},
		{"chat.messages", "_INBOX.a=40b.x", `{"user_id":"a@b"}`, true},
		{"chat.messages", "_INBOX.bob.x", `{"user_id":"ann"}`, false},
		{"article.edit.start", "_INBOX.bob.x", `{"user_id":"ann"}`, false},
		{"chat.messages", "_INBOX.bob.x", `{"user_id":5}`, true},
		{"chat.messages", "_INBOX.bob.x", `{"user_id":""}`, true},
		{"chat.messages", "_INBOX.bob.x", `{"user_id":"ann","user_id":"ann"}`, true},
		{"chat.messages", "_INBOX.bob.x", `{`, true},
	} {
		t.Run(c.subject+" "+c.reply+" "+c.body, func(t *testing.T) {
			msg := &nats.Msg{Subject: c.subject, Reply: c.reply, Data: []byte(c.body)}
			if got := (&Server{secure: true}).takes(msg); got != c.want {
				t.Errorf("secure: %v", got)
			}
			if got := (&Server{}).takes(msg); got != (c.reply == "" || answerable(c.reply)) {
				t.Errorf("not secure: %v", got)
			}
		})
	}
}

func TestASecureServer(t *testing.T) {
	t.Parallel()
	b := startBroker(t, -1)
	s, err := Start(within(t, patience), connect(t, b, nats.NoEcho()), quiet(Config{Secure: true}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Shutdown(within(t, patience)) })
	c := newClient(t, b, nats.CustomInboxPrefix("_INBOX.ann"))
	if opened := c.open(); !slices.Contains(opened.Data.Profiles, "secure") {
		t.Errorf("%v", opened.Data.Profiles)
	}
	others, err := c.nc.SubscribeSync("_INBOX.bob.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.nc.PublishRequest(control, "_INBOX.bob.x", []byte(request("session.close", "{}"))); err != nil {
		t.Fatal(err)
	}
	if pong := c.ask(control, request("session.ping", "{}")); pong.Type != "session.pong" {
		t.Errorf("a close with the inbox of another one counts: %+v", pong)
	}
	if n, _, err := others.Pending(); n > 0 || err != nil {
		t.Errorf("%d answers went to the inbox of another one, %v", n, err)
	}
}
