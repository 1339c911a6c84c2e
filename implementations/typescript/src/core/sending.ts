/** Sending actions: which are due, under which number, and when the next one is. */

import { actionBody, actionSubject } from "./bodies.js";
import { encode } from "./json.js";
import { chain, type Env, type Model, type Step } from "./model.js";
import { again, looked, type Numbered, type Pending, pruned, put, type Taken, without } from "./pending.js";
import { renew } from "./recovery.js";

/** What is done after whatever came: drop what is done, send what is due, set the time of the next one. */
export function tend(model: Model, env: Env): Step {
  const kept = pruned(looked(model));
  const step: Step = isOpen(kept) ? sendDue(kept, env) : [kept, []];
  return chain(step, (next) => arm(next, env));
}

/** Whether the session takes actions. */
function isOpen({ work, opened, link }: Model): boolean {
  return work.at !== "closed" && opened !== null && link?.isAnswered === true;
}

/** Each in its turn: the order of the list is that of dispatch, and of numbers. */
function sendDue(model: Model, env: Env): Step {
  let step: Step = [model, []];
  let isBlocked = false;
  for (const one of model.pending) {
    if (one.stage === "done") continue;
    if (one.due > env.now || (isBlocked && one.isBehind)) {
      // Those behind it would take its number.
      if (one.place === null) break;
      isBlocked ||= one.stage === "waiting";
    } else if (one.stage === "sent") {
      step = [again(step[0], env, one), step[1]];
      isBlocked = true;
    } else {
      step = chain(step, (next) => send(next, env, one));
      if (step[0].opened === null) break;
    }
  }
  return step;
}

function send(model: Model, env: Env, one: Pending): Step {
  if (one.place !== null) return copy(model, env, one, one.place);
  const place = numbered(model, env, one);
  if (typeof place === "string") return refuse(model, one, place);
  const next: Model = { ...model, last_request: place.reply, next_number: place.client_seq + 1 };
  return publish(next, env, one, place);
}

/** Another copy, unless the broker is now one that takes less: then its number is missing for ever. */
function copy(model: Model, env: Env, one: Pending, place: Numbered): Step {
  const isTaken = place.body.length <= (model.link?.max_payload ?? 0);
  if (isTaken) return publish(model, env, one, place);
  return chain(refuse(model, one, "too_large"), (next) => renew(next, env));
}

function refuse(model: Model, { action_id }: Pending, reason: "unknown_type" | "too_large"): Step {
  return [without(model, action_id), [{ do: "failed", failed: { action_id, reason } }]];
}

/** The next number for an action, or why the session does not take it after all: then it takes none. */
function numbered(model: Model, { now, at }: Env, one: Taken): Numbered | "unknown_type" | "too_large" {
  const { opened, next_number, last_request } = model;
  if (opened !== null && !opened.actions.includes(one.action.type)) return "unknown_type";
  const body = encode(actionBody(model, one, next_number));
  if (body.length > largest(model)) return "too_large";
  return { client_seq: next_number, body, reply: last_request + 1, since: { now, at } };
}

/** The largest action that is taken, as far as that is known. */
export function largest({ opened, link }: Model): number {
  const { POSITIVE_INFINITY } = Number;
  return Math.min(opened?.limits.action ?? POSITIVE_INFINITY, link?.max_payload ?? POSITIVE_INFINITY);
}

function publish(model: Model, env: Env, one: Pending, place: Numbered): Step {
  const due = env.now + model.config.timers.outcome_ms;
  const sent: Pending = { ...one, place, stage: "sent", due, isBehind: false, wasSent: true };
  const { body, reply } = place;
  return [put(model, sent), [{ do: "publish", subject: actionSubject(model.config.user_id), body, reply }]];
}

/** Set the timer for what is due next. What is due and not sent waits for another one. */
function arm(model: Model, env: Env): Step {
  const dues = model.pending.filter(({ stage }) => stage !== "done").map(({ due }) => due);
  const later = dues.filter((due) => due > env.now);
  const alarm = isOpen(model) && later.length > 0 ? Math.min(...later) : null;
  if (alarm === model.alarm) return [model, []];
  const ms = Math.max(0, Math.ceil((alarm ?? 0) - env.now));
  return [
    { ...model, alarm },
    [alarm === null ? { do: "cancel", name: "outcome" } : { do: "timer", name: "outcome", ms }],
  ];
}
