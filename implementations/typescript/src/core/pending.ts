/** Actions that were taken and are not known to be done: what is kept of each, and what moves it on. */

import { backoff, comparePlaces, type Env, type Model, type Moment } from "./model.js";
import { kindOf } from "./slices/index.js";
import type { Action, Place, Position, Slices } from "./types.js";

/** What the user has dispatched. */
export interface Taken {
  readonly action_id: string;
  readonly action: Action;
  /** When that was, in ms since the Unix epoch. */
  readonly at: number;
}

/** What an action is in a session: its number there, and the bytes of all its copies. */
export interface Numbered {
  readonly client_seq: number;
  readonly body: Uint8Array;
  readonly reply: number;
  /** When its first copy was sent. */
  readonly since: Moment;
}

export interface Pending extends Taken {
  /** Null before it is sent in the present session. */
  readonly place: Numbered | null;
  /** Its next copy is waited with; its outcome is awaited; or its outcome is known, and no copy is needed. */
  readonly stage: "waiting" | "sent" | "done";
  /** When the next copy goes out, or when the time for the outcome is over. */
  readonly due: number;
  /** What the server asked for: before that moment it is not sent, be it on a new connection. */
  readonly not_before: number;
  readonly tries: number;
  /** The server waits for a number before its own. */
  readonly isBehind: boolean;
  /** The first place known to count it. */
  readonly counted: Position | null;
  /** Whether a copy was sent in any session. */
  readonly wasSent: boolean;
  /** The id of what it created, as its ack told. */
  readonly result: string | null;
  /** Whether what it creates has been seen in the slices. */
  readonly isSeen: boolean;
}

/** So many ids are known of what the position counted: so many outcomes a server remembers. */
const MOST_COUNTED = 256;
const CREATES = ["article.create", "chat.send", "url.create"];

export function isCreate({ type }: Action): boolean {
  return CREATES.includes(type);
}

/** The id that a new entry has in the view, until the server tells one. */
export function localId(action_id: string): string {
  return `local:${action_id}`;
}

export function taken(action: Action, { id, at, now }: Env): Pending {
  return {
    ...{ action_id: id, action, at },
    place: null,
    stage: "waiting",
    due: now,
    not_before: 0,
    tries: 0,
    isBehind: false,
    counted: null,
    wasSent: false,
    result: null,
    isSeen: false,
  };
}

/** The same one in its place. */
export function put(model: Model, changed: Pending): Model {
  const pending = model.pending.map((one) => (one.action_id === changed.action_id ? changed : one));
  return { ...model, pending };
}

export function without(model: Model, action_id: string): Model {
  return { ...model, pending: model.pending.filter((one) => one.action_id !== action_id) };
}

/** The same bytes again, after a wait. */
export function again(model: Model, env: Env, one: Pending, retry_after_ms = 0, isBehind = false): Model {
  const tries = one.tries + 1;
  const not_before = Math.max(one.not_before, env.now + retry_after_ms);
  const due = Math.max(not_before, env.now + backoff(model.config, tries, env));
  return put(model, { ...one, stage: "waiting", tries, not_before, due, isBehind });
}

/** What waits for its next copy waits for so long at least. */
export function waited(model: Model, env: Env, one: Pending, retry_after_ms: number): Model {
  const not_before = Math.max(one.not_before, env.now + retry_after_ms);
  if (one.stage !== "waiting" || retry_after_ms === 0) return model;
  return put(model, { ...one, not_before, due: Math.max(one.due, not_before) });
}

/** All of them go out again, as soon as the server lets them: the connection is lost, or the server stops. */
export function cut(model: Model): Model {
  return each(model, (one) => ({ ...one, stage: "waiting", due: one.not_before, isBehind: false }));
}

/** The server is at an earlier place than it was: what it told of later ones holds no more. */
export function rewound(model: Model): Model {
  return cut(each(model, (one) => ({ ...one, counted: null, isSeen: false })));
}

