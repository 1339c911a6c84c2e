import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const CORE = fileURLToPath(new URL("../../src/core/", import.meta.url));
const IMPURE = /\b(Math\.random|Date\.now|performance|setTimeout|crypto|process|console|new Date)\b/;
const LONGEST = 250;

test("the core has no clock, no chance, no connection and nothing of Node", () => {
  const files = readdirSync(CORE, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.startsWith("generated"))
    .map((name) => [name, readFileSync(join(CORE, name), "utf8")] as const);
  assert.ok(files.length > 10);
  for (const [name, text] of files) {
    const others = [...text.matchAll(/from "([^"]+)"/g)].map(([, from]) => from ?? "");
    for (const from of others) assert.match(from, /^(\.\.?\/|@noble\/hashes\/)/, name);
    assert.doesNotMatch(text.replaceAll(/\/\*\*.*?\*\//gs, ""), IMPURE, name);
    assert.ok(text.split("\n").length < LONGEST, `${name} is short`);
  }
});

test("the validators are plain functions", () => {
  const text = readFileSync(join(CORE, "generated", "validators.ts"), "utf8");
  assert.doesNotMatch(text, /require\(|new Function|eval\(/);
});
