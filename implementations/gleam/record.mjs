// Writes compiled.json: which sources were compiled, with what, and what came of it. check.sh runs it when all has
// passed, with the summary of the kit on standard input; tests compare it with the sources where no compiler is.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { values } from "./vectors/values.mjs";

const HERE = new URL("./", import.meta.url);
/** What is compiled or run; gleam.toml names no version that is not told below. */
const SOURCES = /^(src|dev|test|vectors)\/.*\.(gleam|mjs)$|^(testee|record)\.mjs$/;

/** One digest of all sources, with their names. */
function sources() {
  const names = readdirSync(HERE, { recursive: true }).filter((name) => SOURCES.test(name));
  const lines = names.sort().map((name) => {
    const digest = createHash("sha256").update(readFileSync(new URL(name, HERE))).digest("hex");
    return `${digest}  ${name}\n`;
  });
  return createHash("sha256").update(lines.join("")).digest("hex");
}

/** The packages of Gleam that it was compiled with. */
function packages() {
  const manifest = readFileSync(new URL("manifest.toml", HERE), "utf8");
  const found = manifest.matchAll(/\{ name = "([^"]+)", version = "([^"]+)"/g);
  return Object.fromEntries([...found].map(([, name, version]) => [name, version]));
}

const { kit, protocol, headline } = JSON.parse(readFileSync(0, "utf8"));
const record = {
  compiler: execFileSync("gleam", ["--version"], { encoding: "utf8" }).trim(),
  node: process.version,
  packages: packages(),
  sources: sources(),
  kit: { kit, protocol, headline },
  vectors: values(),
};
writeFileSync(new URL("compiled.json", HERE), `${JSON.stringify(record, null, 2)}\n`);
