import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PROGRAM } from "../src/version.js";

const PACKAGE = new URL("../../", import.meta.url);
const PAGES = ["README.md", "../../docs/guides/typescript.md"];

function read(path: string): string {
  return readFileSync(new URL(path, PACKAGE), "utf8");
}

test("what the pages show of TypeScript is compiled here", () => {
  const compiled = read("examples/chat.ts") + read("test/world.ts") + read("src/session.ts");
  const lines = new Set(compiled.split("\n").map((line) => line.trim()));
  for (const page of PAGES) {
    const shown = [...read(page).matchAll(/```ts\n(.*?)```/gs)].flatMap(([, text = ""]) => text.split("\n"));
    assert.ok(shown.length > 0, page);
    for (const line of shown) assert.ok(line === "" || lines.has(line.trim()), `${page}: ${line}`);
  }
});

test("the program says of itself what its package says", () => {
  const { name, version } = JSON.parse(read("package.json"));
  assert.deepEqual({ ...PROGRAM }, { name, version });
});

test("README gives a reason for each dependency", () => {
  const { dependencies, devDependencies } = JSON.parse(read("package.json"));
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
    assert.ok(read("README.md").includes(`\`${name}\``), name);
  }
});
