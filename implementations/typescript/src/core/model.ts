/** What a client holds, what it hears, and what it wants done. All of it is data. */

import type { Opened } from "./answers.js";
import type { Pending } from "./pending.js";
import type { Placed } from "./reading.js";
import type { Action, Feature, Kind, Limits, Place, Position, Slices } from "./types.js";

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

/**
 * What becomes of the user's actions. `pure` sends one at a time and shows what the server says; `hybrid` keeps them
 * pending until the position counts them; `optimistic` shows them on top of the slices as well.
 */
export const MODES = ["pure", "hybrid", "optimistic"] as const;
export type Mode = (typeof MODES)[number];

/** Who opens what. */
export interface Config {
  readonly mode: Mode;
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
  | { readonly at: "asking"; readonly ask: Ask; readonly request: number; readonly since: Moment }
  /** Its answer promised messages up to a place. */
  | { readonly at: "arriving"; readonly ask: Ask; readonly goal: Place }
  /** It is asked when its wait is over and there is a connection; a gap may close by itself before that. */
  | { readonly at: "due"; readonly ask: Ask; readonly isGap: boolean }
  /** For good: by the user, or with the code of whatever ended it. */
  | { readonly at: "closed"; readonly code: number | null };

export interface Told extends Place {
  readonly isLost: boolean;
}

/** A moment by two clocks: one that never goes back, and one that goes on while a machine sleeps. */
export interface Moment {
  /** A clock in ms that only goes forward. */
  readonly now: number;
  /** The time in ms since the Unix epoch. */
  readonly at: number;
}

export interface Link {
  /** The largest body that the broker takes. */
  readonly max_payload: number;
  /** Whether something that was asked on it to make the session whole is answered: only then actions go out. */
  readonly isAnswered: boolean;
}

export interface Model {
  readonly config: Config;
  /** While there is a connection. */
  readonly link: Link | null;
  readonly session_id: string | null;
  readonly opened: Opened | null;
  readonly position: Position | null;
  readonly slices: Slices;
  readonly work: Work;
  /** Of a token that the session is to be renewed by: whether an open with it was sent. Null where there is none. */
  readonly renewal: "due" | "sent" | null;
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
  readonly pings: readonly { readonly request: number; readonly until: number; readonly since: Moment }[];
  readonly last_request: number;
  readonly next_number: number;
  /** Actions that were taken and are not known to be done, in the order of dispatch; at most one in `pure`. */
  readonly pending: readonly Pending[];
  /** Ids of the newest that the position counted: a final nack may still come for one of them. */
  readonly counted: readonly string[];
  /** Local ids of the newest creates: nobody else knows what they name. */
  readonly locals: readonly string[];
  /** When the timer of actions is over, null where there is none. */
  readonly alarm: number | null;
  /** What lists are cut to: the limits of the last `opened`, none before the first. */
  readonly limits: Limits;
  /** When the last message was sent that the session has answered. */
  readonly life: Moment | null;
  /** So long after that moment the server knows what became of the actions; null for ever. */
  readonly memory_ms: number | null;
}

/** What a moment gives, drawn anew for each message. */
export interface Env extends Moment {
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
  /** There is another token, by which the session may go on. */
  | { readonly is: "renewed"; readonly token: string }
  | { readonly is: "stopped" };

/** Why a client refuses an action by itself. */
export type Reason =
  | ("too_large" | "invalid" | "unknown_type" | "local_id" | "closed")
  /** In `pure` alone. */
  | ("not_live" | "busy")
  /** In the other modes. */
  | "full";

/** What became of an action that was taken, and failed. */
export type Failed =
  | { readonly action_id: string; readonly code: number; readonly message: string }
  /** It may or may not have been done, or it proved to be none that the server would take. */
  | { readonly action_id: string; readonly reason: "given_up" | "too_large" | "unknown_type" };

/** The end of a session by its token, in ms since the Unix epoch and null for none; or why it was not moved. */
export type Renewed =
  | { readonly expires_at: number | null }
  /** By which code; null where the user left. */
  | { readonly refused: number | null };

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
  | { readonly do: "failed"; readonly failed: Failed }
  /** The session ends then, unless it is renewed. */
  | { readonly do: "expiring"; readonly expires_at: number }
  | { readonly do: "renewed"; readonly renewed: Renewed };

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
    renewal: null,
    held: [],
    told: null,
    failures: 0,
    doubts: 0,
    not_before: 0,
    pings: [],
    last_request: 0,
    next_number: 1,
    pending: [],
    counted: [],
    locals: [],
    alarm: null,
    limits: {},
    life: null,
    memory_ms: null,
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

export function momentOf({ now, at }: Env): Moment {
  return { now, at };
}
