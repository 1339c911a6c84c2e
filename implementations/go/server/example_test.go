package server_test

import (
	"context"
	"iter"
	"log/slog"
	"os"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/omnisession/omnisession/implementations/go/server"
)

// A service that has a connection gives it to the server, with the kinds that
// it is done with.
func ExampleStart() {
	nc, err := nats.Connect(os.Getenv("NATS_URL"), nats.NoEcho())
	if err != nil {
		slog.Error("connect", "error", err)
		return
	}
	defer nc.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	sessions, err := server.Start(ctx, nc, server.Config{
		Secret: os.Getenv("OMNISESSION_SECRET"),
		Kinds:  []string{"articles"},
		Store:  server.NewMemory(),
		Log:    slog.Default(),
	})
	if err != nil {
		slog.Error("start", "error", err)
		return
	}
	// … the rest of the service, until it has to stop …
	if err := sessions.Shutdown(ctx); err != nil {
		slog.Error("stop", "error", err)
	}
}

// database stands for one: a Store needs nothing but what this package exports.
type database struct{ rows map[string]server.Record }

func (d database) Get(_ context.Context, id string) (server.Record, error) {
	record, ok := d.rows[id]
	if !ok {
		return server.Record{}, server.ErrNoArticle
	}
	return server.Record{
		Article:   server.Article{ID: record.Article.ID, Revision: record.Article.Revision},
		Revisions: []server.Revision{{ArticleID: id, Revision: 1}},
		Edits:     []server.Edit{{UserID: "ann", Sessions: []string{"s"}}},
	}, nil
}

func (d database) Put(_ context.Context, record server.Record) error {
	d.rows[record.Article.ID] = record
	return nil
}

func (d database) Delete(_ context.Context, id string) error {
	delete(d.rows, id)
	return nil
}

func (d database) All(context.Context) iter.Seq2[server.Record, error] {
	return func(yield func(server.Record, error) bool) {
		for _, record := range d.rows {
			if !yield(record, nil) {
				return
			}
		}
	}
}

var _ server.Store = database{}
