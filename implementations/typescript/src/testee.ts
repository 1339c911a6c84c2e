#!/usr/bin/env node
/** The adapter for the conformance kit: requests on standard input, answers on standard output. */

import { createInterface } from "node:readline";
import { type Declared, read } from "./testee/arguments.js";
import { Contract } from "./testee/contract.js";

const USAGE = 2;

function declared(): Declared {
  try {
    return read(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return process.exit(USAGE);
  }
}

function run(): void {
  const contract = new Contract(declared());
  // Standard output is for answers alone, and libraries may write to the console.
  console.log = console.error;
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on("line", async (line) => {
    const answer = await contract.answer(line);
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  });
  lines.on("close", () => process.exit(0));
  process.on("SIGTERM", () => process.exit(0));
  process.stdout.on("error", () => process.exit(1));
}

run();
