/** What answers to open, resume and sync make of a session. */

import type { Answer, Opened, Resumed } from "./answers.js";
import { isForgotten } from "./away.js";
import { heartbeatTimer } from "./life.js";
import { chain, comparePlaces, type Env, type Model, type Moment, type Step } from "./model.js";
import { isBack, rewound } from "./pending.js";
import { readPlaced } from "./reading.js";
import { arriving, failed, giveUp, refused, settled } from "./recovery.js";
import { slicesOf } from "./slices/index.js";
import { apply, drain, further, settle } from "./stream.js";
import type { Position } from "./types.js";

/** Take the answer to what is asked; what is no answer to it changes nothing. */
export function answered(model: Model, env: Env, answer: Answer | null): Step {
  if (model.work.at !== "asking" || answer === null) return [model, []];
  const { ask, since } = model.work;
  const told: Model = { ...model, link: model.link && { ...model.link, isAnswered: true } };
  if (answer.is === "error") return refused(told, env, ask, answer.refusal);
  if (answer.is === "opened" && ask === "open") {
    const { expires_at } = answer;
    const step = told.opened === null ? opened(told, env, answer, since) : reopened(told, env, answer, since);
    return chain(step, (next) => settled(next, { expires_at }));
  }
  const alive: Model = { ...told, life: since };
  if (answer.is === "syncing" && ask === "sync") {
    return statesFollow(alive, env, answer.position, answer.states ?? model.opened?.states ?? 1);
  }
  return answer.is === "resumed" && ask === "resume" ? resumed(alive, env, answer) : [model, []];
}

/** The session is there, and counts actions from here on. */
function opened(model: Model, env: Env, answer: Opened, since: Moment): Step {
  const { limits, resume_window_ms } = answer;
  const fresh: Model = {
    ...model,
    opened: answer,
    slices: slicesOf(answer.kinds, model.slices),
    next_number: answer.position.last_action_seq + 1,
    limits,
    life: since,
    memory_ms: limits.outcomes_ms === undefined ? null : resume_window_ms + limits.outcomes_ms,
  };
  const [known, given] = giveUp(fresh, (one) => isForgotten(model, env, one));
  const begun: Step = [known, [...given, heartbeatTimer(answer)]];
  return chain(begun, (next) => statesFollow(next, env, answer.position, answer.states, "open"));
}

/** The session is renewed: its end may be another, and all else is as it was. */
function reopened(model: Model, env: Env, { position, states, expires_at }: Opened, since: Moment): Step {
  const opened = model.opened && { ...model.opened, expires_at };
  return statesFollow({ ...model, opened, life: since }, env, position, states);
}

function resumed(model: Model, env: Env, answer: Resumed): Step {
  if (answer.mode === "snapshot") return statesFollow(model, env, answer.position, model.opened?.states ?? 1);
  return replay(model, env, answer);
}

/** The position is that of the answer, be it a lower one, and so many states come after it. */
function statesFollow(
  model: Model,
  env: Env,
  position: Position,
  states: number,
  ask: "open" | "resume" = "resume",
): Step {
  const goal = { epoch: position.epoch, seq: position.seq + states };
  const there: Model = { ...(isBack(model, position) ? rewound(model) : model), position, told: null };
  return chain(arriving(there, ask, goal), (next) => release(next, env));
}

/** Apply the messages of a replay body by body, since one of them may be unusable. */
function replay(model: Model, env: Env, answer: Resumed): Step {
  const { user_id } = model.config;
  let current: Model = { ...model, told: null };
  for (const body of answer.messages) {
    const message = readPlaced({ user_id, session_id: model.session_id ?? "" }, body);
    if (message !== null && !follows(current, message.position)) continue;
    const next = message === null ? null : apply(current, message);
    if (next === null) return failed(dropHeld(current), env, "sync");
    current = next;
  }
  if (current.position === null || comparePlaces(current.position, answer.position) !== 0) {
    return failed(dropHeld(current), env, "resume");
  }
  const whole = { ...current, position: answer.position };
  return chain(arriving(whole, "resume", answer.position), (next) => release(next, env));
}

function follows({ position }: Model, found: Position): boolean {
  return position !== null && found.epoch === position.epoch && found.seq === position.seq + 1;
}

/** Apply what was held and connects, drop the rest, and remember how far it went. */
function release(model: Model, env: Env): Step {
  const [drained, isUsable] = drain(model);
  const released = dropHeld(drained);
  return isUsable ? settle(released, env) : failed(released, env, "sync");
}

function dropHeld(model: Model): Model {
  const beyond = model.held.filter(
    ({ position }) => model.position === null || comparePlaces(position, model.position) > 0,
  );
  const told = beyond.reduce((far, { position }) => further(far, position, true), model.told);
  return { ...model, held: [], told };
}
