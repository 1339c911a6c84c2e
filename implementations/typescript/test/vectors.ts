/** The vectors of the protocol, which are data for every implementation. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../../../schemas/vectors/", import.meta.url));

export function vector<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(FOLDER, ...path), "utf8"));
}

/** The files below a folder of vectors, each with its name. */
export function vectors<T>(...path: string[]): [string, T][] {
  const files = readdirSync(join(FOLDER, ...path), { recursive: true, encoding: "utf8" });
  const found = files.filter((name) => name.endsWith(".json"));
  return found.sort().map((name) => [name, vector<T>(...path, name)]);
}
