/** Where what is seen is unlike what a vector expects. */

import type { Json, JsonObject } from "../src/core/index.js";

/** Where a value differs first; of an object only the members that are expected are looked at. */
export function unlike(where: string, expected: Json, seen: Json | undefined): string | null {
  if (isList(expected) && isList(seen) && expected.length === seen.length) {
    return first(expected.map((one, at) => unlike(`${where}/${at}`, one, seen[at])));
  }
  if (isObject(expected) && isObject(seen)) {
    return first(
      Object.keys(expected).map((name) => unlike(`${where}/${name}`, expected[name] ?? null, seen[name])),
    );
  }
  if (expected === seen) return null;
  return `${where}: expected ${JSON.stringify(expected)}, seen ${JSON.stringify(seen)}`;
}

function first(found: readonly (string | null)[]): string | null {
  return found.find((one) => one !== null) ?? null;
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !isList(value);
}
