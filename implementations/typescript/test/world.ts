/** A server as far as a test needs one: it says what it is told to, at a time that the test moves. */

import assert from "node:assert/strict";
import {
  type Action,
  type ChatSlice,
  type Config,
  type Effect,
  type Env,
  type Failed,
  type Json,
  type JsonObject,
  type Model,
  type Msg,
  pendingOf,
  phaseOf,
  type Reason,
  type Renewed,
  slicesOf,
  start,
  TIMERS,
  type TimerName,
  update,
  viewOf,
} from "../src/core/index.js";
import { decode, encode } from "../src/core/json.js";

export interface Sent {
  readonly subject: string;
  readonly body: JsonObject;
  readonly bytes: Uint8Array;
  readonly reply: number;
}

const LIMITS = { action: 8_192, chat_messages: 20, participants: 20 };
const ASKS = ["session.open", "session.resume", "session.sync"];
export const HEARTBEAT_MS = 1_000;

/** Where a session of the kind `chat` is: `said` messages have been told in it, one a seq. */
export class World {
  model: Model;
  now = 1_000;
  /** How long the machine has slept: the one clock stands still then, and the other goes on. */
  slept = 0;
  random = 0;
  /** Two of them make no id that is the same. */
  salt = "0";
  readonly sent: Sent[] = [];
  readonly failed: Failed[] = [];
  /** Ends that were warned of, and what became of renewals. */
  readonly ends: (number | Renewed)[] = [];
  readonly dispatched: (string | Reason)[] = [];
  readonly subscribed: string[] = [];
  readonly #timers = new Map<TimerName, number>();
  /** The request that opens or recovers and is under way: there is never a second one (CLI-026). */
  #asking: { readonly reply: number; readonly until: number; readonly session: Json } | null = null;
  #ids = 0;

  constructor(changes: Partial<Config> = {}) {
    const config: Config = {
      user_id: "Zoë.x",
      token: "secret",
      kinds: ["chat"],
      features: ["events"],
      mode: "optimistic",
      timers: TIMERS,
      client: { name: "test", version: "1" },
      ...changes,
    };
    this.model = start(config, slicesOf(config.kinds, {}));
  }

  get phase(): string {
    return phaseOf(this.model);
  }

  /** Contents of the messages that are shown, oldest first. */
  get shown(): string {
    const chat = this.model.slices.chat as ChatSlice;
    return [...chat.messages]
      .reverse()
      .map((one) => one.content)
      .join("");
  }

  /** The same of what the user sees. */
  get viewed(): string {
    const chat = viewOf(this.model).chat as ChatSlice;
    return [...chat.messages]
      .reverse()
      .map((one) => one.content)
      .join("");
  }

  /** Numbers of what is pending; null for those that have none yet. */
  get pending(): (number | null)[] {
    return pendingOf(this.model).map(({ client_seq }) => client_seq);
  }

  get seq(): number | undefined {
    return this.model.position?.seq;
  }

  post(msg: Msg): void {
    if (this.#ends(msg)) this.#asking = null;
    this.#ids += 1;
    const env: Env = {
      now: this.now,
      at: 1_729_999_999_000 + this.now + this.slept,
      random: this.random,
      id: this.salt + this.#ids.toString(16).padStart(31, "0"),
    };
    const { model } = this;
    const [next, effects] = update(model, env, msg);
    this.model = next;
    for (const effect of effects) this.#perform(effect);
  }

  /** Whether a message ends what is under way: its answer, a lost connection, or a closing. */
  #ends(msg: Msg): boolean {
    if (msg.is === "answered") return msg.reply === this.#asking?.reply;
    if (msg.is === "received") return decode(msg.data)?.type === "session.closing";
    return msg.is === "disconnected";
  }

