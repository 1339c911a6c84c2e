#!/bin/sh
# Build the client in TypeScript, and see that there is a browser for its page.
#
# Exit codes: those of build.sh, and 69 as well where there is no Chromium.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
"$here/build.sh"
node "$here/dist/testee-browser.js" --find >&2
