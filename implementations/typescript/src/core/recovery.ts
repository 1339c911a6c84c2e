/** Opening and recovering: what is asked, when, and what comes of a failure. */

import { askData, request, subjectOf } from "./bodies.js";
import {
  type Ask,
  backoff,
  chain,
  type Effect,
  type Env,
  type Model,
  momentOf,
  type Renewed,
  type Step,
} from "./model.js";
import { carried, type Pending } from "./pending.js";
import type { Place, Refusal } from "./types.js";

/** The session is unknown to the server, or over: codes that only a session with a new id helps against. */
const LOST = [4041, 4101];

/** Ask now, or as soon as may be. */
export function recover(model: Model, env: Env, ask: Ask, wait_ms = 0, isGap = false): Step {
  // A renewal is a recovery as well.
  const wanted = model.opened === null || model.renewal !== null ? "open" : ask;
  const due: Model = { ...model, work: { at: "due", ask: wanted, isGap } };
  if (model.link === null) return [due, [{ do: "cancel", name: "work" }]];
  const ms = Math.ceil(Math.max(wait_ms, model.not_before - env.now));
  return ms > 0 ? [due, [{ do: "timer", name: "work", ms }]] : send(due, env, wanted);
}

/** What came before an open is behind the place that its answer will tell, or of a life of the id that is gone. */
function send(model: Model, env: Env, ask: Ask): Step {
  return chain(request(model, env, `session.${ask}`, askData(model, ask)), (asked) => [
    {
      ...asked,
      held: ask === "open" ? [] : asked.held,
      renewal: ask === "open" && asked.renewal !== null ? "sent" : asked.renewal,
      work: { at: "asking", ask, request: asked.last_request, since: momentOf(env) },
    },
    [{ do: "timer", name: "work", ms: model.config.timers.answer_ms }],
  ]);
}

/** It came to nothing: wait, and ask again. */
export function failed(model: Model, env: Env, ask: Ask, retry_after_ms = 0, isGap = false): Step {
  const failures = model.failures + 1;
  const not_before = Math.max(model.not_before, env.now + retry_after_ms);
  return recover({ ...model, failures, not_before }, env, ask, backoff(model.config, failures, env), isGap);
}

/** The time for an answer, for what it promised, or for a wait is over. */
export function workElapsed(model: Model, env: Env): Step {
  const { work } = model;
  switch (work.at) {
    case "asking":
      return failed(model, env, work.ask);
    case "arriving":
      return failed(model, env, "resume");
    case "due":
      return recover(model, env, work.ask);
    default:
      return [model, []];
  }
}

/** An answer promised messages up to a place; they may be there already. */
export function arriving(model: Model, ask: Ask, goal: Place): Step {
  const ms = model.config.timers.answer_ms;
  return [{ ...model, work: { at: "arriving", ask, goal } }, [{ do: "timer", name: "work", ms }]];
}

/** Whether a refusal says that the session is there no more. */
export function isLost(refusal: Refusal): boolean {
  return LOST.includes(refusal.code);
}

/** A request that makes the session whole was refused. */
export function refused(model: Model, env: Env, ask: Ask, refusal: Refusal): Step {
  if (refusal.retryable) return failed(model, env, ask, refusal.retry_after_ms);
  if (isLost(refusal)) return renew(ask === "open" ? { ...model, failures: model.failures + 1 } : model, env);
  switch (ask) {
    case "open":
      if (model.opened === null) return close(model, refusal.code);
      // The session lives, until its end.
      return chain(settled(model, { refused: refusal.code }), (next) => recover(next, env, "resume"));
    case "resume":
      return failed(model, env, "sync");
    case "sync":
      return renew({ ...model, failures: model.failures + 1 }, env);
  }
}

/** Go on in a session with a new id. What is pending comes along, and is known there by its ids. */
export function renew(model: Model, env: Env): Step {
  const { config, failures } = model;
  const fresh: Model = {
    ...model,
    session_id: env.id,
    opened: null,
    position: null,
    held: [],
    told: null,
    doubts: 0,
    pings: [],
    next_number: 1,
  };
  const subject = subjectOf(config.user_id, env.id, "*");
  const begun: Step = [
    fresh,
    [
      { do: "cancel", name: "ping" },
      { do: "cancel", name: "told" },
      { do: "subscribe", subject },
    ],
  ];
  const wait_ms = failures === 0 ? 0 : backoff(config, failures, env);
  return chain(chain(begun, leave), (next) => recover(next, env, "open", wait_ms));
}

/** The session is over: in `pure` what is under way is given up, since it may or may not have been done. */
function leave(model: Model): Step {
  return model.config.mode === "pure" ? giveUp(model, () => true) : [carried(model), []];
}

/** Drop actions, and tell the user that nobody knows whether they were done. */
export function giveUp(model: Model, isGiven: (one: Pending) => boolean): Step {
  const given = model.pending.filter(isGiven);
  if (given.length === 0) return [model, []];
  const effects = given.map(
    ({ action_id }): Effect => ({ do: "failed", failed: { action_id, reason: "given_up" } }),
  );
  return [{ ...model, pending: model.pending.filter((one) => !isGiven(one)) }, effects];
}

/** It is known what became of a renewal, if one was sent. */
export function settled(model: Model, renewed: Renewed): Step {
  if (model.renewal !== "sent") return [model, []];
  return [{ ...model, renewal: null }, [{ do: "renewed", renewed }]];
}

/** Send nothing more: for a code, or because the user left. */
export function close(model: Model, code: number | null): Step {
  const closed: Model = { ...model, work: { at: "closed", code }, held: [], told: null, pings: [] };
  // What a client keeps it shows on, and nothing tells any more what became of it.
  return chain(
    giveUp(closed, () => model.config.mode === "pure"),
    (next) => [
      { ...next, renewal: null },
      [
        { do: "cancel", name: "work" },
        { do: "cancel", name: "ping" },
        { do: "cancel", name: "told" },
        ...(next.renewal === null ? [] : [{ do: "renewed", renewed: { refused: code } } as const]),
      ],
    ],
  );
}
