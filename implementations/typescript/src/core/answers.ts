/** Answers to requests and actions, from bytes to what they say. */

import { decode, isObject } from "./json.js";
import {
  isCount,
  isSpoken,
  type Outcome,
  type Own,
  readOutcome,
  readPosition,
  readRefusal,
} from "./reading.js";
import {
  type Feature,
  type Json,
  type JsonObject,
  KINDS,
  type Kind,
  type Limits,
  type Position,
  type Refusal,
} from "./types.js";

/** What the server granted, as `session.opened` tells it. */
export interface Opened {
  readonly is: "opened";
  readonly position: Position;
  readonly kinds: readonly Kind[];
  /** How many states follow, those of kinds that are not known here included. */
  readonly states: number;
  readonly features: readonly Feature[];
  readonly actions: readonly string[];
  readonly limits: Limits;
  readonly heartbeat_ms: number;
  readonly resume_window_ms: number;
  /** When the session ends with its token; null where it does not. */
  readonly expires_at: number | null;
}

export interface Syncing {
  readonly is: "syncing";
  readonly position: Position;
  readonly states: number | null;
}

export interface Resumed {
  readonly is: "resumed";
  readonly mode: "current" | "replay" | "snapshot";
  readonly position: Position;
  readonly messages: readonly Json[];
}

export type Answer =
  | Opened
  | Syncing
  | Resumed
  | Outcome
  | { readonly is: "pong"; readonly position: Position }
  | { readonly is: "error"; readonly refusal: Refusal };

/** What an answer says; null for what is none, which is as if it had not come. */
export function readAnswer(own: Own, bytes: Uint8Array): Answer | null {
  const body = decode(bytes);
  if (body === null || !isSpoken(body) || !isObject(body.data)) return null;
  if (body.type === "error") {
    const refusal = mayBeOwn(own, body) ? readRefusal(body.data.error) : null;
    return refusal === null ? null : { is: "error", refusal };
  }
  const position = readPosition(body.data.position);
  if (position === null || body.user_id !== own.user_id || body.session_id !== own.session_id) return null;
  return readData(body.type, body.data, position);
}

/** An error may answer a message that did not tell its ids. */
function mayBeOwn(own: Own, { user_id, session_id }: JsonObject): boolean {
  return (
    [own.user_id, null].includes(user_id as string) && [own.session_id, null].includes(session_id as string)
  );
}

function readData(type: unknown, data: JsonObject, position: Position): Answer | null {
  switch (type) {
    case "session.opened":
      return readOpened(data, position);
    case "session.syncing":
      return { is: "syncing", position, states: Array.isArray(data.kinds) ? data.kinds.length : null };
    case "session.resumed":
      return readResumed(data, position);
    case "session.pong":
      return { is: "pong", position };
    default:
      return readOutcome(type, data, position);
  }
}

function readOpened(data: JsonObject, position: Position): Opened | null {
  const kinds = texts(data.kinds);
  const { heartbeat_ms, resume_window_ms } = isObject(data.timers) ? data.timers : {};
  if (kinds.length === 0 || !isCount(heartbeat_ms) || heartbeat_ms < 1) return null;
  return {
    is: "opened",
    position,
    kinds: KINDS.filter((kind) => kinds.includes(kind)),
    states: kinds.length,
    features: texts(data.features) as Feature[],
    actions: texts(data.actions),
    limits: readLimits(data.limits),
    heartbeat_ms,
    resume_window_ms: isCount(resume_window_ms) ? resume_window_ms : 0,
    expires_at: isCount(data.expires_at) ? data.expires_at : null,
  };
}

function readLimits(value: unknown): Limits {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).filter(([, limit]) => isCount(limit)));
}

function readResumed(data: JsonObject, position: Position): Resumed | null {
  const { mode, messages } = data;
  if (mode !== "current" && mode !== "replay" && mode !== "snapshot") return null;
  return { is: "resumed", mode, position, messages: Array.isArray(messages) ? messages : [] };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
