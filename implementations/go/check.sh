#!/bin/sh
# Format, vet and test the Go server, then check it with the kit, as it is and with the profile secure.
#
#   implementations/go/check.sh [omnisession] [folder of the report]
#
# Exit codes: 0 all is well, or Go is not installed (the last line says SKIPPED); 69 (EX_UNAVAILABLE) the modules
# could not be downloaded, so nothing was judged; anything else is a failure of the server, or the verdict of the
# kit.
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

# Whatever can fail for want of a network is done first, on its own; a newer toolchain is a module, too. tools.mod
# holds what checks the server, apart from what it is built of.
if ! (cd "$here" && go mod download && go mod download -modfile=tools.mod) >"$built/download" 2>&1; then
    cat "$built/download" >&2
    echo "NO VERDICT: the Go modules could not be downloaded, so the Go server was not built." >&2
    echo "Check the network or GOPROXY; nothing is wrong with the server as far as this tells." >&2
    exit 69
fi

(
    cd "$here"
    unformatted=$(gofmt -l .)
    if [ -n "$unformatted" ]; then
        echo "gofmt would change: $unformatted" >&2
        exit 1
    fi
    go vet ./...
    go tool -modfile=tools.mod staticcheck ./...
    if [ "$(go env CGO_ENABLED)" = 1 ] && command -v "$(go env CC)" >/dev/null 2>&1; then
        go test -race ./...
    else
        echo "no C compiler: the tests run without the race detector" >&2
        go test ./...
    fi
    go build -o "$built/omnisession-server" ./cmd/omnisession-server
)

"$kit" check --server-cmd "$built/omnisession-server" --report "$report"
# The profile secure is off where nobody turns it on, and a server with all of it is another one.
touch "$built/revoked"
cat >"$built/revoke" <<'END'
#!/bin/sh
printf '{"jti": "%s"}\n' "$1" >>"${0%/*}/revoked"
END
chmod +x "$built/revoke"
cat >"$built/secure.toml" <<END
[target]
command = ["$built/omnisession-server", "-profile", "secure", "-end-with-token", "-revocations", "$built/revoked"]
[hooks]
revoke = ["$built/revoke", "{jti}"]
END
"$kit" check --config "$built/secure.toml" --report "$report/secure"
