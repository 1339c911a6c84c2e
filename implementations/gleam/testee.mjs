#!/usr/bin/env node
// The adapter for the conformance kit, on what `gleam build` makes.

import { main } from "./build/dev/javascript/omnisession/omni/testee.mjs";

main();
