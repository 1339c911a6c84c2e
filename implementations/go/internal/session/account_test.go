package session

import (
	"fmt"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// The memory forgets the oldest outcome for each new one, however often it has
// been around.
func TestMemory(t *testing.T) {
	t.Parallel()
	m := memory{}
	for n := range 3 * memorySize {
		m.add(&wire.Action{ID: fmt.Sprint(n)}, outcome{}, nil)
		oldest := max(0, n+1-memorySize)
		for id, want := range map[int]bool{n: true, oldest: true, oldest - 1: false} {
			if _, is := m.known[fmt.Sprint(id)]; is != want {
				t.Fatalf("after %d: %d is known: %v", n, id, is)
			}
		}
		if len(m.known) != n+1-oldest {
			t.Fatalf("after %d: %d are known", n, len(m.known))
		}
	}
}
