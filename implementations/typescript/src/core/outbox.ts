/** Actions, one at a time: its number, its bytes, its outcome. */

import type { Answer } from "./answers.js";
import { actionBody, actionSubject } from "./bodies.js";
import { VALIDATORS } from "./generated/validators.js";
import { encode, isWritable } from "./json.js";
import {
  backoff,
  chain,
  type Env,
  type Failed,
  type Model,
  type Reason,
  type Step,
  type UnderWay,
} from "./model.js";
import type { Outcome } from "./reading.js";
import { isLost, renew } from "./recovery.js";
import type { Action, JsonObject, Refusal } from "./types.js";

const CLIENT_SEQ_GAP = 4091;
/** So often an action is sent again whose number is beyond what the server counts: nothing will fill that. */
const TRIES_BEYOND = 6;

/** Give an action its place, or refuse it: then it takes no number. */
export function dispatch(model: Model, env: Env, action: Action, tag: number): Step {
  const written = writing(model, env, action);
  if (typeof written === "string") return [model, [{ do: "refused", tag, reason: written }]];
  const reply = model.last_request + 1;
  const client_seq = model.next_number;
  const under_way: UnderWay = {
    action_id: env.id,
    client_seq,
    body: written,
    reply,
    isSent: false,
    tries: 0,
    not_before: 0,
  };
  const placed: Model = { ...model, last_request: reply, next_number: client_seq + 1, under_way };
  return chain([placed, [{ do: "took", tag, action_id: env.id }]], (next) => publish(next, under_way));
}

/** The bytes of an action, or why it is not taken. */
function writing(model: Model, env: Env, action: Action): Uint8Array | Reason {
  const { opened, link, work } = model;
  if (work.at === "closed") return "closed";
  if (opened === null || link === null || env.now < model.not_before) return "not_live";
  if (!opened.actions.includes(action.type)) return "unknown_type";
  const body = actionBody(model, env, action, env.id, model.next_number);
  if (!isValid(action.type, body)) return "invalid";
  const bytes = encode(body);
  if (bytes.length > Math.min(opened.limits.action ?? link.max_payload, link.max_payload)) return "too_large";
  return model.under_way === null ? bytes : "busy";
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

function publish(model: Model, under_way: UnderWay): Step {
  const { body, reply } = under_way;
  const subject = actionSubject(model.config.user_id);
  return [
    { ...model, under_way: { ...under_way, isSent: true } },
    [
      { do: "publish", subject, body, reply },
      { do: "timer", name: "outcome", ms: model.config.timers.outcome_ms },
    ],
  ];
}

/** The time for an outcome is over, or the wait before the next copy. */
export function outcomeElapsed(model: Model, env: Env): Step {
  const { under_way } = model;
  if (under_way === null || model.link === null) return [model, []];
  if (under_way.isSent) return again(model, env, under_way);
  const isEarly = Math.max(under_way.not_before, model.not_before) > env.now;
  return isEarly ? armResend(model, env, 0) : publish(model, under_way);
}

/** Send the same bytes again, after a wait. */
function again(model: Model, env: Env, under_way: UnderWay, retry_after_ms = 0): Step {
  const tries = under_way.tries + 1;
  const not_before = Math.max(under_way.not_before, env.now + retry_after_ms);
  const waiting = { ...under_way, tries, not_before, isSent: false };
  return armResend({ ...model, under_way: waiting }, env, backoff(model.config, tries, env));
}

/** Set the time of the next copy: also over a new connection not before the server wants it. */
export function armResend(model: Model, env: Env, wait_ms: number): Step {
  const { under_way } = model;
  if (under_way === null || model.link === null) return [model, []];
  const earliest = Math.max(under_way.not_before, model.not_before) - env.now;
  const ms = Math.max(0, Math.ceil(Math.max(wait_ms, earliest)));
  return [{ ...model, under_way: { ...under_way, isSent: false } }, [{ do: "timer", name: "outcome", ms }]];
}

/** An outcome came on `.control`, or on the reply subject of a copy. */
export function concluded(model: Model, env: Env, { action_id, refusal }: Outcome): Step {
  const { under_way } = model;
  if (under_way === null || under_way.action_id !== action_id) return [model, []];
  if (refusal === null) return [{ ...model, under_way: null }, [{ do: "cancel", name: "outcome" }]];
  if (refusal.retryable) return refusedForNow(model, env, under_way, refusal);
  return fail(model, { action_id, code: refusal.code, message: refusal.message });
}

function refusedForNow(model: Model, env: Env, under_way: UnderWay, refusal: Refusal): Step {
  const isBeyond =
    refusal.code === CLIENT_SEQ_GAP && refusal.expected !== null && refusal.expected < under_way.client_seq;
  if (isBeyond && under_way.tries >= TRIES_BEYOND) return renew(model, env);
  // Both answers to one copy say so; it is sent again once.
  return under_way.isSent ? again(model, env, under_way, refusal.retry_after_ms) : [model, []];
}

/** An answer came on the reply subject of a copy: an outcome, or an error, which takes no number. */
export function replied(model: Model, env: Env, under_way: UnderWay, answer: Answer | null): Step {
  if (answer === null) return under_way.isSent ? again(model, env, under_way) : [model, []];
  if (answer.is === "outcome") return concluded(model, env, answer);
  if (answer.is !== "error") return [model, []];
  const { refusal } = answer;
  if (isLost(refusal)) return renew(model, env);
  if (refusal.retryable) return refusedForNow(model, env, under_way, refusal);
  const { action_id, client_seq } = under_way;
  return fail(
    { ...model, next_number: client_seq },
    { action_id, code: refusal.code, message: refusal.message },
  );
}

function fail(model: Model, failed: Failed): Step {
  return [
    { ...model, under_way: null },
    [
      { do: "cancel", name: "outcome" },
      { do: "failed", failed },
    ],
  ];
}
