/** JSON as the protocol has it: strict bytes, one form for digests, texts in the order of code points. */

import type { Json, JsonObject } from "./types.js";

const encoder = new TextEncoder();
const MOST_LEVELS = 200;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object that some bytes say, null where they say none: no UTF-8, a byte order mark, a list. */
export function decode(bytes: Uint8Array): JsonObject | null {
  try {
    const value: unknown = JSON.parse(
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
    );
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function encode(body: JsonObject): Uint8Array {
  return encoder.encode(JSON.stringify(body));
}

/** The form of RFC 8785. Its order of members is that of UTF-16 units, which is how JavaScript sorts. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`);
  return `{${members.join(",")}}`;
}

/** Below 0, 0 or above 0, by code points: UTF-16 units have another order (STATE-010). */
export function compareText(left: string, right: string): number {
  const shorter = Math.min(left.length, right.length);
  for (let at = 0; at < shorter; at += 1) {
    if (left.charCodeAt(at) === right.charCodeAt(at)) continue;
    return weight(left.charCodeAt(at)) - weight(right.charCodeAt(at));
  }
  return left.length - right.length;
}

/** A unit of UTF-16, with halves of surrogate pairs above all others: what they write is above U+FFFF. */
function weight(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** How many code points a text has, as JSON Schema counts characters. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Whether two values are equal as JSON. */
export function sameJson(left: unknown, right: unknown): boolean {
  return left === right || canonical(left as Json) === canonical(right as Json);
}

/** Whether a value is nested no deeper than any reader bears: what holds it is walked by calls in calls. */
export function isShallow(value: Json, levels = MOST_LEVELS): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((one) => isShallow(one, levels - 1));
}

/** Whether a value can be written so that every reader reads the same: no half of a pair, no vast integer. */
export function isWritable(value: Json): boolean {
  if (typeof value === "string") return !/\p{Surrogate}/u.test(value);
  if (typeof value === "number") return Number.isSafeInteger(value) || !Number.isInteger(value);
  if (Array.isArray(value)) return value.every(isWritable);
  if (!isObject(value)) return true;
  return Object.entries(value).every(([name, one]) => isWritable(name) && isWritable(one));
}
