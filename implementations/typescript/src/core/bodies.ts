/** What a client says, and where. */

import { encode } from "./json.js";
import type { Ask, Config, Effect, Env, Model, Step } from "./model.js";
import type { Taken } from "./pending.js";
import { tok } from "./token.js";
import type { JsonObject } from "./types.js";

const VERSION = "1.0";

export function subjectOf(user_id: string, session_id: string, leaf: string): string {
  return `session.${tok(user_id)}.${tok(session_id)}.${leaf}`;
}

export function actionSubject(user_id: string): string {
  return `user.actions.${tok(user_id)}`;
}

function envelope({ config, session_id }: Model, type: string, timestamp: number): JsonObject {
  return { v: VERSION, type, user_id: config.user_id, session_id, timestamp };
}

/** Send a request, with the number under which its answer comes. */
export function request(model: Model, env: Env, type: string, data: JsonObject): Step {
  const reply = model.last_request + 1;
  const subject = subjectOf(model.config.user_id, model.session_id ?? "", "control");
  const body = encode({ ...envelope(model, type, env.at), data });
  const effect: Effect = { do: "publish", subject, body, reply };
  return [{ ...model, last_request: reply }, [effect]];
}

/** The data of a request that makes the session whole. */
export function askData(model: Model, ask: Ask): JsonObject {
  if (ask === "open") return openData(model.config);
  if (ask === "sync" || model.position === null) return {};
  return { epoch: model.position.epoch, seq: model.position.seq };
}

function openData({ kinds, features, token, client }: Config): JsonObject {
  return {
    protocol: [VERSION],
    kinds,
    features,
    auth: token === null ? null : { scheme: "bearer", token },
    client: { name: client.name, version: client.version },
  };
}

/** An action under its number. */
export function actionBody(model: Model, one: Taken, client_seq: number): JsonObject {
  const { type, data, expect } = one.action;
  const body: JsonObject = { ...envelope(model, type, one.at), action_id: one.action_id, client_seq, data };
  return expect === undefined ? body : { ...body, expect: { ...expect } };
}
