package server_test

import (
	"log/slog"
	"os"

	"github.com/nats-io/nats.go"

	"github.com/omnisession/omnisession/implementations/go/internal/articles"
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
	sessions, err := server.Start(nc, server.Config{
		Secret: os.Getenv("OMNISESSION_SECRET"),
		Kinds:  []string{"articles"},
		Store:  articles.NewMemory(),
		Log:    slog.Default(),
	})
	if err != nil {
		slog.Error("start", "error", err)
		return
	}
	// … the rest of the service, until it has to stop …
	if err := sessions.Stop(); err != nil {
		slog.Error("stop", "error", err)
	}
}
