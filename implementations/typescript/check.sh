#!/bin/sh
# Build, lint and test the client in TypeScript, then check it with the kit.
#
#   implementations/typescript/check.sh [omnisession] [folder of the report]
#
# Exit codes: 0 all is well, or Node.js is not installed (the last line says SKIPPED); 69 (EX_UNAVAILABLE) the
# packages could not be installed, so nothing was judged; anything else is a failure of the client, or the verdict
# of the kit.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
kit=${1:-omnisession}
report=${2:-report-typescript}

if ! command -v node >/dev/null 2>&1; then
    echo "SKIPPED: Node.js is not installed, so the client in TypeScript was neither built nor checked." >&2
    exit 0
fi
code=0
"$here/build.sh" || code=$?
if [ "$code" -eq 69 ]; then
    echo "NO VERDICT: the packages of npm could not be installed, so the client was not built." >&2
    echo "Check the network or npm's settings; nothing is wrong with the client as far as this tells." >&2
fi
[ "$code" -eq 0 ] || exit "$code"
(
    cd "$here"
    npm run --silent lint
    npm run --silent test
)
"$kit" check --client-cmd "node $here/dist/testee.js" --report "$report"
