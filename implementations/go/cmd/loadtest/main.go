// Command loadtest measures session servers, one after the other and in the
// same way: how long an action takes to its ack, how many states a second
// come out, and how much memory a session costs.
//
//	loadtest -sessions 1000 -server-cmd 'go=./omnisession-server' -server-cmd 'reference=omnisession serve'
//
// It starts a broker (the program nats-server, or -broker) and the server on
// it, with NATS_URL and OMNISESSION_SECRET, the variables that omnisession
// check tells a server. Numbers of one run compare; those of two machines do
// not.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"
)

type options struct {
	sessions int
	acting   int
	workers  int
	during   time.Duration
	broker   string
	targets  []string
}

func main() {
	var o options
	flag.IntVar(&o.sessions, "sessions", 1_000, "live sessions, each of a user of its own")
	flag.IntVar(&o.acting, "acting", 0, "sessions that act, beside the others; 0 is all")
	flag.IntVar(&o.workers, "workers", 16, "actions under way at a time")
	flag.DurationVar(&o.during, "during", 5*time.Second, "how long each measurement takes")
	flag.StringVar(&o.broker, "broker", "nats-server", "the broker's program")
	flag.Func("server-cmd", "NAME=COMMAND of a server; may be repeated", func(target string) error {
		if !strings.Contains(target, "=") {
			return fmt.Errorf("%q is not NAME=COMMAND", target)
		}
		o.targets = append(o.targets, target)
		return nil
	})
	flag.Parse()
	if o.acting <= 0 || o.acting > o.sessions {
		o.acting = o.sessions
	}
	if len(o.targets) == 0 {
		fmt.Fprintln(os.Stderr, "name at least one server: -server-cmd NAME=COMMAND")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	fmt.Printf("%d sessions, %d actions under way, %v for each measurement\n\n", o.sessions, o.workers, o.during)
	fmt.Println("| Server | Measurement | Actions/s | p50 ms | p99 ms | States/s | Memory KiB/session |")
	fmt.Println("|---|---|--:|--:|--:|--:|--:|")
	failed := false
	for _, target := range o.targets {
		name, command, _ := strings.Cut(target, "=")
		if err := measure(ctx, o, name, command); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}
