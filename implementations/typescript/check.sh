#!/bin/sh
# Build, lint and test the client in TypeScript, then check it with the kit, in Node.js and in a browser.
#
#   implementations/typescript/check.sh [omnisession] [folder of the report]
#
# Exit codes: 0 all is well, or Node.js or Chromium is not installed (the last line says SKIPPED); 69 (EX_UNAVAILABLE)
# the packages could not be installed, so nothing was judged; anything else is a failure of the client, the verdict
# of the kit, or the want of Chromium where OMNISESSION_REQUIRE_TOOLS is 1.
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
if node "$here/dist/testee-browser.js" --find >/dev/null; then
    "$kit" check --client-carrier subject --client-cmd "node $here/dist/testee-browser.js" --report "$report-browser"
else
    echo "SKIPPED: without Chromium the client in TypeScript was not checked in a browser." >&2
    [ "${OMNISESSION_REQUIRE_TOOLS:-}" != 1 ] || exit 1
fi
