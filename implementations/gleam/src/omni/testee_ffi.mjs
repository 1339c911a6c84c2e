// What the adapter needs of JavaScript: lines in and out, and a place for its sessions.

import { createInterface } from "node:readline";
import { toList } from "../gleam.mjs";

/** How long answers may take that are under way when the input ends. */
const LAST_ANSWERS_MS = 2_000;

export function cell(value) {
  return { value };
}

export function get(cell) {
  return cell.value;
}

export function set(cell, value) {
  cell.value = value;
}

export function args() {
  return toList(process.argv.slice(2));
}

export function exit(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

/** Answer each line of standard input; the end of it, or SIGTERM, is the end. */
export function serve(answer) {
  // Standard output is for answers alone, and libraries may write to the console.
  console.log = console.error;
  let underWay = 0;
  let isOver = false;
  const end = () => {
    if (isOver && underWay === 0) process.exit(0);
  };
  const respond = (text) => {
    process.stdout.write(`${text}\n`, () => {
      underWay -= 1;
      end();
    });
  };
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on("line", (line) => {
    underWay += 1;
    answer(line, respond);
  });
  lines.on("close", () => {
    isOver = true;
    setTimeout(() => process.exit(0), LAST_ANSWERS_MS);
    end();
  });
  process.on("SIGTERM", () => process.exit(0));
  process.stdout.on("error", () => process.exit(1));
}
