/** What keeps a session alive, and what ends it. */

import type { Answer, Opened } from "./answers.js";
import { request, subjectOf } from "./bodies.js";
import { digest } from "./digest.js";
import {
  backoff,
  chain,
  comparePlaces,
  type Effect,
  type Env,
  type Model,
  momentOf,
  type Step,
} from "./model.js";
import { cut } from "./pending.js";
import type { Closing, Heartbeat } from "./reading.js";
import { close, failed, isLost, recover, renew } from "./recovery.js";
import { further } from "./stream.js";
import type { Kind, Position, Slice } from "./types.js";

/** The part of `heartbeat_ms` after which the next ping goes out: it is to be there in time. */
const EARLY = 0.8;
const MOST_PINGS = 32;

export function heartbeatTimer({ heartbeat_ms }: Opened): Effect {
  return { do: "timer", name: "ping", ms: Math.ceil(heartbeat_ms * EARLY) };
}

/** There is a connection, and the session's subscription is in force on it. */
export function connected(model: Model, env: Env, max_payload: number): Step {
  const linked: Model = { ...model, link: { max_payload, isAnswered: false }, failures: 0 };
  if (linked.work.at === "closed") return [linked, []];
  if (linked.session_id === null) return renew(linked, env);
  const beats = linked.opened === null ? [] : [heartbeatTimer(linked.opened)];
  return chain([linked, beats], (next) => recover(next, env, "resume"));
}

export function disconnected(model: Model): Step {
  const lost: Model = { ...cut(model), link: null, held: [], told: null, pings: [] };
  const timers: readonly Effect[] = (["work", "ping", "told"] as const).map((name) => ({
    do: "cancel",
    name,
  }));
  if (model.work.at === "closed") return [lost, timers];
  return [{ ...lost, work: { at: "due", ask: "resume", isGap: false } }, timers];
}

/** A sign of life, which asks for the head. */
export function ping(model: Model, env: Env): Step {
  const { opened, link } = model;
  if (opened === null || link === null || model.work.at === "closed") return [model, []];
  const until = env.now + model.config.timers.answer_ms;
  return chain(request(model, env, "session.ping", {}), (asked) => {
    const waiting = asked.pings.filter((one) => one.until > env.now).slice(1 - MOST_PINGS);
    const pings = [...waiting, { request: asked.last_request, until, since: momentOf(env) }];
    return [{ ...asked, pings }, [heartbeatTimer(opened)]];
  });
}

export function pingAnswered(model: Model, env: Env, reply: number, answer: Answer | null): Step {
  if (answer === null) return [model, []];
  const pinged = { ...model, pings: model.pings.filter((one) => one.request !== reply) };
  if (answer.is === "error" && isLost(answer.refusal)) return renew(pinged, env);
  // It comes on another subject than the stream, and may overtake it.
  return answer.is === "pong" ? heard(pinged, env, answer.position, false) : [pinged, []];
}

/** A head was told, in the order of the stream or not. */
export function heard(model: Model, env: Env, head: Position, isInOrder: boolean): Step {
  const { position, work, opened } = model;
  if (position === null || comparePlaces(head, position) <= 0) return [model, []];
  const told: Model = { ...model, told: further(model.told, head, isInOrder) };
  if (isInOrder && work.at === "idle") return recover(told, env, "resume", 0, true);
  if (isInOrder && work.at === "arriving") return failed(told, env, "resume", 0, true);
  if (isInOrder || model.told !== null) return [told, []];
  return [told, [{ do: "timer", name: "told", ms: opened?.heartbeat_ms ?? 0 }]];
}

/** A head that was told has had a heartbeat's time to come. */
export function toldElapsed(model: Model, env: Env): Step {
  if (model.told === null || model.work.at !== "idle") return [model, []];
  return recover(model, env, "resume", 0, true);
}

export function beaten(model: Model, env: Env, heartbeat: Heartbeat): Step {
  const { told } = model;
  return chain(heard(model, env, heartbeat.position, true), (next) => {
    // What was told before has not come by this heartbeat.
    if (told !== null && next.work.at === "idle") return toldElapsed(next, env);
    return compare(next, env, heartbeat);
  });
}

/** Compare digests, at the same position and at no other: on a difference one sync, the next after a wait. */
function compare(model: Model, env: Env, { position, digests }: Heartbeat): Step {
  const { opened, work } = model;
  const isHere = model.position !== null && comparePlaces(position, model.position) === 0;
  if (!isHere || work.at !== "idle" || !opened?.features.includes("digests")) return [model, []];
  const slices = Object.entries(model.slices) as [Kind, Slice][];
  const isSame = slices.every(([kind, slice]) =>
    [undefined, digest(slice)].includes(digests[kind] as string),
  );
  if (isSame) return [{ ...model, doubts: 0 }, []];
  const wait_ms = model.doubts === 0 ? 0 : backoff(model.config, model.doubts, env);
  return recover({ ...model, doubts: model.doubts + 1 }, env, "sync", wait_ms);
}

/** The server is about to end the session, or to stop; heeded at once, whatever is awaited. */
export function closing(model: Model, env: Env, { code, reconnect, after_ms }: Closing): Step {
  if (model.work.at === "closed") return [model, []];
  if (!reconnect) return close(model, code);
  // What was asked before that is given up: its answer would be of before the stop. Actions wait for the return.
  const link = model.link === null ? null : { ...model.link, isAnswered: false };
  const not_before = Math.max(model.not_before, env.now + after_ms);
  return recover({ ...cut(model), link, not_before }, env, "resume");
}

/** The user leaves. */
export function stop(model: Model, env: Env): Step {
  const { work, link, session_id } = model;
  if (work.at === "closed") return [model, []];
  const isAsked = model.last_request > 0 && session_id !== null;
  const said: Step = link !== null && isAsked ? request(model, env, "session.close", {}) : [model, []];
  return chain(said, (next) => close(next, null));
}

/** Whether a subject is one of the session, and which. */
export function leafOf(model: Model, subject: string): string | null {
  const { session_id, config } = model;
  if (session_id === null) return null;
  const begin = subjectOf(config.user_id, session_id, "");
  return subject.startsWith(begin) ? subject.slice(begin.length) : null;
}
