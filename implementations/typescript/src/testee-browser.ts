#!/usr/bin/env node
/**
 * Opens the testee's page in Chromium, for `--client-carrier subject`; ends it when it is told to end itself.
 * The page is served on the loopback, which browsers take for as safe as HTTPS. With `--find` alone it says where
 * Chromium is, or ends with 69 (EX_UNAVAILABLE).
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { read } from "./testee/arguments.js";
import { flags, found } from "./testee/browser.js";

const USAGE = 2;
const UNAVAILABLE = 69;
const SHOWN_LINES = 20;
/** How long the browser may take to end by itself. */
const ENDS_WITHIN_MS = 2_000;
const HTML =
  '<!doctype html><meta charset="utf-8"><title>testee</title><script type="module" src="testee.js"></script>';

function fail(why: unknown, code = USAGE): never {
  process.stderr.write(`${why instanceof Error ? why.message : why}\n`);
  return process.exit(code);
}

function chromium(): string {
  try {
    return found(process.env);
  } catch (error) {
    return fail(error, UNAVAILABLE);
  }
}

/** What the page is told in its address. */
function query(): URLSearchParams {
  const { OMNISESSION_TESTEE, OMNISESSION_TESTEE_SUBJECT, NATS_WS_URL } = process.env;
  if (OMNISESSION_TESTEE !== "subject" || !OMNISESSION_TESTEE_SUBJECT || !NATS_WS_URL)
    fail("This adapter takes requests on a subject: give the kit --client-carrier subject.");
  return new URLSearchParams({
    omni_kit: NATS_WS_URL,
    omni_subject: OMNISESSION_TESTEE_SUBJECT,
    declared: JSON.stringify(read(process.argv.slice(2))),
  });
}

/** Serve the page on a free port of the loopback. */
function served(): Promise<string> {
  const script = readFileSync(new URL("./page/testee.js", import.meta.url));
  const server = createServer(({ url }, response) => {
    const isScript = url === "/testee.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : HTML);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    });
  });
}

/** Write out what the page has said; of the browser's own words the last, where it ends by itself. */
function watched(browser: ChildProcess): string[] {
  const last: string[] = [];
  if (browser.stderr !== null)
    createInterface({ input: browser.stderr }).on("line", (line) => {
      if (line.includes(":CONSOLE")) process.stderr.write(`${line}\n`);
      else if (last.push(line) > SHOWN_LINES) last.shift();
    });
  return last;
}

async function run(): Promise<void> {
  const program = chromium();
  if (process.argv[2] === "--find") {
    process.stdout.write(`${program}\n`);
    return;
  }
  const told = query();
  const profile = mkdtempSync(join(tmpdir(), "omnisession-"));
  const page = `${await served()}?${told}`;
  const browser = spawn(program, flags(profile, page), { stdio: ["ignore", "ignore", "pipe"] });
  const last = watched(browser);
  let isLeaving = false;
  const leave = () => {
    isLeaving = true;
    browser.kill("SIGTERM");
    setTimeout(() => browser.kill("SIGKILL"), ENDS_WITHIN_MS);
  };
  process.on("SIGTERM", leave).on("SIGINT", leave);
  browser
    .on("error", (error) => fail(error))
    .on("close", (code, signal) => {
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
      if (isLeaving) process.exit(0);
      fail(`Chromium has ended (${code ?? signal}). It said:\n${last.join("\n")}`);
    });
}

run().catch((error) => fail(error));
