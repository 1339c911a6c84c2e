#!/bin/sh
# Format, build and test the client in Gleam, play the shared vectors to it, then check it with the kit.
#
#   implementations/gleam/check.sh [omnisession] [folder of the report]
#
# Exit codes: 0 all is well, or Gleam or Node.js is not installed (the last line says SKIPPED); 69 (EX_UNAVAILABLE)
# the packages could not be downloaded, so nothing was judged; anything else is a failure of the client, or the
# verdict of the kit.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
kit=${1:-omnisession}
report=${2:-report-gleam}

for tool in gleam node npm; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "SKIPPED: $tool is not installed, so the client in Gleam was neither compiled nor checked." >&2
        exit 0
    fi
done

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Whatever can fail for want of a network is done first, on its own.
if ! (cd "$here" && gleam deps download && npm ci --loglevel=error) >"$log" 2>&1; then
    cat "$log" >&2
    echo "NO VERDICT: packages of Hex or npm could not be downloaded, so the client in Gleam was not compiled." >&2
    echo "Check the network; nothing is wrong with the client as far as this tells." >&2
    exit 69
fi

(
    cd "$here"
    gleam format --check src dev test
    gleam build --warnings-as-errors
    gleam test
    node --test vectors/*.test.mjs
)
"$kit" check --client-cmd "node $here/testee.mjs" --report "$report"
# What was compiled, with what, and what came of it: tests compare it with the sources where no compiler is.
(cd "$here" && node record.mjs) <"$report/summary.json"
