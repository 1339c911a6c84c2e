// The vectors that all implementations share.

import { existsSync, readdirSync, readFileSync } from "node:fs";

const VECTORS = new URL("../../../schemas/vectors/", import.meta.url);

/** The files below a folder of `schemas/vectors`, by their paths there. */
export function below(folder) {
  const place = new URL(`${folder}/`, VECTORS);
  const found = existsSync(place) ? readdirSync(place, { recursive: true }) : [];
  return found.filter((name) => /\.jsonl?$/.test(name)).sort();
}

/** What a file says; of one with lines a list. */
export function read(path) {
  const text = readFileSync(new URL(path, VECTORS), "utf8");
  return path.endsWith("l") ? text.trimEnd().split("\n").map((line) => JSON.parse(line)) : JSON.parse(text);
}
