#!/usr/bin/env node
/** The adapter for the conformance kit: requests on standard input, answers on standard output. */

import { createInterface } from "node:readline";
import { type Declared, read } from "./testee/arguments.js";
import { Contract } from "./testee/contract.js";

const USAGE = 2;
/** How long answers may take that are under way when the input ends. */
const LAST_ANSWERS_MS = 2_000;

function declared(): Declared {
  try {
    return read(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return process.exit(USAGE);
  }
}

function run(): void {
  if (process.env.OMNISESSION_TESTEE === "subject") {
    process.stderr.write("This adapter speaks on lines; dist/testee-browser.js is the one for a subject.\n");
    process.exit(USAGE);
  }
  const contract = new Contract(declared());
  // Standard output is for answers alone, and libraries may write to the console.
  console.log = console.error;
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  const underWay = new Set<Promise<void>>();
  lines.on("line", (line) => {
    const answering: Promise<void> = contract
      .answer(line)
      .then((answer) => void process.stdout.write(`${JSON.stringify(answer)}\n`))
      .finally(() => underWay.delete(answering));
    underWay.add(answering);
  });
  lines.on("close", () => {
    setTimeout(() => process.exit(0), LAST_ANSWERS_MS);
    void Promise.allSettled(underWay).then(() => process.exit(0));
  });
  process.on("SIGTERM", () => process.exit(0));
  process.stdout.on("error", () => process.exit(1));
}

run();
