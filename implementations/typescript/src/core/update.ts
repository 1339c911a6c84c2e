/** The whole client: what a message makes of a model, and what is to be done because of it. */

import { answered } from "./answering.js";
import { type Answer, readAnswer } from "./answers.js";
import { lived } from "./away.js";
import {
  beaten,
  closing,
  connected,
  disconnected,
  heard,
  leafOf,
  ping,
  pingAnswered,
  stop,
  toldElapsed,
} from "./life.js";
import { chain, type Env, type Model, type Msg, type Step, type TimerName } from "./model.js";
import { concluded, dispatch, replied } from "./outbox.js";
import { noted, type Pending } from "./pending.js";
import { type Outcome, type Own, readMessage } from "./reading.js";
import { failed, workElapsed } from "./recovery.js";
import { renew, renewNext } from "./renewal.js";
import { tend } from "./sending.js";
import { place } from "./stream.js";

export function update(model: Model, env: Env, msg: Msg): Step {
  const taken = chain(taking(model, env, msg), (next) => renewNext(next, env));
  return chain(taken, (next) => tend(next, env));
}

function taking(model: Model, env: Env, msg: Msg): Step {
  switch (msg.is) {
    case "connected":
      return connected(model, env, msg.max_payload);
    case "disconnected":
      return disconnected(model);
    case "received":
      return received(model, env, msg.subject, msg.data);
    case "answered":
      return replyReceived(model, env, msg.reply, msg.data);
    case "elapsed":
      return elapsed(model, env, msg.timer);
    case "dispatched":
      return dispatch(model, env, msg.action, msg.tag);
    case "renewed":
      return renew(model, msg.token);
    case "stopped":
      return stop(model, env);
  }
}

function own({ config, session_id }: Model): Own {
  return { user_id: config.user_id, session_id: session_id ?? "" };
}

/** A message of the subscription; what is not of the session, or says nothing, is dropped. */
function received(model: Model, env: Env, subject: string, data: Uint8Array): Step {
  const leaf = leafOf(model, subject);
  const message = leaf === null || model.work.at === "closed" ? null : readMessage(own(model), leaf, data);
  switch (message?.is) {
    case "placed":
      return place(model, env, message);
    case "heartbeat":
      return model.work.at === "asking"
        ? [noted(model, message.position), []]
        : beaten(noted(model, message.position), env, message);
    case "closing":
      return closing(model, env, message);
    case "expiring":
      return [model, [{ do: "expiring", expires_at: message.expires_at }]];
    case "outcome":
      return chain(outcome(model, env, message), (next) =>
        next.work.at === "asking" ? [next, []] : heard(next, env, message.position, true),
      );
    default:
      return [model, []];
  }
}

function outcome(model: Model, env: Env, message: Outcome): Step {
  const one = model.pending.find(({ action_id }) => action_id === message.action_id);
  const alive = one?.place == null ? model : lived(model, one.place.since);
  return concluded(noted(alive, message.position), env, message);
}

function replyReceived(model: Model, env: Env, reply: number, data: Uint8Array | null): Step {
  const answer = data === null ? null : readAnswer(own(model), data);
  const isNobody = data === null;
  const { work } = model;
  if (work.at === "asking" && work.request === reply) {
    return isNobody ? failed(model, env, work.ask) : answered(model, env, answer);
  }
  const one = model.pending.find(({ place }) => place?.reply === reply);
  // What cannot be read is no answer: the outcome may still come.
  if (one !== undefined)
    return isNobody || answer !== null ? copyAnswered(model, env, one, answer) : [model, []];
  const ping = model.pings.find(({ request, until }) => request === reply && until > env.now);
  if (ping === undefined) return [model, []];
  const alive = answer?.is === "pong" ? noted(lived(model, ping.since), answer.position) : model;
  return pingAnswered(alive, env, reply, answer);
}

function copyAnswered(model: Model, env: Env, one: Pending, answer: Answer | null): Step {
  if (answer?.is !== "outcome") return replied(model, env, one, answer);
  return chain(outcome(model, env, answer), (next) => heard(next, env, answer.position, false));
}

function elapsed(model: Model, env: Env, timer: TimerName): Step {
  switch (timer) {
    case "work":
      return workElapsed(model, env);
    case "ping":
      return ping(model, env);
    case "told":
      return toldElapsed(model, env);
    case "outcome":
      return [{ ...model, alarm: null }, []];
  }
}
