// Command act does one action with credentials that omnisession credentials has
// written: it opens a session, sends a message of the chat, and prints the
// outcome.
//
//	go run ./cmd/act data/credentials/ann.json "Hello"
package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	answer = 2 * time.Second
	tries  = 10
)

// made is what of the file is used here.
type made struct {
	URL         string `json:"url"`
	CA          string `json:"ca"`
	Credentials string `json:"credentials"`
	InboxPrefix string `json:"inbox_prefix"`
	UserID      string `json:"user_id"`
	Token       string `json:"token"`
}

// told is what is read of an answer and of an outcome.
type told struct {
	Type string `json:"type"`
	Data struct {
		ActionID string          `json:"action_id"`
		Status   string          `json:"status"`
		Error    json.RawMessage `json:"error"`
	} `json:"data"`
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: act FILE.json CONTENT")
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func run(file, content string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var with made
	if err := json.Unmarshal(text, &with); err != nil {
		return err
	}
	nc, err := nats.Connect(with.URL,
		nats.UserCredentials(with.Credentials), // read anew for each connection
		nats.RootCAs(with.CA),
		nats.CustomInboxPrefix(with.InboxPrefix),
	)
	if err != nil {
		return err
	}
	defer nc.Close()
	return act(nc, with, content)
}

// act opens a session, and sends its first action until that has an outcome.
func act(nc *nats.Conn, with made, content string) error {
	session, action := rand.Text(), rand.Text()
	user := strings.Split(with.InboxPrefix, ".")[1] // the id as subjects have it
	control := fmt.Sprintf("session.%s.%s.control", user, session)
	body := func(kind string, more, data map[string]any) []byte {
		whole := map[string]any{
			"v": "1.0", "type": kind, "user_id": with.UserID, "session_id": session,
			"timestamp": time.Now().UnixMilli(), "data": data,
		}
		for name, value := range more {
			whole[name] = value
		}
		text, _ := json.Marshal(whole) // of texts and numbers alone
		return text
	}
	opened, err := nc.Request(control, body("session.open", nil, map[string]any{
		"protocol": []string{"1.0"}, "kinds": []string{"chat"}, "features": []string{},
		"auth":   map[string]string{"scheme": "bearer", "token": with.Token},
		"client": map[string]string{"name": "act", "version": "0.1.0"},
	}), answer)
	if err != nil {
		return fmt.Errorf("open the session: %w", err)
	}
	var found told
	if err := json.Unmarshal(opened.Data, &found); err != nil {
		return err
	}
	if found.Type != "session.opened" {
		return fmt.Errorf("the session was not opened: %s", found.Data.Error)
	}
	pushes, err := nc.SubscribeSync(control)
	if err != nil {
		return err
	}
	sent := body("chat.send", map[string]any{"action_id": action, "client_seq": 1},
		map[string]any{"content": content})
	for range tries {
		if err := nc.Publish("user.actions."+user, sent); err != nil {
			return err
		}
		outcome, err := outcomeOf(pushes, action)
		if errors.Is(err, nats.ErrTimeout) {
			continue
		}
		if err != nil {
			return err
		}
		fmt.Println(outcome.Type, outcome.Data.Status)
		return nil
	}
	return errors.New("no outcome has come")
}

// outcomeOf waits for the outcome of an action among what is pushed.
func outcomeOf(pushes *nats.Subscription, action string) (told, error) {
	deadline := time.Now().Add(answer)
	for {
		push, err := pushes.NextMsg(time.Until(deadline))
		if err != nil {
			return told{}, err
		}
		var found told
		if json.Unmarshal(push.Data, &found) == nil && found.Data.ActionID == action {
			return found, nil
		}
	}
}
