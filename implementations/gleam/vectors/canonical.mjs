// A short name of a JSON value, whatever the order of its members.

import { createHash } from "node:crypto";

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
}

/** The first 16 hex digits of the SHA-256 of its text with members in their order. */
export function digest(value) {
  return createHash("sha256").update(JSON.stringify(sorted(value))).digest("hex").slice(0, 16);
}
