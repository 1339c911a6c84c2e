import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { flags, found } from "../src/testee/browser.js";

/** The one that is built: the page stands beside it. */
const LAUNCHER = fileURLToPath(new URL("../../dist/testee-browser.js", import.meta.url));
const TOLD = {
  OMNISESSION_TESTEE: "subject",
  OMNISESSION_TESTEE_SUBJECT: "omni.testee.t1",
  NATS_WS_URL: "ws://127.0.0.1:9",
};

/** A folder with programs that do as their texts say. */
function programs(texts: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "omnisession-test-"));
  for (const [name, text] of Object.entries(texts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

async function launched(environment: Readonly<Record<string, string>>, ...words: string[]) {
  const env = { PATH: process.env.PATH ?? "", ...environment };
  const child = spawn(process.execPath, [LAUNCHER, ...words], { env, stdio: ["ignore", "ignore", "pipe"] });
  let told = "";
  child.stderr.on("data", (bytes: Buffer) => {
    told += bytes;
  });
  return { child, ended: once(child, "close"), told: () => told };
}

test("Chromium is found by its variables, then on the path", () => {
  const folder = programs({ "google-chrome": "", chromium: "", mine: "" });
  const PATH = `/nowhere:${folder}`;
  assert.equal(found({ PATH }), join(folder, "chromium"));
  assert.equal(found({ PATH, CHROMIUM: "mine" }), join(folder, "mine"));
  const named = join(folder, "google-chrome");
  assert.equal(found({ PATH, CHROMIUM: "mine", OMNISESSION_BROWSER: named }), named);
  assert.throws(() => found({ PATH, OMNISESSION_BROWSER: "/no/such" }), /none at \/no\/such.*Install it/);
  assert.throws(() => found({ PATH: "/nowhere" }), /the PATH has none of chromium, /);
});

test("it runs without a window, with a profile of its own", () => {
  const words = flags("/tmp/profile", "http://127.0.0.1/");
  assert.ok(words.includes("--headless"));
  assert.ok(words.includes("--user-data-dir=/tmp/profile"));
  assert.equal(words.at(-1), "http://127.0.0.1/");
});

test("without the carrier it says which one it takes", async () => {
  const { ended, told } = await launched({});
  assert.deepEqual((await ended)[0], 2);
  assert.match(told(), /--client-carrier subject/);
});

test("it says where Chromium is, or that there is none", async () => {
  const folder = programs({ chromium: "" });
  const here = await launched({ OMNISESSION_BROWSER: join(folder, "chromium") }, "--find");
  assert.equal((await here.ended)[0], 0);
  const nowhere = await launched({ OMNISESSION_BROWSER: "/no/such" }, "--find");
  assert.equal((await nowhere.ended)[0], 69);
  assert.match(nowhere.told(), /There is no Chromium: none at \/no\/such/);
});

test("a browser that ends is told, with its last words", async () => {
  const folder = programs({ chromium: "echo it is broken >&2; exit 3" });
  const { ended, told } = await launched({ ...TOLD, OMNISESSION_BROWSER: join(folder, "chromium") });
  assert.equal((await ended)[0], 2);
  assert.match(told(), /Chromium has ended \(3\)\. It said:\nit is broken/);
});

test("the page is served, told what it has to know, and ended with its launcher", async () => {
  const folder = programs({});
  const script = `for last; do :; done; echo "$last" > ${folder}/page.part; mv ${folder}/page.part ${folder}/page
echo 'x:INFO:CONSOLE:1] "hello"' >&2; echo noise >&2
trap 'echo ended > ${folder}/ended; exit 0' TERM
while :; do sleep 0.05; done`;
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin", "chromium"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, "bin", "chromium"), 0o755);
  const environment = { ...TOLD, OMNISESSION_BROWSER: join(folder, "bin", "chromium") };
  const { child, ended, told } = await launched(environment, "--kinds", "chat");
  while (!told().includes("hello")) await once(child.stderr, "data");
  const page = new URL(readFileSync(join(folder, "page"), "utf8").trim());
  assert.equal(page.hostname, "127.0.0.1");
  assert.equal(page.searchParams.get("omni_kit"), TOLD.NATS_WS_URL);
  assert.equal(page.searchParams.get("omni_subject"), TOLD.OMNISESSION_TESTEE_SUBJECT);
  assert.deepEqual(JSON.parse(page.searchParams.get("declared") ?? "").kinds, ["chat"]);
  assert.match(await (await fetch(page)).text(), /<script type="module" src="testee.js">/);
  const bundle = await (await fetch(new URL("testee.js", page))).text();
  assert.match(bundle, /omni_subject/);
  assert.doesNotMatch(bundle, /from "@nats-io|require\("net"\)|from "node:/);
  child.kill("SIGTERM");
  assert.equal((await ended)[0], 0);
  assert.equal(readFileSync(join(folder, "ended"), "utf8"), "ended\n");
  assert.doesNotMatch(told(), /noise/);
});
