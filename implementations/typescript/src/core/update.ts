/** The whole client: what a message makes of a model, and what is to be done because of it. */

import { answered } from "./answering.js";
import { readAnswer } from "./answers.js";
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
import { concluded, dispatch, outcomeElapsed, replied } from "./outbox.js";
import { type Own, readMessage } from "./reading.js";
import { failed, workElapsed } from "./recovery.js";
import { place } from "./stream.js";

export function update(model: Model, env: Env, msg: Msg): Step {
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
      return model.work.at === "asking" ? [model, []] : beaten(model, env, message);
    case "closing":
      return closing(model, env, message);
    case "outcome":
      return chain(concluded(model, env, message), (next) =>
        next.work.at === "asking" ? [next, []] : heard(next, env, message.position, true),
      );
    default:
      return [model, []];
  }
}

function replyReceived(model: Model, env: Env, reply: number, data: Uint8Array | null): Step {
  const { work, under_way } = model;
  const answer = data === null ? null : readAnswer(own(model), data);
  const isNobody = data === null;
  if (work.at === "asking" && work.request === reply) {
    return isNobody ? failed(model, env, work.ask) : answered(model, env, answer);
  }
  if (under_way?.reply === reply) {
    // What cannot be read is no answer: the outcome may still come.
    if (!isNobody && answer === null) return [model, []];
    const step = replied(model, env, under_way, answer);
    return answer?.is === "outcome" ? chain(step, (next) => heard(next, env, answer.position, false)) : step;
  }
  const isPing = model.pings.some((one) => one.request === reply && one.until > env.now);
  return isPing ? pingAnswered(model, env, reply, answer) : [model, []];
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
      return outcomeElapsed(model, env);
  }
}
