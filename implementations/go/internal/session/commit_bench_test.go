package session

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/articles"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// acks lets a benchmark wait for the outcomes of one session.
type acks struct {
	subject string
	bodies  chan []byte
}

func (a acks) Publish(subject string, body []byte, _ string) error {
	if subject == a.subject {
		a.bodies <- body
	}
	return nil
}

// BenchmarkAction takes the time from an action to its ack, beside sessions of
// others that it does not concern. It should not depend on their number:
//
//	go test -run '^$' -bench Action -count 6 ./internal/session
func BenchmarkAction(b *testing.B) {
	for name, c := range map[string]struct {
		create string
		made   wire.Object
		update string
		change func(result wire.Result, n int) wire.Object
	}{
		"url": {
			"url.create", wire.Object{"target_url": "https://example.org/"}, "url.update",
			func(r wire.Result, n int) wire.Object {
				return wire.Object{"url_id": r.URLID, "changes": wire.Object{"is_active": n%2 == 0}}
			},
		},
		"draft": {
			"article.create", wire.Object{"title": "x"}, "article.update",
			func(r wire.Result, n int) wire.Object {
				return wire.Object{"article_id": r.ArticleID, "changes": wire.Object{"title": fmt.Sprint(n)}}
			},
		},
	} {
		for _, others := range []int{100, 1_000, 10_000} {
			b.Run(fmt.Sprintf("%s/others=%d", name, others), func(b *testing.B) {
				out := acks{subject: wire.ControlSubject("actor", "actor"), bodies: make(chan []byte, 16)}
				h := NewHub(config(b, out, articles.NewMemory()))
				for i := range others {
					openWorker(b, h, fmt.Sprint("u", i))
				}
				openWorker(b, h, "actor")
				n := 0
				act := func(name string, data wire.Object) (ack body) {
					n++
					action(b, h, "actor", "actor", n, fmt.Sprint(n), name, data)
					raw := <-out.bodies
					if b.Elapsed() == 0 {
						if err := json.Unmarshal(raw, &ack); err != nil {
							b.Fatal(err)
						}
					}
					return ack
				}
				result := act(c.create, c.made).Data.Result
				runtime.GC()
				before := cpu(b)
				for b.Loop() {
					act(c.update, c.change(result, n))
				}
				b.ReportMetric(float64((cpu(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
				defer cancel()
				if err := h.Finish(ctx); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

// cpu is the time that the processor has spent on this process. Unlike that on
// the wall it does not depend on what else the machine does.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// openWorker opens a session of articles and urls of a user of the same name.
func openWorker(b *testing.B, h *Hub, name string) {
	b.Helper()
	data := opening([]any{"articles", "url"}, []any{}, wire.Object{"coalesce_ms": wire.Number("0")})
	ask(b, h, name, name, wire.TypeOpen, data, "")
}
