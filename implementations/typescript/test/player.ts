/** Plays a trace of `schemas/vectors/traces` to the core: no broker, no clock, and no chance. */

import assert from "node:assert/strict";
import {
  type Config,
  type Effect,
  type Env,
  type Json,
  type JsonObject,
  type Kind,
  type Mode,
  type Model,
  type Msg,
  pendingOf,
  phaseOf,
  type Reason,
  slicesOf,
  start,
  type TimerName,
  type Timers,
  update,
  viewOf,
} from "../src/core/index.js";
import { decode } from "../src/core/json.js";
import { unlike } from "./unlike.js";

export interface Header {
  readonly name: string;
  readonly mode: Mode;
  readonly user_id: string;
  readonly kinds: readonly Kind[];
  readonly features: Config["features"];
  readonly timers: Timers;
}

interface Message {
  readonly on: string;
  readonly session?: number;
  readonly body?: JsonObject | null;
  readonly raw?: string;
}

interface Branch extends Message {
  readonly wrong?: string;
  readonly later?: string;
  readonly messages?: readonly Message[];
}

export interface Line extends Branch {
  readonly in: string;
  readonly max_payload?: number;
  readonly to?: string;
  readonly late?: true;
  readonly within_ms?: number;
  readonly resume?: Branch;
  readonly sync?: Branch;
  readonly none?: Branch;
  readonly as?: string;
  readonly type?: string;
  readonly data?: JsonObject;
  readonly expect?: { readonly revision: number };
  readonly ms?: number;
  readonly until?: string;
  readonly then?: { readonly [name: string]: Json };
}

interface Asked {
  readonly type: string;
  readonly reply: number;
}

const RECOVERIES = ["session.resume", "session.sync"];
const START = 1_730_000_000_000;

export class Player {
  #model: Model;
  #now = 0;
  #ids = 0;
  #turns = 0;
  readonly #random: number;
  readonly #timers = new Map<TimerName, { readonly at: number; readonly turn: number }>();
  readonly #sessions: string[] = [];
  #session = 0;
  readonly #labels = new Map<string, string>();
  readonly #acts = new Map<string, JsonObject>();
  #refused: Reason | null = null;
  #taken = "";
  readonly #failed: [string, Json][] = [];
  readonly #asked = new Map<string, Asked[]>();
  readonly #givenUp = new Map<string, Asked[]>();
  readonly #bytes = new Map<string, string>();
  #requests: JsonObject[] = [];
  #actions: JsonObject[] = [];
  #copies: string[] = [];

  constructor(
    readonly header: Header,
    mode: Mode,
    random: number,
  ) {
    const { user_id, kinds, features, timers } = header;
    const client = { name: "vectors", version: "1" };
    const config = { mode, user_id, token: null, kinds, features, timers, client };
    this.#random = random;
    this.#model = start(config, slicesOf(kinds, {}));
  }

  /** Do what a line says, and look at what holds then. */
  play(line: Line): void {
    this.#do(line);
    for (const [name, expected] of Object.entries(line.then ?? {})) {
      this.#see(name, JSON.parse(this.#filled(expected)));
    }
  }

  // -- what comes

