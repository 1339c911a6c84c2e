// Command omnisession-server is an Omnisession server that keeps everything in
// memory. It reads NATS_URL, the address of the broker, and
// OMNISESSION_SECRET, the secret that signs the tokens of users.
package main

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/omnisession/omnisession/implementations/go/internal/articles"
	"github.com/omnisession/omnisession/implementations/go/internal/session"
	"github.com/omnisession/omnisession/implementations/go/server"
)

func main() {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	kinds := flag.String("kinds", strings.Join(session.AllKinds, ","), "kinds to serve")
	features := flag.String("features", strings.Join(session.AllFeatures, ","), "features to grant")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	url, secret := os.Getenv("NATS_URL"), os.Getenv("OMNISESSION_SECRET")
	if url == "" || secret == "" {
		log.Error("set NATS_URL and OMNISESSION_SECRET")
		os.Exit(2)
	}
	err := server.Run(ctx, url, server.Config{
		Secret: secret, Kinds: names(*kinds, session.AllKinds), Features: names(*features, session.AllFeatures),
		Store: articles.NewMemory(), Log: log,
	})
	if err != nil {
		log.Error("the server ended", "error", err)
		os.Exit(1)
	}
}

// names reads a list of names, of those that there are.
func names(list string, all []string) []string {
	chosen := []string{}
	for _, name := range all {
		if strings.Contains(","+list+",", ","+name+",") {
			chosen = append(chosen, name)
		}
	}
	return chosen
}
