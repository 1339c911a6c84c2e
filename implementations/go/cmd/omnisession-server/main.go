// Command omnisession-server is an Omnisession server that keeps everything in
// memory. It reads NATS_URL, the address of the broker, OMNISESSION_SECRET, the
// secret that signs the tokens of users, or OMNISESSION_KEYS, files of public
// keys that do, and what brokerOptions says.
package main

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/omnisession/omnisession/implementations/go/server"
)

func main() {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	c := server.Config{Secret: os.Getenv("OMNISESSION_SECRET"), Log: log}
	kinds := flag.String("kinds", strings.Join(server.Kinds(), ","), "kinds to serve")
	features := flag.String("features", strings.Join(server.Features(), ","), "features to grant")
	flag.Func("keys", "`file` with public keys that sign tokens, PEM or JSON Web Key Set; several times for several", func(file string) error {
		c.Keys = append(c.Keys, file)
		return nil
	})
	flag.StringVar(&c.Audience, "audience", os.Getenv("OMNISESSION_AUDIENCE"), "what tokens have to name in aud")
	flag.StringVar(&c.Issuer, "issuer", os.Getenv("OMNISESSION_ISSUER"), "what tokens have to have as iss")
	profile := flag.String("profile", os.Getenv("OMNISESSION_PROFILE"), "`secure` takes the replies of a user below the "+
		"user's own inbox prefix alone")
	flag.BoolVar(&c.EndWithToken, "end-with-token", false, "a session ends with the token that opened it, or was shown last")
	flag.StringVar(&c.Revocations, "revocations", os.Getenv("OMNISESSION_REVOCATIONS"), "`file` of tokens that were revoked, one JSON "+
		"object a line; with -end-with-token their sessions end")
	flag.DurationVar(&c.Grace, "grace", 0, "how long a planned stop may take (default 10s)")
	flag.DurationVar(&c.Window, "window", 0, "longest resume window to grant (default 2m)")
	flag.DurationVar(&c.Remember, "remember", 0, "how long outcomes of a user without a session are kept (default 24h)")
	flag.Parse()
	c.Kinds, c.Features = names(*kinds), names(*features)
	if c.Secure = *profile == "secure"; *profile != "" && !c.Secure {
		log.Error("there is no such profile to turn on; there is secure", "profile", *profile)
		os.Exit(2)
	}
	url := os.Getenv("NATS_URL")
	if c.Keys == nil {
		c.Keys = filepath.SplitList(os.Getenv("OMNISESSION_KEYS"))
	}
	if url == "" || c.Secret == "" && len(c.Keys) == 0 {
		log.Error("set NATS_URL, and OMNISESSION_SECRET or OMNISESSION_KEYS")
		os.Exit(2)
	}
	options, err := brokerOptions()
	if err != nil {
		log.Error("the settings of the broker", "error", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	// A second signal ends the program in the midst of its planned stop.
	context.AfterFunc(ctx, stop)
	if err := server.Run(ctx, url, c, options...); err != nil {
		log.Error("the server ended", "error", err)
		os.Exit(1)
	}
}

// names reads a list of names; an empty one is none, not all.
func names(list string) []string {
	names := []string{}
	for name := range strings.SplitSeq(list, ",") {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}