  #do(line: Line): void {
    switch (line.in) {
      case "connected":
        this.#post({ is: "connected", max_payload: line.max_payload ?? 1_048_576 });
        return;
      case "lost":
        this.#asked.clear();
        this.#post({ is: "disconnected" });
        return;
      case "message":
        this.#hear(line);
        return;
      case "answer":
        this.#answer(line);
        return;
      case "new_session":
        this.#session += 1;
        assert.ok(this.#session < this.#sessions.length, "no session with a new id is opened");
        return;
      case "dispatch":
        this.#dispatch(line);
        return;
      case "time": {
        const { until } = line;
        this.#pass(line.ms ?? 0, () => until !== undefined && this.#isThere(until));
        assert.ok(until === undefined || this.#isThere(until), `no ${until} within ${line.ms} ms`);
        return;
      }
      default:
        throw new Error(`nothing is known of ${line.in}`);
    }
  }

  #post(msg: Msg): void {
    this.#ids += 1;
    const id = this.#ids.toString(16).padStart(32, "0");
    const env: Env = { now: this.#now, at: START + this.#now, random: this.#random, id };
    const [model, effects] = update(this.#model, env, msg);
    this.#model = model;
    for (const effect of effects) this.#perform(effect);
  }

  #hear(message: Message): void {
    const session = this.#sessions[(message.session ?? this.#session + 1) - 1];
    const subject = `session.${this.header.user_id}.${session}.${message.on}`;
    this.#post({ is: "received", subject, data: this.#bytesIn(message) });
  }

  #bytesIn({ raw, body }: Message): Uint8Array {
    return raw === undefined ? Buffer.from(this.#filled(body ?? null)) : Buffer.from(raw, "base64");
  }

  #answer(line: Line): void {
    const to = line.to ?? "";
    this.#pass(line.within_ms ?? 0, () => this.#waiting(to).length > 0);
    let waiting = this.#waiting(to);
    if (waiting.length === 0 && line.none !== undefined) {
      this.#tell(line.none);
      return;
    }
    if (line.late) waiting = [...(this.#givenUp.get(to) ?? []), ...waiting.slice(0, -1)];
    const asked = waiting.at(-1);
    assert.ok(asked !== undefined, `no ${to} is under way`);
    this.#givenUp.set(to, waiting.slice(0, -1));
    this.#asked.set(to, []);
    if (line.none !== undefined) this.#requests.pop();
    const branch = { "session.resume": line.resume, "session.sync": line.sync }[asked.type] ?? line;
    const data = branch.body === null ? null : this.#bytesIn(branch);
    this.#post({ is: "answered", reply: asked.reply, data });
    this.#tell(branch);
  }

  #tell({ messages }: Branch): void {
    for (const message of messages ?? []) this.#hear(message);
  }

  #waiting(to: string): Asked[] {
    return this.#asked.get(to) ?? [];
  }

  #dispatch({ as, type, data, expect, then }: Line): void {
    const action = JSON.parse(this.#filled({ type, data, expect } as unknown as Json));
    this.#refused = null;
    this.#post({ is: "dispatched", action, tag: 0 });
    const taken = this.#refused === null;
    assert.ok(taken || then?.refused !== undefined, `${as} is refused: ${this.#refused}`);
    if (!taken) return;
    this.#labels.set(as ?? "", this.#taken);
    this.#acts.set(this.#taken, action);
  }

  #isThere(what: string): boolean {
    if (what === "session.ping") return this.#waiting(what).length > 0;
    const wanted = what === "recovery" ? RECOVERIES : [what];
    const id = this.#labels.get(what);
    const sent = [...this.#actions.map((body) => body.action_id), ...this.#copies];
    return (
      this.#requests.some(({ type }) => wanted.includes(type as string)) ||
      (id !== undefined && sent.includes(id))
    );
  }

