package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
)

// process is a program with its children, in a group of their own.
type process struct{ cmd *exec.Cmd }

func start(ctx context.Context, env []string, words ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", words[0], err)
	}
	return &process{cmd}, nil
}

// stop ends the group, by force if it takes too long.
func (p *process) stop() {
	ended := make(chan struct{})
	go func() { _ = p.cmd.Wait(); close(ended) }()
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-ended
	}
}

// memory is the resident memory of the group in KiB, 0 where /proc is not.
func (p *process) memory() int {
	total := 0
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(data), ") ")
		fields := strings.Fields(rest) // state, parent, group, …
		if len(fields) < 22 || fields[2] != strconv.Itoa(p.cmd.Process.Pid) {
			continue
		}
		pages, _ := strconv.Atoi(fields[21])
		total += pages * os.Getpagesize() / 1024
	}
	return total
}

// startBroker starts a broker on a free port and returns its address.
func startBroker(ctx context.Context, program string) (*process, string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", fmt.Errorf("find a free port: %w", err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	url := fmt.Sprintf("nats://127.0.0.1:%d", port)
	broker, err := start(ctx, nil, program, "-a", "127.0.0.1", "-p", strconv.Itoa(port))
	if err != nil {
		return nil, "", err
	}
	for range 100 {
		if nc, err := nats.Connect(url); err == nil {
			nc.Close()
			return broker, url, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	broker.stop()
	return nil, "", fmt.Errorf("%s does not answer", program)
}
