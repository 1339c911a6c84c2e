/** Actions: taking them, or refusing them here; and what their outcomes make of them. */

import type { Answer } from "./answers.js";
import { actionBody } from "./bodies.js";
import { VALIDATORS } from "./generated/validators.js";
import { encode, isWritable } from "./json.js";
import { chain, type Env, type Failed, type Model, type Reason, type Step } from "./model.js";
import {
  again,
  isCreate,
  localId,
  type Pending,
  put,
  type Taken,
  taken,
  waited,
  without,
} from "./pending.js";
import type { Outcome } from "./reading.js";
import { isLost, renew } from "./recovery.js";
import { largest } from "./sending.js";
import type { Action, JsonObject, Refusal } from "./types.js";

const CLIENT_SEQ_GAP = 4091;
/** So often an action is sent again whose number is beyond what the server counts: nothing will fill that. */
const TRIES_BEYOND = 6;
/** So many may be pending: whoever has as many has no server, or a slow one. */
const MOST_PENDING = 32;
/** So many local ids are known. Whoever still names an older one has not looked at the view for long. */
const MOST_LOCALS = 4_096;

/** Give an action its place, or refuse it: then it takes no number, and nothing is sent. */
export function dispatch(model: Model, env: Env, action: Action, tag: number): Step {
  const one = taken(action, env);
  const reason = refusalOf(model, env, one);
  if (reason !== null) return [model, [{ do: "refused", tag, reason }]];
  const isLocal = model.config.mode === "optimistic" && isCreate(action);
  const locals = isLocal ? [...model.locals, localId(env.id)].slice(-MOST_LOCALS) : model.locals;
  const placed: Model = { ...model, pending: [...model.pending, one], locals };
  return [placed, [{ do: "took", tag, action_id: env.id }]];
}

/** Why an action is not taken. What is not known yet, such as limits before the session is open, is no reason. */
function refusalOf(model: Model, env: Env, one: Taken): Reason | null {
  const { opened, link, work, pending, config } = model;
  const isPure = config.mode === "pure";
  if (work.at === "closed") return "closed";
  if (isPure && (opened === null || link === null || env.now < model.not_before)) return "not_live";
  if (opened !== null && !opened.actions.includes(one.action.type)) return "unknown_type";
  const body = bodyOf(model, env, one);
  if (!isValid(one.action.type, body)) return "invalid";
  if (model.locals.includes(named(one.action))) return "local_id";
  if (encode(body).length > largest(model)) return "too_large";
  if (isPure) return pending.length > 0 ? "busy" : null;
  return pending.length >= MOST_PENDING ? "full" : null;
}

/** The body that an action will have, as far as that is known. */
function bodyOf(model: Model, env: Env, one: Taken): JsonObject {
  const before = model.pending.filter(({ place }) => place === null).length;
  const session_id = model.session_id ?? env.id;
  return actionBody({ ...model, session_id }, one, model.next_number + before);
}

function isValid(type: string, body: JsonObject): boolean {
  const validate = VALIDATORS[`action ${type}`] ?? VALIDATORS["action unknown"];
  try {
    return validate?.(body) === true && isWritable(body);
  } catch {
    // Nested so deeply that nobody would read it.
    return false;
  }
}

/** The id of what an action is about; empty where it makes something new. */
function named({ type, data }: Action): string {
  const { article_id, message_id, url_id } = data;
  const kind = type.split(".")[0];
  const ids = new Map([
    ["article", article_id],
    ["chat", message_id],
    ["url", url_id],
  ]);
  const id = isCreate({ type, data }) ? null : ids.get(kind ?? "");
  return typeof id === "string" ? id : "";
}

/** An outcome came on `.control`, or on the reply subject of a copy. */
export function concluded(model: Model, env: Env, { action_id, refusal, result }: Outcome): Step {
  const one = model.pending.find((other) => other.action_id === action_id);
  if (one === undefined) return late(model, action_id, refusal);
  // In a session where it has no number yet nothing was said of it.
  if (one.place === null) return [model, []];
  if (refusal === null) return [acked(model, one, result), []];
  if (refusal.retryable) return refusedForNow(model, env, one, refusal);
  return fail(model, { action_id, code: refusal.code, message: refusal.message });
}

/** A final nack comes for what the position has counted: it was refused, and the user is told all the same. */
function late(model: Model, action_id: string, refusal: Refusal | null): Step {
  if (refusal === null || refusal.retryable || !model.counted.includes(action_id)) return [model, []];
  const known: Model = { ...model, counted: model.counted.filter((id) => id !== action_id) };
  return fail(known, { action_id, code: refusal.code, message: refusal.message });
}

/** An ack ends an action in `pure`. Otherwise its effects may be under way: it stays until the position counts it. */
function acked(model: Model, one: Pending, result: string | null): Model {
  if (model.config.mode === "pure") return without(model, one.action_id);
  return put(model, { ...one, stage: "done", result: result ?? one.result });
}

function refusedForNow(model: Model, env: Env, one: Pending, refusal: Refusal): Step {
  // It waits already: both answers to a copy say so, or this one comes late. It is sent again once.
  if (one.stage !== "sent") return [waited(model, env, one, refusal.retry_after_ms), []];
  const client_seq = one.place?.client_seq ?? 0;
  const { expected } = refusal;
  const isBehind = refusal.code === CLIENT_SEQ_GAP && expected !== null && expected < client_seq;
  const missing = isBehind ? model.pending.find(({ place }) => place?.client_seq === expected) : undefined;
  if (isBehind && missing === undefined && one.tries >= TRIES_BEYOND) return renew(model, env);
  const later = again(model, env, one, refusal.retry_after_ms, missing !== undefined);
  // The server has forgotten what it said of that one.
  return [missing?.stage === "done" ? again(later, env, missing) : later, []];
}

/** An answer came on the reply subject of a copy: an outcome, or an error, which takes no number. */
export function replied(model: Model, env: Env, one: Pending, answer: Answer | null): Step {
  if (answer === null) return [one.stage === "sent" ? again(model, env, one) : model, []];
  if (answer.is === "outcome") return concluded(model, env, answer);
  if (answer.is !== "error") return [model, []];
  const { refusal } = answer;
  if (isLost(refusal)) return renew(model, env);
  if (refusal.retryable) return refusedForNow(model, env, one, refusal);
  return unnumbered(model, env, one, refusal);
}

/** Its number was not taken: the next action has it, or those that were sent behind it go into a new session. */
function unnumbered(model: Model, env: Env, one: Pending, { code, message }: Refusal): Step {
  const client_seq = one.place?.client_seq ?? model.next_number;
  const step = fail(model, { action_id: one.action_id, code, message });
  if (client_seq < model.next_number - 1) return chain(step, (next) => renew(next, env));
  return [{ ...step[0], next_number: client_seq }, step[1]];
}

function fail(model: Model, failed: Failed): Step {
  return [without(model, failed.action_id), [{ do: "failed", failed }]];
}
