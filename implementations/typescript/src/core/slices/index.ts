/** Slices of all kinds: empty ones, and what an event does to one. */

import type { Kind, Limits, Slice, Slices } from "../types.js";
import * as articles from "./articles.js";
import * as chat from "./chat.js";
import * as url from "./url.js";
import * as user from "./user.js";

type Reducer = (slice: Slice, data: unknown, limits: Limits) => Slice;

const EMPTY: { readonly [K in Kind]: Slice } = {
  articles: articles.EMPTY,
  chat: chat.EMPTY,
  url: url.EMPTY,
  user: user.EMPTY,
};
const KIND_OF_PREFIX = new Map<string, Kind>([
  ["article", "articles"],
  ["chat", "chat"],
  ["url", "url"],
  ["user", "user"],
]);
// Whoever calls one has seen that data is valid for its type, and that the slice is of its kind.
const REDUCERS = new Map(
  Object.entries({ ...articles.REDUCERS, ...chat.REDUCERS, ...url.REDUCERS, ...user.REDUCERS }),
) as unknown as ReadonlyMap<string, Reducer>;

/** The kind of a type of event, undefined where it has none. */
export function kindOf(type: string): Kind | undefined {
  return KIND_OF_PREFIX.get(type.slice(0, Math.max(0, type.indexOf("."))));
}

/** Whether the protocol names this type of event. */
export function isKnown(type: string): boolean {
  return REDUCERS.has(type);
}

/** The slices of some kinds: those that are there, and empty ones. */
export function slicesOf(kinds: readonly Kind[], there: Slices): Slices {
  return Object.fromEntries(kinds.map((kind) => [kind, there[kind] ?? EMPTY[kind]]));
}

/** What the event of a known type, with valid data, makes of a slice of its kind. */
export function reduce(slice: Slice, type: string, data: unknown, limits: Limits): Slice {
  return REDUCERS.get(type)?.(slice, data, limits) ?? slice;
}
