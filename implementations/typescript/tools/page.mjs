/** Bundles the testee's page into dist/page: a browser takes no package by its name. */

import { build } from "esbuild";

await build({
  entryPoints: ["page/testee.ts"],
  outfile: "dist/page/testee.js",
  bundle: true,
  format: "esm",
  platform: "browser",
  // In the place of TCP it names WebSocket.
  tsconfig: "tsconfig.page.json",
  logLevel: "warning",
});
