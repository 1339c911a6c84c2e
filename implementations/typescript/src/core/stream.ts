/** The stream of a session: states and events in the order of their places, whatever order they come in. */

import { chain, comparePlaces, type Env, type Model, type Step, type Told } from "./model.js";
import { caused } from "./pending.js";
import type { Placed } from "./reading.js";
import { failed, recover } from "./recovery.js";
import { kindOf, reduce } from "./slices/index.js";
import type { Place, Position, Slice, Slices } from "./types.js";

/** So many messages are held; what comes beyond is asked for again. */
const MOST_HELD = 5_000;

/** Take a state or event of the session. */
export function place(model: Model, env: Env, message: Placed): Step {
  if (model.work.at === "asking") return [hold(model, message), []];
  if (model.position === null || comparePlaces(message.position, model.position) <= 0) return [model, []];
  if (!isNext(model.position, message)) return gap(hold(model, message), env);
  return settle({ ...model, held: [message, ...model.held] }, env);
}

/** Whether a message follows a position: the next seq, or the first state of a later epoch. */
function isNext(position: Position, { position: found, isState }: Placed): boolean {
  if (found.epoch > position.epoch) return found.seq === 1 && isState;
  return found.epoch === position.epoch && found.seq === position.seq + 1;
}

function hold(model: Model, message: Placed): Model {
  if (model.held.length >= MOST_HELD) return { ...model, told: further(model.told, message.position, true) };
  return { ...model, held: [...model.held, message] };
}

/** The further of two heads that were told. */
export function further(told: Told | null, place: Place, isLost: boolean): Told {
  const isFurther = told === null || comparePlaces(place, told) > 0;
  const { epoch, seq } = isFurther ? place : told;
  return { epoch, seq, isLost: isLost || (told?.isLost ?? false) };
}

/** Something is missing before what is held. */
function gap(model: Model, env: Env): Step {
  if (model.work.at === "idle") return recover(model, env, "resume", 0, true);
  return model.work.at === "arriving" ? failed(model, env, "resume", 0, true) : [model, []];
}

/** What a message makes of position and slices, null where it cannot be used. */
export function apply(model: Model, message: Placed): Model | null {
  const { content, position } = message;
  switch (content.is) {
    case "unusable":
      return null;
    case "skip":
      return { ...model, position };
    case "state":
      return { ...model, position, slices: put(model, content.slice) };
    case "event": {
      const kind = kindOf(content.type);
      const slice = kind === undefined ? undefined : model.slices[kind];
      if (slice === undefined) return { ...model, position };
      const limits = model.opened?.limits ?? {};
      const slices = put(model, reduce(slice, content.type, content.data, limits));
      return caused({ ...model, position, slices }, content.action_id);
    }
  }
}

/** Slices with one in place of that of its kind, where that kind is open. */
function put({ slices }: Model, slice: Slice): Slices {
  return slices[slice.type] === undefined ? slices : { ...slices, [slice.type]: slice };
}

/** Apply what is held and connects, and see what is missing then. */
export function settle(model: Model, env: Env): Step {
  const [drained, isUsable] = drain(model);
  if (!isUsable) return unusable(drained, env);
  const { position, told, work } = drained;
  if (position === null) return [drained, []];
  const isBehind = told !== null && comparePlaces(told, position) > 0;
  const next = isBehind ? drained : { ...drained, told: null };
  const isWhole = next.held.length === 0 && !isBehind;
  const isThere = work.at === "arriving" && comparePlaces(position, work.goal) >= 0;
  if (isThere || (work.at === "due" && work.isGap && isWhole)) {
    const rested: Step = [{ ...next, work: { at: "idle" }, failures: 0 }, [{ do: "cancel", name: "work" }]];
    return chain(rested, (rest) => missing(rest, env));
  }
  return work.at === "idle" ? missing(next, env) : [next, []];
}

/** At rest: recover if something is known to be missing. */
function missing(model: Model, env: Env): Step {
  const isMissing = model.held.length > 0 || (model.told?.isLost ?? false);
  return isMissing ? recover(model, env, "resume", 0, true) : [model, []];
}

/** What is held in its order, as far as it connects; false where the next one cannot be used. */
export function drain(model: Model): readonly [Model, boolean] {
  if (model.held.length === 0) return [model, true];
  const inOrder = [...model.held].sort((left, right) => comparePlaces(left.position, right.position));
  let current: Model = { ...model, held: [] };
  const left: Placed[] = [];
  let isUsable = true;
  for (const message of inOrder) {
    const { position } = current;
    if (position !== null && comparePlaces(message.position, position) <= 0) continue;
    if (position === null || !isUsable || !isNext(position, message)) {
      left.push(message);
      continue;
    }
    const applied = apply(current, message);
    isUsable = applied !== null;
    current = applied ?? current;
  }
  const { position } = current;
  const held = left.filter((one) => position === null || comparePlaces(one.position, position) > 0);
  return [{ ...current, held }, isUsable];
}

/** A message of the session cannot be used: only a sync closes this gap. */
function unusable(model: Model, env: Env): Step {
  const { work } = model;
  if (work.at === "idle") return recover(model, env, "sync");
  if (work.at === "arriving") return failed(model, env, "sync");
  return work.at === "due" ? [{ ...model, work: { at: "due", ask: "sync", isGap: false } }, []] : [model, []];
}
