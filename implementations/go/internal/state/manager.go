// Package state holds what kinds and sessions speak of with each other: actions
// and their effects, changes and whom they reach, slices; and the manager that
// publishes states and events. Nothing in it belongs to one kind.
package state

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// ErrTooLarge says that a body is above the limit that the server tells.
var ErrTooLarge = errors.New("body above its limit")

// Publisher sends a body. All bodies of a server go through one connection,
// so that they arrive in the order in which they were published.
type Publisher interface {
	Publish(subject string, body []byte, trace string) error
}

// StateManager publishes the messages of sessions.
type StateManager struct {
	out    Publisher
	limits wire.Limits
	log    *slog.Logger
}

// NewStateManager returns a manager that publishes through out.
func NewStateManager(out Publisher, limits wire.Limits, log *slog.Logger) *StateManager {
	return &StateManager{out: out, limits: limits, log: log}
}

// PublishState publishes a state on the subject of its session and returns
// the bytes that went out.
func (m *StateManager) PublishState(userID, sessionID string, state *wire.State, trace string) (wire.Raw, error) {
	return m.publish(wire.StateSubject(userID, sessionID), state, m.limits.State, trace)
}

// PublishEvent publishes an event on the subject of its session and returns
// the bytes that went out.
func (m *StateManager) PublishEvent(userID, sessionID string, event *wire.Event, trace string) (wire.Raw, error) {
	return m.publish(wire.EventsSubject(userID, sessionID), event, m.limits.Event, trace)
}

// PublishControl publishes a push on the subject of its session and, where
// there is one, the same bytes on a reply subject.
func (m *StateManager) PublishControl(userID, sessionID, reply string, body any, trace string) {
	data, err := m.publish(wire.ControlSubject(userID, sessionID), body, m.limits.State, trace)
	if err == nil && reply != "" {
		err = m.out.Publish(reply, data, trace)
	}
	if err != nil {
		m.log.Error("a push was not published", "error", err)
	}
}

// Answer publishes a body on a reply subject, if there is one.
func (m *StateManager) Answer(reply string, body any) {
	if reply == "" {
		return
	}
	if _, err := m.publish(reply, body, m.limits.State, ""); err != nil {
		m.log.Error("an answer was not published", "error", err)
	}
}

// Hint publishes a hint about a published article.
func (m *StateManager) Hint(hint *wire.Hint, trace string) {
	if _, err := m.publish(wire.HintSubject(hint.ArticleID), hint, m.limits.State, trace); err != nil {
		m.log.Error("a hint was not published", "error", err)
	}
}

func (m *StateManager) publish(subject string, body any, most int64, trace string) (wire.Raw, error) {
	data := wire.Marshal(body)
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%w: %d bytes of %d", ErrTooLarge, len(data), most)
	}
	if err := m.out.Publish(subject, data, trace); err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	return data, nil
}
