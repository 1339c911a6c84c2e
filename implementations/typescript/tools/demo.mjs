/** Bundles the page of the demo into dist/demo, with all that it loads: `omnisession demo` serves these files. */

import { copyFileSync, mkdirSync } from "node:fs";
import { build } from "esbuild";

await build({
  entryPoints: { demo: "demo/main.ts", style: "demo/style.css" },
  outdir: "dist/demo",
  bundle: true,
  format: "esm",
  platform: "browser",
  minify: true,
  legalComments: "inline",
  tsconfig: "tsconfig.demo.json",
  logLevel: "warning",
});
mkdirSync("dist/demo", { recursive: true });
copyFileSync("demo/index.html", "dist/demo/index.html");
