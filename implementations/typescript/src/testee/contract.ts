/** Requests of the kit, from lines to answers (docs/reference/testee.md). */

import type { Action, JsonObject } from "../core/index.js";
import { isObject } from "../core/json.js";
import type { Declared } from "./arguments.js";
import { Hosted, hello, type Start } from "./host.js";

export class Contract {
  readonly #declared: Declared;
  readonly #transport: "tcp" | "ws";
  readonly #sessions = new Map<string, Hosted>();

  /** The transport says how its sessions connect, as hello has it. */
  constructor(declared: Declared, transport: "tcp" | "ws" = "tcp") {
    this.#declared = declared;
    this.#transport = transport;
  }

  /** The answer to a line. */
  async answer(line: string): Promise<object> {
    const request = parse(line);
    if (request === null) return { id: null, error: "This line is no request." };
    const id = Number.isSafeInteger(request.id) ? request.id : null;
    try {
      return { id, ok: await this.#do(request) };
    } catch (error) {
      return { id, error: error instanceof Error ? error.message : String(error) };
    }
  }

  async #do(request: JsonObject): Promise<object> {
    switch (request.do) {
      case "hello":
        return this.#hello(request.contract);
      case "start":
        return this.#start(request as unknown as Start);
      case "dispatch":
        return this.#session(request).dispatch(actionOf(request));
      case "report":
        return wanted(this.#session(request).report(), request.want);
      case "stop":
        return this.#stop(request);
      default:
        throw new Error(`There is no request ${JSON.stringify(request.do)}.`);
    }
  }

  #hello(contract: unknown): object {
    if (typeof contract !== "number") throw new Error("A hello names the contract.");
    return { ...hello(this.#declared, contract), transport: this.#transport };
  }

  #start(start: Start): object {
    const texts = [start.session, start.url, start.user_id];
    if (
      !texts.every((one) => typeof one === "string") ||
      ![start.kinds, start.features].every(Array.isArray)
    ) {
      throw new Error("A start names its session, url, user_id, kinds and features.");
    }
    if (this.#sessions.has(start.session)) throw new Error(`The session ${start.session} is running.`);
    this.#sessions.set(start.session, new Hosted(start, this.#declared.mode));
    return {};
  }

  async #stop(request: JsonObject): Promise<object> {
    const session = this.#session(request);
    await session.stop();
    this.#sessions.delete(String(request.session));
    return {};
  }

  #session({ session }: JsonObject): Hosted {
    const found = this.#sessions.get(String(session));
    if (found === undefined) throw new Error(`There is no session ${JSON.stringify(session)}.`);
    return found;
  }
}

function parse(line: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function actionOf({ type, data, expect }: JsonObject): Action {
  if (typeof type !== "string" || !isObject(data)) throw new Error("A dispatch has a type, and data.");
  const action = { type, data };
  return expect === undefined ? action : { ...action, expect: expect as unknown as { revision: number } };
}

/** Of a report what is asked for. */
function wanted(report: object, want: unknown): object {
  if (!Array.isArray(want)) return report;
  return Object.fromEntries(Object.entries(report).filter(([name]) => want.includes(name)));
}
