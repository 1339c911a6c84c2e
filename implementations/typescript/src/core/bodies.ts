/** What a client says, and where. */

import { encode } from "./json.js";
import type { Ask, Config, Effect, Env, Model, Step } from "./model.js";
import { tok } from "./token.js";
import type { Action, JsonObject } from "./types.js";

const VERSION = "1.0";

export function subjectOf(user_id: string, session_id: string, leaf: string): string {
  return `session.${tok(user_id)}.${tok(session_id)}.${leaf}`;
}

export function actionSubject(user_id: string): string {
  return `user.actions.${tok(user_id)}`;
}

function envelope(model: Model, type: string, env: Env): JsonObject {
  const { user_id } = model.config;
  return { v: VERSION, type, user_id, session_id: model.session_id, timestamp: env.at };
}

/** Send a request, with the number under which its answer comes. */
export function request(model: Model, env: Env, type: string, data: JsonObject): Step {
  const reply = model.last_request + 1;
  const subject = subjectOf(model.config.user_id, model.session_id ?? "", "control");
  const body = encode({ ...envelope(model, type, env), data });
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
export function actionBody(model: Model, env: Env, action: Action, action_id: string, client_seq: number) {
  const { type, data, expect } = action;
  const body: JsonObject = { ...envelope(model, type, env), action_id, client_seq, data };
  return expect === undefined ? body : { ...body, expect: { ...expect } };
}
