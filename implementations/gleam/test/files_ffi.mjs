// Reads the shared vectors: tests of a core have no other need of files.

import { readdirSync, readFileSync } from "node:fs";
import { toList } from "./gleam.mjs";

const VECTORS = "../../schemas/vectors/";

/** The files below a folder of the vectors, by their paths there. */
export function files(folder) {
  const found = readdirSync(VECTORS + folder, { recursive: true, withFileTypes: true });
  const paths = found
    .filter((one) => one.isFile())
    .map((one) => `${one.parentPath ?? one.path}/${one.name}`.slice(VECTORS.length));
  return toList(paths.sort());
}

export function read(path) {
  return readFileSync(VECTORS + path, "utf8");
}
