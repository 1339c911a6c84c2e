/** Bundles the page of the demo into dist/demo, with all that it loads: `omnisession demo` serves these files. */

import { copyFileSync, mkdirSync } from "node:fs";
import { build } from "esbuild";

await build({
  entryPoints: ["demo/main.ts"],
  outfile: "dist/demo/demo.js",
  bundle: true,
  format: "esm",
  platform: "browser",
  minify: true,
  legalComments: "inline",
  tsconfig: "tsconfig.demo.json",
  logLevel: "warning",
});
mkdirSync("dist/demo", { recursive: true });
for (const name of ["index.html", "style.css"]) copyFileSync(`demo/${name}`, `dist/demo/${name}`);
