package session

import "context"

// Close tells all sessions of a planned stop; from now on none is opened.
func (h *Hub) Close() { h.toAll(closing{}) }

// Finish waits until all sessions have finished what they began, and ends
// their goroutines. When ctx is done before, it ends them as they are, and
// returns why. Nothing may be given to the hub afterwards.
func (h *Hub) Finish(ctx context.Context) error {
	h.toAll(finish{})
	err := h.busy.wait(ctx)
	h.cancel()
	if err != nil {
		return err // they end by themselves, as soon as they are done with what they do
	}
	return h.running.wait(ctx)
}

func (h *Hub) toAll(it item) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopping = true
	for _, s := range h.live {
		s.box.post(it)
	}
}
