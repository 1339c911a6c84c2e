/** What a client holds, what it hears, and what it wants done. All of it is data. */

import type { Opened } from "./answers.js";
import type { Placed } from "./reading.js";
import type { Action, Feature, Kind, Place, Position, Slices } from "./types.js";

/** Times of the client's own, in ms. */
export interface Timers {
  /** Bound of the first random wait before something is tried again; it doubles. */
  readonly retry_base_ms: number;
  /** The largest bound of such a wait. */
  readonly retry_max_ms: number;
  /** Without an outcome for so long, an action is sent again. */
  readonly outcome_ms: number;
  /** Without an answer for so long, a request is given up. */
  readonly answer_ms: number;
}

export const TIMERS: Timers = {
  retry_base_ms: 200,
  retry_max_ms: 10_000,
  outcome_ms: 2_000,
  answer_ms: 4_000,
};

/** Who opens what. */
export interface Config {
  readonly user_id: string;
  readonly token: string | null;
  readonly kinds: readonly Kind[];
  readonly features: readonly Feature[];
  readonly timers: Timers;
  readonly client: { readonly name: string; readonly version: string };
}

/** What a session is made whole by. */
export type Ask = "open" | "resume" | "sync";

/** What is under way to make the session whole. */
export type Work =
  | { readonly at: "idle" }
  /** Its answer is awaited, and messages are held. */
  | { readonly at: "asking"; readonly ask: Ask; readonly request: number }
  /** Its answer promised messages up to a place. */
  | { readonly at: "arriving"; readonly ask: Ask; readonly goal: Place }
  /** It is asked when its wait is over and there is a connection; a gap may close by itself before that. */
  | { readonly at: "due"; readonly ask: Ask; readonly isGap: boolean }
  /** For good: by the user, or with the code of whatever ended it. */
  | { readonly at: "closed"; readonly code: number | null };

export interface Told extends Place {
  readonly isLost: boolean;
}

/** The one action that has no outcome yet. */
export interface UnderWay {
  readonly action_id: string;
  readonly client_seq: number;
  /** The same bytes in each copy. */
  readonly body: Uint8Array;
  readonly reply: number;
  readonly isSent: boolean;
  readonly tries: number;
  /** Before that moment it is not sent again. */
  readonly not_before: number;
}

export interface Model {
  readonly config: Config;
  /** The largest body that the broker takes, while there is a connection. */
  readonly link: { readonly max_payload: number } | null;
  readonly session_id: string | null;
  readonly opened: Opened | null;
  readonly position: Position | null;
  readonly slices: Slices;
  readonly work: Work;
  /** States and events that cannot be applied yet. */
  readonly held: readonly Placed[];
  /** A head beyond the position that was told of; surely lost where what told it came in the stream's order. */
  readonly told: Told | null;
  /** Recoveries in a row that came to nothing. */
  readonly failures: number;
  /** Heartbeats in a row whose digests were others. */
  readonly doubts: number;
  /** Before that moment nothing is opened or recovered. */
  readonly not_before: number;
  readonly pings: readonly { readonly request: number; readonly until: number }[];
  readonly last_request: number;
  readonly next_number: number;
  readonly under_way: UnderWay | null;
}

/** What a moment gives, drawn anew for each message. */
export interface Env {
  /** A clock in ms that only goes forward. */
  readonly now: number;
  /** The time in ms since the Unix epoch. */
  readonly at: number;
  /** From 0 to 1. */
  readonly random: number;
  /** An id that nobody has had, of 16 random bytes. */
  readonly id: string;
}

export type TimerName = "work" | "ping" | "told" | "outcome";

export type Msg =
  /** There is a connection, and what was subscribed is in force. */
  | { readonly is: "connected"; readonly max_payload: number }
  | { readonly is: "disconnected" }
  | { readonly is: "received"; readonly subject: string; readonly data: Uint8Array }
  /** The answer to what was published with this reply; null where nobody is there. */
  | { readonly is: "answered"; readonly reply: number; readonly data: Uint8Array | null }
  | { readonly is: "elapsed"; readonly timer: TimerName }
  | { readonly is: "dispatched"; readonly action: Action; readonly tag: number }
  | { readonly is: "stopped" };

/** Why a client refuses an action by itself. */
export type Reason = "too_large" | "invalid" | "unknown_type" | "closed" | "not_live" | "busy";

/** What became of an action that was taken, and failed. */
export type Failed =
  | { readonly action_id: string; readonly code: number; readonly message: string }
  | { readonly action_id: string; readonly reason: "given_up" };

export type Effect =
  /** In place of the subject before. */
  | { readonly do: "subscribe"; readonly subject: string }
  | { readonly do: "publish"; readonly subject: string; readonly body: Uint8Array; readonly reply: number }
  /** In place of the one of that name. */
  | { readonly do: "timer"; readonly name: TimerName; readonly ms: number }
  | { readonly do: "cancel"; readonly name: TimerName }
  /** The action of a dispatch has its place. */
  | { readonly do: "took"; readonly tag: number; readonly action_id: string }
  | { readonly do: "refused"; readonly tag: number; readonly reason: Reason }
  | { readonly do: "failed"; readonly failed: Failed };

export type Step = readonly [Model, readonly Effect[]];

/** Do one thing after the other. */
export function chain([model, effects]: Step, next: (model: Model) => Step): Step {
  const [after, more] = next(model);
  return [after, [...effects, ...more]];
}

export function start(config: Config, slices: Slices): Model {
  return {
    config,
    link: null,
    session_id: null,
    opened: null,
    position: null,
    slices,
    work: { at: "due", ask: "open", isGap: false },
    held: [],
    told: null,
    failures: 0,
    doubts: 0,
    not_before: 0,
    pings: [],
    last_request: 0,
    next_number: 1,
    under_way: null,
  };
}

export type Phase = "opening" | "live" | "recovering" | "offline" | "closed";

export function phaseOf({ work, link, opened }: Model): Phase {
  if (work.at === "closed") return "closed";
  if (link === null) return "offline";
  if (opened === null || (work.at === "arriving" && work.ask === "open")) return "opening";
  return work.at === "idle" ? "live" : "recovering";
}

/** Below 0, 0 or above 0, by epoch and then by seq. */
export function comparePlaces(left: Place, right: Place): number {
  return left.epoch - right.epoch || left.seq - right.seq;
}

/** A random wait; it is never nearly nothing, so that it is one. The bound doubles with each failure. */
export function backoff({ timers }: Config, failures: number, env: Env): number {
  const bound = Math.min(timers.retry_base_ms * 2 ** Math.max(0, failures - 1), timers.retry_max_ms);
  return Math.ceil((bound * (1 + env.random)) / 2);
}
