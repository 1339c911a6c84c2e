/** The client as pure functions: no clock, no random number, no connection of its own. */

export { digest } from "./digest.js";
export { canonical, compareText } from "./json.js";
export * from "./model.js";
export { type PendingAction, pendingOf } from "./pending.js";
export { isKnown, kindOf, reduce, slicesOf } from "./slices/index.js";
export { tok, untok } from "./token.js";
export * from "./types.js";
export { update } from "./update.js";
export { viewOf } from "./view.js";
