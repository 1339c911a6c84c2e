// Command seed-server is the server that this project began with, and its
// first two steps towards the protocol. It fails omnisession check, and is
// here to show how: docs/guides/go.md goes through what the kit says of it.
//
//	-level 0  publishes the state of a session after each action
//	-level 1  answers session.open as well
//	-level 2  gives bodies their envelope and states their positions
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// StateManager is that of the seed.
type StateManager struct {
	nc     *nats.Conn
	logger *slog.Logger
	level  int
	heads  map[string]int64 // the seq of the last state of a session
}

// PublishState is that of the seed; level 2 encodes the ids.
func (sm *StateManager) PublishState(userID, sessionID string, state any) error {
	subject := fmt.Sprintf("session.%s.%s.state", userID, sessionID)
	if sm.level >= 2 {
		subject = wire.StateSubject(userID, sessionID)
	}
	data, err := json.Marshal(state)
	if err != nil {
		return err
	}
	return sm.nc.Publish(subject, data)
}

// articlesState is the state of a session without articles. The lists are nil
// slices, as a repository without rows returns them.
type articlesState struct {
	Type           string           `json:"type"`
	Articles       []map[string]any `json:"articles"`
	CurrentArticle map[string]any   `json:"current_article"`
	Revisions      []map[string]any `json:"revisions"`
	Editors        []map[string]any `json:"editors"`
}

// buildArticleState makes the body of a state.
func (sm *StateManager) buildArticleState(userID, sessionID, reason string) map[string]any {
	body := map[string]any{
		"user_id": userID, "session_id": sessionID, "timestamp": time.Now().Unix(),
		"data": articlesState{Type: "articles"},
	}
	if sm.level >= 2 {
		key := userID + " " + sessionID
		sm.heads[key]++
		for name, value := range map[string]any{
			"v": "1.0", "type": "session.state", "timestamp": time.Now().UnixMilli(), "reason": reason,
			"epoch": 1, "seq": sm.heads[key], "last_action_seq": 0,
			"data": json.RawMessage(wire.Marshal(&wire.ArticlesState{Type: "articles"})),
		} {
			body[name] = value
		}
	}
	return body
}

// onAction publishes the state of the session that acted.
func (sm *StateManager) onAction(msg *nats.Msg) {
	var action struct {
		UserID    string `json:"user_id"`
		SessionID string `json:"session_id"`
	}
	if err := json.Unmarshal(msg.Data, &action); err != nil {
		sm.logger.Warn("an action was not read", "error", err)
		return
	}
	sm.publish(action.UserID, action.SessionID, "change")
}

func (sm *StateManager) publish(userID, sessionID, reason string) {
	if err := sm.PublishState(userID, sessionID, sm.buildArticleState(userID, sessionID, reason)); err != nil {
		sm.logger.Error("a state was not published", "error", err)
	}
}

// onControl answers session.open, and nothing else.
func (sm *StateManager) onControl(msg *nats.Msg) {
	var request struct {
		Type      string `json:"type"`
		UserID    string `json:"user_id"`
		SessionID string `json:"session_id"`
	}
	if err := json.Unmarshal(msg.Data, &request); err != nil || request.Type != "session.open" {
		return
	}
	opened := wire.Opened{
		Protocol: "1.0", Position: wire.Position{Epoch: 1}, Kinds: []string{"articles"}, Features: []string{},
		Profiles: []string{"core"}, Actions: []string{"session.noop"},
		Server: wire.Software{Name: "seed", Version: "0.0.1"}, Limits: wire.DefaultLimits,
		Timers: wire.Timers{HeartbeatMS: 2_000, ResumeWindowMS: 120_000},
	}
	opened.Position.Seq = sm.heads[request.UserID+" "+request.SessionID]
	answer := wire.Control{
		Envelope: wire.Envelope{
			V: "1.0", Type: "session.opened", UserID: request.UserID, SessionID: request.SessionID,
			Timestamp: time.Now().UnixMilli(),
		},
		Data: opened,
	}
	if err := msg.Respond(wire.Marshal(&answer)); err != nil {
		sm.logger.Error("an open was not answered", "error", err)
		return
	}
	sm.publish(request.UserID, request.SessionID, "open")
}

func main() {
	level := flag.Int("level", 0, "how far it goes")
	flag.Parse()
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	nc, err := nats.Connect(os.Getenv("NATS_URL"))
	if err != nil {
		logger.Error("connect", "error", err)
		os.Exit(1)
	}
	defer nc.Close()
	sm := &StateManager{nc, logger, *level, map[string]int64{}}
	inbox := make(chan *nats.Msg, 1_024)
	subjects := []string{"user.actions.*", "session.*.*.control"}
	for _, subject := range subjects[:min(*level+1, len(subjects))] {
		if _, err := nc.ChanQueueSubscribe(subject, "omnisession", inbox); err != nil {
			logger.Error("subscribe", "subject", subject, "error", err)
			os.Exit(1)
		}
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
	for {
		select {
		case <-stop:
			return
		case msg := <-inbox:
			if strings.HasSuffix(msg.Subject, ".control") {
				sm.onControl(msg)
			} else {
				sm.onAction(msg)
			}
		}
	}
}