/** They come along into a new session, which gives them new numbers. */
export function carried(model: Model): Model {
  return cut(each(model, (one) => ({ ...one, place: null, tries: 0, counted: null })));
}

function each(model: Model, change: (one: Pending) => Pending): Model {
  return model.pending.length === 0 ? model : { ...model, pending: model.pending.map(change) };
}

/** A position was told, by whatever it was. Ahead of the own one it counts when that has reached it. */
export function noted(model: Model, told: Position): Model {
  const { position, config } = model;
  if (position === null) return model;
  if (comparePlaces(told, position) <= 0) return counting(model, told.last_action_seq);
  if (config.mode === "pure") return model;
  const isCounted = ({ place }: Pending) => place !== null && place.client_seq <= told.last_action_seq;
  if (!model.pending.some(isCounted)) return model;
  return each(model, (one) =>
    isCounted(one) ? { ...one, stage: "done", counted: earlier(one.counted, told) } : one,
  );
}

function earlier(left: Position | null, right: Position): Position {
  return left !== null && comparePlaces(left, right) <= 0 ? left : right;
}

/** So many actions count at the present position. */
function counting(model: Model, last_action_seq: number): Model {
  const { position } = model;
  if (position === null || last_action_seq <= position.last_action_seq) return model;
  return { ...model, position: { ...position, last_action_seq } };
}

/** Drop what the own position counts, and no more than that. */
export function pruned(model: Model): Model {
  const { position, config, pending } = model;
  if (position === null || config.mode === "pure" || pending.length === 0) return model;
  const reached = pending.map(({ counted }) => (isReached(position, counted) ? counted.last_action_seq : 0));
  const next = counting(model, Math.max(...reached));
  const last = next.position?.last_action_seq ?? 0;
  const left = pending.filter(({ place }) => place === null || place.client_seq > last);
  if (left.length === pending.length) return next;
  const gone = pending.filter((one) => !left.includes(one)).map(({ action_id }) => action_id);
  return { ...next, pending: left, counted: [...next.counted, ...gone].slice(-MOST_COUNTED) };
}

function isReached(position: Position, place: Position | null): place is Position {
  return place !== null && comparePlaces(place, position) <= 0;
}

/** An event was reduced that an action caused. */
export function caused(model: Model, action_id: string | null): Model {
  const isIts = (one: Pending) => one.action_id === action_id && !one.isSeen && isCreate(one.action);
  return model.pending.some(isIts)
    ? each(model, (one) => (isIts(one) ? { ...one, isSeen: true } : one))
    : model;
}

/** See which creates have come into the slices, by the ids that their acks told. */
export function looked(model: Model): Model {
  const isThere = ({ result, isSeen, action }: Pending) =>
    result !== null && !isSeen && isCreate(action) && holds(model.slices, action.type, result);
  return model.pending.some(isThere)
    ? each(model, (one) => (isThere(one) ? { ...one, isSeen: true } : one))
    : model;
}

function holds(slices: Slices, type: string, id: string): boolean {
  const lists = {
    articles: slices.articles?.articles,
    chat: slices.chat?.messages,
    url: slices.url?.urls,
    user: undefined,
  };
  const kind = kindOf(type);
  return kind !== undefined && (lists[kind]?.some((one) => one.id === id) ?? false);
}

/** Whether an answer takes a client back. */
export function isBack({ position }: Model, place: Place): boolean {
  return position !== null && comparePlaces(place, position) < 0;
}

/** What is pending, for people and for the kit. */
export interface PendingAction extends Action {
  readonly action_id: string;
  /** Its number in the session; null before it has one. */
  readonly client_seq: number | null;
}

export function pendingOf({ pending }: Model): readonly PendingAction[] {
  return pending.map(({ action_id, action, place }) => ({
    action_id,
    client_seq: place?.client_seq ?? null,
    ...action,
  }));
}