  /** Timers that are due at the same time ring as they were set. */
  #pass(ms: number, isOver: () => boolean): void {
    const end = this.#now + ms;
    while (!isOver()) {
      const [next] = [...this.#timers].sort(([, a], [, b]) => a.at - b.at || a.turn - b.turn);
      if (next === undefined || next[1].at > end) {
        this.#now = end;
        return;
      }
      const [timer, { at }] = next;
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, at);
      this.#post({ is: "elapsed", timer });
    }
  }

  // -- what the core does

  #perform(effect: Effect): void {
    switch (effect.do) {
      case "publish":
        this.#took(effect.body, effect.reply);
        return;
      case "timer":
        this.#turns += 1;
        this.#timers.set(effect.name, { at: this.#now + effect.ms, turn: this.#turns });
        return;
      case "cancel":
        this.#timers.delete(effect.name);
        return;
      case "took":
        this.#taken = effect.action_id;
        this.#labels.set("", this.#taken);
        return;
      case "refused":
        this.#refused = effect.reason;
        return;
      case "failed": {
        const { failed } = effect;
        this.#failed.push([failed.action_id, "code" in failed ? failed.code : failed.reason]);
        return;
      }
      case "subscribe":
        return;
    }
  }

  #took(bytes: Uint8Array, reply: number): void {
    const body = decode(bytes) as JsonObject;
    const type = body.type as string;
    const session = body.session_id as string;
    if (type === "session.open" && !this.#sessions.includes(session)) this.#sessions.push(session);
    if (body.action_id !== undefined) {
      this.#tookAction(body, Buffer.from(bytes).toString());
      return;
    }
    if (type === "session.close") return;
    const to = RECOVERIES.includes(type) ? "recovery" : type;
    this.#asked.set(to, [...this.#waiting(to), { type, reply }]);
    if (type !== "session.ping") this.#requests.push(body);
  }

  #tookAction(body: JsonObject, text: string): void {
    const key = `${body.session_id} ${body.action_id}`;
    const first = this.#bytes.get(key);
    if (first !== undefined) {
      assert.equal(text, first, "a copy has other bytes");
      this.#copies.push(body.action_id as string);
      return;
    }
    this.#bytes.set(key, text);
    this.#actions.push(body);
  }

  // -- what is expected

  #see(name: string, expected: Json): void {
    switch (name) {
      case "requests":
        this.#seeRequests(expected as readonly JsonObject[]);
        return;
      case "actions":
        this.#seeActions(expected);
        return;
      case "again": {
        const wanted = this.#idsOf(expected);
        const seen = [...new Set(this.#copies)].filter((id) => wanted.includes(id));
        this.#copies = [];
        same("sent again", wanted, seen);
        return;
      }
      case "still": {
        const seen = this.#idsOf(expected).filter((id) => this.#copies.includes(id));
        this.#copies = [];
        same("sent again", [], seen);
        return;
      }
      case "position": {
        const { position } = this.#model;
        same(name, expected, position as unknown as Json);
        return;
      }
      case "slices":
        same(name, expected, this.#model.slices as unknown as Json);
        return;
      case "views": {
        if (this.#model.config.mode !== "optimistic") return;
        const view = viewOf(this.#model) as unknown as Json;
        const views = expected as readonly Json[];
        if (views.every((one) => unlike(name, one, view) !== null)) same(name, views[0] ?? null, view);
        return;
      }
      case "pending": {
        if (this.#model.config.mode === "pure") return;
        const seen = pendingOf(this.#model).map(({ action_id }) => action_id);
        same(name, this.#idsOf(expected), seen);
        return;
      }
      case "failed": {
        const wanted = (expected as readonly [string, Json][]).map(([as, why]) => `${this.#id(as)} ${why}`);
        same(name, wanted.sort(), this.#failed.map(([id, why]) => `${id} ${why}`).sort());
        return;
      }
      case "refused": {
        const reasons = expected as readonly Json[];
        assert.ok(reasons.includes(this.#refused), `refused: ${this.#refused}`);
        return;
      }
      case "closed":
        same(name, expected, phaseOf(this.#model) === "closed");
        return;
      case "clock_ms":
        assert.ok(this.#random === 0 || this.#now >= (expected as number), `only ${this.#now} ms`);
        return;
      default:
        throw new Error(`nothing is known of ${name}`);
    }
  }

  #seeRequests(expected: readonly JsonObject[]): void {
    const seen = this.#requests;
    this.#requests = [];
    const told = seen.map(({ type }) => type).join(", ");
    assert.equal(seen.length, expected.length, `requests: ${told}`);
    expected.forEach((wanted, index) => {
      const { type, data } = seen[index] as { type: string; data: JsonObject };
      if (wanted.type !== "recovery") {
        same("request", wanted.type ?? null, type);
        return;
      }
      if (type === "session.resume") {
        same("resume from", wanted.from ?? null, data);
        return;
      }
      same("recovery", "session.sync", type);
      const kinds = [...((data.kinds ?? []) as string[])].sort();
      if (kinds.length > 0) same("sync of", [...this.header.kinds].sort(), kinds);
    });
  }

  #seeActions(expected: Json): void {
    const labels = new Map([...this.#labels].map(([label, id]) => [id, label]));
    const seen = this.#actions.map(({ action_id, client_seq }): Json => {
      return [labels.get(action_id as string) ?? null, client_seq ?? null];
    });
    const bodies = this.#actions;
    this.#actions = [];
    same("actions", expected, seen);
    for (const body of bodies) {
      const act = this.#acts.get(body.action_id as string) as JsonObject;
      same("action", act, body);
      assert.equal(body.expect === undefined, act.expect === undefined, "expect");
    }
  }

  #id(label: string): string {
    return this.#labels.get(label) ?? label;
  }

  #idsOf(labels: Json): string[] {
    return (labels as readonly string[]).map((label) => this.#id(label));
  }

  /** A value as JSON, with ids in their places. */
  #filled(value: Json): string {
    let text = JSON.stringify(value).replaceAll(`\${session}`, this.#sessions[this.#session] ?? "");
    this.#sessions.forEach((id, index) => {
      text = text.replaceAll(`\${session:${index + 1}}`, id);
    });
    for (const [label, id] of this.#labels) text = text.replaceAll(`\${${label}}`, id);
    return text;
  }
}

function same(what: string, expected: Json, seen: Json): void {
  assert.equal(unlike(what, expected, seen), null);
}
