package session

import (
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// judge decides on the next action of a session. What it changed is in the
// mailboxes when it returns, the session's own part as well.
func (h *Hub) judge(s *Session, c *copyOf) *flight {
	f := &flight{copyOf: c, barrier: &barrier{box: s.box, left: 1}}
	o := &f.outcome
	h.mu.Lock()
	defer h.mu.Unlock()
	memory := &h.account(s.key.User).memory
	var effects state.Effects
	if old, ok := memory.known[c.action.ID]; !ok {
		effects, o.err = h.apply(s, c.action)
		o.result = effects.Result
		memory.add(c.action, *o, f.barrier)
	} else if old.meaning == c.action.Meaning {
		*o, f.again = old.outcome, true
		if old.effects != nil {
			old.effects.follow(f.barrier)
		}
	} else {
		o.err = wire.Refuse(wire.ActionIDReused, "The action_id means another action; take a new one.")
	}
	f.hints = effects.Hints
	h.commit(effects.Changes, s, f)
	f.barrier.done() // it was held until all sessions are counted
	return f
}

// apply checks an action and carries it out. A refusal has no effect.
func (h *Hub) apply(s *Session, a *wire.Action) (state.Effects, *wire.Error) {
	data, err := a.Read(h.actions)
	if err != nil {
		return state.Effects{}, err
	}
	by, expect := s.viewer, a.Expect
	switch data := data.(type) {
	case *wire.ArticleText:
		return h.articles.Create(by, h.people.Name(by.UserID), data)
	case *wire.ArticleUpdate:
		return h.articles.UpdateArticle(by, data, expect)
	case *wire.ArticleSelect:
		return h.articles.Select(by, data.ArticleID, expect)
	case *wire.ArticleRef:
		return h.articleAction(by, a, data.ArticleID)
	case *wire.ChatSend:
		return h.chat.Send(by, data.Content)
	case *wire.ChatEdit:
		return h.chat.Edit(by, data)
	case *wire.ChatDelete:
		return h.chat.Delete(by, data.MessageID)
	case *wire.ChatTyping:
		return h.chat.Typing(by, data)
	case *wire.URLCreate:
		return h.urls.Create(by, data)
	case *wire.URLUpdate:
		return h.urls.Update(by, data)
	case *wire.URLDelete:
		return h.urls.Delete(by, data.URLID)
	case *wire.UserUpdate:
		effects, renamed, err := h.people.Update(by, data)
		if renamed {
			effects.Changes = append(effects.Changes, h.chat.Renamed(by.UserID)...)
		}
		return effects, err
	}
	return state.Effects{}, nil
}

func (h *Hub) articleAction(by state.Viewer, a *wire.Action, id string) (state.Effects, *wire.Error) {
	switch a.Type {
	case "article.publish":
		return h.articles.Publish(by, id, a.Expect)
	case "article.delete":
		return h.articles.Delete(by, id, a.Expect)
	case "article.edit_end":
		return h.articles.EditEnd(by, id, a.Expect)
	default:
		return h.articles.EditStart(by, id, a.Expect)
	}
}

// remember keeps the refusal of an action_id that no number was used for.
func (h *Hub) remember(a *wire.Action, err *wire.Error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.account(a.UserID).memory.add(a, outcome{err: err}, nil)
}

// rebuild makes new slices for a session that lost deliveries. No commit can
// come between the slices and the end of the overrun.
func (h *Hub) rebuild(s *Session) (slices map[string]state.Slice, ownLost bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	slices = map[string]state.Slice{}
	for _, kind := range s.kinds {
		slices[kind] = h.slice(s, kind)
	}
	return slices, s.box.recover()
}
