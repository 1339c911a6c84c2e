#!/bin/sh
# Format, vet and test the Go server, then check it with the kit. Where Go is
# not installed this is skipped, and says so.
#
#   implementations/go/check.sh [omnisession] [folder of the report]
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
kit=${1:-omnisession}
report=${2:-report-go}
if ! command -v go >/dev/null 2>&1; then
    echo "SKIPPED: Go is not installed, so the Go server was neither built nor checked." >&2
    exit 0
fi
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
(
    cd "$here"
    unformatted=$(gofmt -l .)
    if [ -n "$unformatted" ]; then
        echo "gofmt would change: $unformatted" >&2
        exit 1
    fi
    go vet ./...
    if [ "$(go env CGO_ENABLED)" = 1 ] && command -v "$(go env CC)" >/dev/null 2>&1; then
        go test -race ./...
    else
        echo "no C compiler: the tests run without the race detector" >&2
        go test ./...
    fi
    go build -o "$built/omnisession-server" ./cmd/omnisession-server
)
"$kit" check --server-cmd "$built/omnisession-server" --report "$report"