  #look({ body, reply }: Sent): void {
    assert.ok(this.model.link !== null, "nothing is sent without a connection");
    if (!ASKS.includes(body.type as string)) return;
    const asking = this.#asking;
    const isAlone = asking === null || this.now >= asking.until || asking.session !== body.session_id;
    assert.ok(isAlone, "one request at a time");
    this.#asking = {
      reply,
      until: this.now + this.model.config.timers.answer_ms,
      session: body.session_id ?? null,
    };
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case "publish": {
        const body = decode(effect.body);
        assert.ok(body !== null);
        const sent = { subject: effect.subject, body, bytes: effect.body, reply: effect.reply };
        this.sent.push(sent);
        this.#look(sent);
        break;
      }
      case "subscribe":
        this.subscribed.push(effect.subject);
        break;
      case "timer":
        this.#timers.set(effect.name, this.now + effect.ms);
        break;
      case "cancel":
        this.#timers.delete(effect.name);
        break;
      case "failed":
        this.failed.push(effect.failed);
        break;
      case "expiring":
        this.ends.push(effect.expires_at);
        break;
      case "renewed":
        this.ends.push(effect.renewed);
        break;
      case "took":
        this.dispatched.push(effect.action_id);
        break;
      case "refused":
        this.dispatched.push(effect.reason);
        break;
    }
  }

  /** Let time pass, and what is due come in its order. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(([, at]) => at <= end).sort(([, a], [, b]) => a - b);
      if (next === undefined) break;
      const [timer, at] = next;
      this.#timers.delete(timer);
      this.now = Math.max(this.now, at);
      this.post({ is: "elapsed", timer });
    }
    this.now = end;
  }

  connect(max_payload = 1_048_576): void {
    this.post({ is: "connected", max_payload });
  }

  /** What has been sent of some types. */
  said(...types: string[]): Sent[] {
    return this.sent.filter(({ body }) => types.includes(body.type as string));
  }

  /** Requests that open or recover. */
  get asked(): string[] {
    return this.said(...ASKS).map(({ body }) => body.type as string);
  }

  last(type: string): Sent {
    const found = this.said(type).at(-1);
    assert.ok(found !== undefined, `a ${type}`);
    return found;
  }

  body(type: string, data: JsonObject, more: JsonObject = {}): JsonObject {
    const { user_id } = this.model.config;
    return { v: "1.0", type, user_id, session_id: this.model.session_id, timestamp: 1, data, ...more };
  }

  answer(to: Sent, type: string, data: JsonObject): void {
    this.answerBytes(to, encode(this.body(type, data)));
  }

  answerBytes({ reply }: Sent, data: Uint8Array | null): void {
    this.post({ is: "answered", reply, data });
  }

  refuse(to: Sent, code: number, retryable: boolean, more: JsonObject = {}): void {
    this.answer(to, "error", { error: { code, name: "N", message: "m", retryable, ...more } });
  }

  push(leaf: string, body: Json): void {
    this.pushBytes(leaf, encode(body as JsonObject));
  }

  pushBytes(leaf: string, data: Uint8Array): void {
    const begin = (this.subscribed.at(-1) ?? "").replace(/\*$/, "");
    this.post({ is: "received", subject: begin + leaf, data });
  }

  /** A message of the chat as the event at a place. */
  event(seq: number, epoch = 1): JsonObject {
    const message = {
      id: `m${epoch}-${seq}`,
      user_id: "bob",
      content: letter(seq),
      sent_at: 1,
      edited_at: null,
    };
    const stream = { epoch, seq, last_action_seq: 0, event_id: `e${seq}`, actor: "bob", cause: null };
    return this.body("chat.message_added", { message }, stream);
  }

  /** The state at a place, with a message for each letter. */
  state(seq: number, letters: string, epoch = 1, reason = "open"): JsonObject {
    const messages = [...letters].reverse().map((content) => {
      const id = `m${epoch}-${content.charCodeAt(0) - A + 1}`;
      return { id, user_id: "bob", content, sent_at: 1, edited_at: null };
    });
    const data = { type: "chat", messages, participants: [], typing_indicators: [] };
    return this.body("session.state", data, { epoch, seq, last_action_seq: 0, reason });
  }

  tell(...seqs: number[]): void {
    for (const seq of seqs) this.push("events", this.event(seq));
  }

  heartbeat(seq: number, epoch = 1, more: JsonObject = {}): void {
    this.push("control", this.body("session.heartbeat", { position: place(seq, epoch), ...more }));
  }

  closing(reconnect: boolean, after_ms = 0): void {
    this.push("control", this.body("session.closing", { code: 5030, reconnect, after_ms }));
  }

  outcome(type: "ack" | "nack", { body }: Sent, more: JsonObject = {}, last_action_seq = 0): JsonObject {
    const { action_id = null, client_seq = null } = body;
    const position = place(this.seq ?? 0, 1, last_action_seq);
    return this.body(`action.${type}`, { action_id, client_seq, position, ...more });
  }

  opened(changes: JsonObject = {}): JsonObject {
    return {
      protocol: "1.0",
      position: place(0),
      kinds: this.model.config.kinds,
      features: this.model.config.features,
      profiles: ["core"],
      actions: ["session.noop", "chat.send"],
      server: { name: "test", version: "1" },
      limits: LIMITS,
      timers: { heartbeat_ms: HEARTBEAT_MS, resume_window_ms: 5_000, coalesce_ms: 0, gap_ms: 0 },
      expires_at: null,
      ...changes,
    };
  }

  resumed(mode: string, position: JsonObject, ...messages: JsonObject[]): void {
    this.answer(this.last("session.resume"), "session.resumed", { mode, position, messages });
  }

  /** Connect and open, up to the first state. */
  live(changes: JsonObject = {}): void {
    this.connect();
    this.answer(this.last("session.open"), "session.opened", this.opened(changes));
    this.push("state", this.state(1, ""));
    assert.equal(this.phase, "live");
  }

  dispatch(action: Action): string | Reason {
    this.post({ is: "dispatched", action, tag: this.dispatched.length });
    return this.dispatched.at(-1) as string;
  }

  /** The event that an own message made, at a place that counts so many actions. */
  did({ body }: Sent, seq: number, last_action_seq: number): void {
    const { content } = body.data as { content: string };
    const message = {
      id: `o${seq}`,
      user_id: this.model.config.user_id,
      content,
      sent_at: 1,
      edited_at: null,
    };
    const { action_id = null, client_seq = null, session_id = null } = body;
    const cause = { action_id, client_seq, session_id };
    const stream = { epoch: 1, seq, last_action_seq, event_id: `e${seq}`, actor: null, cause };
    this.push("events", this.body("chat.message_added", { message }, stream));
  }

  ack(sent: Sent, seq: number, last_action_seq: number, more: JsonObject = {}): void {
    const position = place(seq, 1, last_action_seq);
    this.push("control", this.outcome("ack", sent, { status: "applied", position, ...more }));
  }

  nack(sent: Sent, code: number, more: JsonObject = {}): void {
    const error = { code, name: "N", message: "m", retryable: [4091, 4290].includes(code), ...more };
    this.push("control", this.outcome("nack", sent, { error }));
  }

  send(content = "hello"): Sent {
    this.dispatch({ type: "chat.send", data: { content } });
    return this.last("chat.send");
  }
}

const A = 97;

function letter(seq: number): string {
  return String.fromCharCode(A + seq - 1);
}

export function place(seq: number, epoch = 1, last_action_seq = 0): JsonObject {
  return { epoch, seq, last_action_seq };
}
