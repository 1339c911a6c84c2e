#!/bin/sh
# Install what the client in TypeScript is made of, as far as that is not done, and build it into dist/.
#
# Exit codes: 0 it is built; 69 (EX_UNAVAILABLE) there is no Node.js here, or no way to its packages, and the last
# line says which; anything else is a failure of the build.
set -eu
cd -- "$(dirname -- "$0")"

for tool in node npm; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "no $tool" >&2
        exit 69
    fi
done
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    if ! npm ci --loglevel=error >"$log" 2>&1; then
        cat "$log" >&2
        echo "no way to the packages of npm" >&2
        exit 69
    fi
fi
npm run --silent build >&2
