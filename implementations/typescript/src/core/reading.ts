/** Messages of a session's subjects, from bytes or bodies to what they say. */

import { VALIDATORS } from "./generated/validators.js";
import { decode, isObject, isShallow } from "./json.js";
import { isKnown } from "./slices/index.js";
import {
  type Json,
  type JsonObject,
  KINDS,
  type Kind,
  type Position,
  type Refusal,
  type Slice,
} from "./types.js";

/** What a state or event does: `skip` is a kind or type that nobody here knows, `unusable` cannot be used. */
export type Content =
  | { readonly is: "state"; readonly slice: Slice }
  | {
      readonly is: "event";
      readonly type: string;
      readonly data: JsonObject;
      /** The action that did it, whichever session sent it. */
      readonly action_id: string | null;
    }
  | { readonly is: "skip" }
  | { readonly is: "unusable" };

/** A state or event at its place in the stream. */
export interface Placed {
  readonly is: "placed";
  readonly position: Position;
  readonly isState: boolean;
  readonly content: Content;
}

export interface Heartbeat {
  readonly is: "heartbeat";
  readonly position: Position;
  readonly digests: JsonObject;
}

export interface Closing {
  readonly is: "closing";
  readonly code: number;
  readonly reconnect: boolean;
  readonly after_ms: number;
}

/** The session ends with its token, at a time in ms since the Unix epoch. */
export interface Expiring {
  readonly is: "expiring";
  readonly expires_at: number;
}

/** An ack, or a nack with its refusal. */
export interface Outcome {
  readonly is: "outcome";
  readonly action_id: string;
  readonly refusal: Refusal | null;
  /** The id of what an ack tells to be created. */
  readonly result: string | null;
  readonly position: Position;
}

export type Message = Placed | Heartbeat | Closing | Expiring | Outcome;

/** Whose messages are taken. */
export interface Own {
  readonly user_id: string;
  readonly session_id: string;
}

const VERSION = /^1\.(0|[1-9][0-9]*)$/;

/** Whether a body is of a version that is spoken here: this MAJOR and any MINOR (VER-003). */
export function isSpoken(body: JsonObject): boolean {
  return typeof body.v === "string" && VERSION.test(body.v);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function readPosition(value: unknown): Position | null {
  if (!isObject(value)) return null;
  const { epoch, seq, last_action_seq } = value;
  if (!isCount(epoch) || epoch < 1 || !isCount(seq) || !isCount(last_action_seq)) return null;
  return { epoch, seq, last_action_seq };
}

/** An error object. Codes that are not known are taken: what counts is whether it may be tried again. */
export function readRefusal(value: unknown): Refusal | null {
  if (!isObject(value) || !Number.isSafeInteger(value.code) || typeof value.retryable !== "boolean")
    return null;
  const { code, message, retryable, retry_after_ms, details } = value;
  const expected = isObject(details) && isCount(details.expected) ? details.expected : null;
  return {
    code: code as number,
    message: typeof message === "string" ? message : "",
    retryable,
    retry_after_ms: isCount(retry_after_ms) ? retry_after_ms : 0,
    expected,
  };
}

/** What a message on `.state`, `.events` or `.control` says; null for what is dropped. */
export function readMessage(own: Own, leaf: string, bytes: Uint8Array): Message | null {
  const body = decode(bytes);
  if (body === null || !isOwn(own, body)) return null;
  if (leaf === "control") return isSpoken(body) ? readPush(body) : null;
  const placed = readPlaced(own, body);
  return placed !== null && leaf === (placed.isState ? "state" : "events") ? placed : null;
}

/** A state or event at its place, null where it is not of this session, or has none. */
export function readPlaced(own: Own, body: Json): Placed | null {
  if (!isObject(body) || !isOwn(own, body) || typeof body.type !== "string") return null;
  const { epoch, seq } = body;
  if (!isCount(epoch) || epoch < 1 || !isCount(seq) || seq < 1) return null;
  const position = readPosition(body);
  const isState = body.type === "session.state";
  return {
    is: "placed",
    position: position ?? { epoch, seq, last_action_seq: 0 },
    isState,
    content: position === null || !isSpoken(body) ? { is: "unusable" } : readContent(body.type, body),
  };
}

function isOwn(own: Own, body: JsonObject): boolean {
  return body.user_id === own.user_id && body.session_id === own.session_id;
}

function readContent(type: string, { data, cause }: JsonObject): Content {
  if (!isObject(data) || !isShallow(data)) return { is: "unusable" };
  if (type === "session.state") return readSlice(data);
  if (!isKnown(type)) return { is: "skip" };
  const action_id = isObject(cause) && typeof cause.action_id === "string" ? cause.action_id : null;
  return VALIDATORS[`event ${type}`]?.(data) ? { is: "event", type, data, action_id } : { is: "unusable" };
}

function readSlice(data: JsonObject): Content {
  if (typeof data.type !== "string") return { is: "unusable" };
  if (!KINDS.includes(data.type as Kind)) return { is: "skip" };
  const slice = data as unknown as Slice;
  return VALIDATORS[`state ${data.type}`]?.(data) ? { is: "state", slice } : { is: "unusable" };
}

function readPush(body: JsonObject): Message | null {
  const { type, data } = body;
  if (!isObject(data)) return null;
  if (type === "session.closing") return readClosing(data);
  if (type === "auth.expiring") {
    return isCount(data.expires_at) ? { is: "expiring", expires_at: data.expires_at } : null;
  }
  const position = readPosition(data.position);
  if (position === null) return null;
  if (type === "session.heartbeat") {
    return { is: "heartbeat", position, digests: isObject(data.digests) ? data.digests : {} };
  }
  return readOutcome(type, data, position);
}

function readClosing({ code, reconnect, after_ms }: JsonObject): Closing | null {
  if (typeof reconnect !== "boolean") return null;
  return {
    is: "closing",
    code: isCount(code) ? code : 0,
    reconnect,
    after_ms: isCount(after_ms) ? after_ms : 0,
  };
}

export function readOutcome(type: unknown, data: JsonObject, position: Position): Outcome | null {
  if (typeof data.action_id !== "string") return null;
  const named = {
    is: "outcome",
    action_id: data.action_id,
    result: readResult(data.result),
    position,
  } as const;
  if (type === "action.ack") return { ...named, refusal: null };
  const refusal = type === "action.nack" ? readRefusal(data.error) : null;
  return refusal === null ? null : { ...named, refusal };
}

function readResult(value: unknown): string | null {
  if (!isObject(value)) return null;
  const { article_id, message_id, url_id } = value;
  const id = article_id ?? message_id ?? url_id;
  return typeof id === "string" ? id : null;
}
