package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// measurement is a sort of load. What prepare makes for a session is not
// measured.
type measurement struct {
	name     string
	workers  int
	sessions int
	prepare  func(s *session) error
	act      func(s *session) error
}

// measurements are those that the server can be given.
func (l *load) measurements() []measurement {
	all := []measurement{{
		name: "session.noop: nothing changes", workers: l.workers, sessions: l.acting,
		prepare: func(*session) error { return nil }, act: l.noop,
	}}
	if slices.Contains(l.kinds, "url") {
		all = append(all, measurement{
			name: "url.update: a state for one session", workers: l.workers, sessions: l.acting,
			prepare: l.shorten, act: l.update,
		})
	}
	if slices.Contains(l.kinds, "articles") {
		all = append(all, measurement{
			name: "article.update: a state for every session", workers: 1, sessions: 1,
			prepare: l.publish, act: l.rename,
		})
	}
	return all
}

func (l *load) act(s *session, name string, data map[string]any) (*answer, error) {
	s.seq++
	return l.ask("user.actions."+s.name, map[string]any{
		"type": name, "user_id": s.name, "session_id": s.name, "client_seq": s.seq,
		"action_id": fmt.Sprintf("%s-%d", s.name, s.seq), "data": data,
	})
}

func (l *load) noop(s *session) error {
	_, err := l.act(s, "session.noop", map[string]any{})
	return err
}

// publish makes a published article, which all sessions show.
func (l *load) publish(s *session) error {
	made, err := l.act(s, "article.create", map[string]any{"title": "Load"})
	if err != nil {
		return err
	}
	s.post = made.Data.Result.ArticleID
	_, err = l.act(s, "article.publish", map[string]any{"article_id": s.post})
	return err
}

func (l *load) rename(s *session) error {
	_, err := l.act(s, "article.update", map[string]any{
		"article_id": s.post, "changes": map[string]any{"title": fmt.Sprint("Load ", s.seq)},
	})
	return err
}

// shorten makes a url of the session's user.
func (l *load) shorten(s *session) error {
	made, err := l.act(s, "url.create", map[string]any{"target_url": "https://example.org/"})
	if err != nil {
		return err
	}
	s.url = made.Data.Result.URLID
	return nil
}

func (l *load) update(s *session) error {
	_, err := l.act(s, "url.update", map[string]any{
		"url_id": s.url, "changes": map[string]any{"is_active": s.seq%2 == 0},
	})
	return err
}

// run lets workers act, each as soon as its last action was answered.
func (l *load) run(ctx context.Context, m measurement) (string, error) {
	for _, s := range l.sessions[:m.sessions] {
		if err := m.prepare(s); err != nil {
			return "", err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, l.during)
	defer cancel()
	var (
		turn  atomic.Int64
		mu    sync.Mutex
		took  []time.Duration
		fault error
		wg    sync.WaitGroup
	)
	before, begin := l.states.Load(), time.Now()
	for range m.workers {
		wg.Go(func() {
			for ctx.Err() == nil {
				s := l.sessions[int(turn.Add(1))%m.sessions]
				s.mu.Lock()
				from := time.Now()
				err := m.act(s)
				spent := time.Since(from)
				s.mu.Unlock()
				mu.Lock()
				took = append(took, spent)
				if err != nil {
					fault = err
					cancel()
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	seconds := time.Since(begin).Seconds()
	if fault != nil {
		return "", fault
	}
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1_000
	}
	states := l.states.Load() - before
	return fmt.Sprintf(
		"%.0f | %.2f | %.2f | %.0f", float64(len(took))/seconds, at(0.5), at(0.99), float64(states)/seconds,
	), nil
}
