/** A truthful server of chat sessions on a bad network, driven by chance that can be drawn again. */

import type { ChatSlice, JsonObject, Slice } from "../src/core/index.js";
import { reduce } from "../src/core/index.js";
import { encode } from "../src/core/json.js";
import { place, type Sent, type World } from "./world.js";

const EMPTY: ChatSlice = { type: "chat", messages: [], participants: [], typing_indicators: [] };
const LIMITS = { chat_messages: 20 };

/** Numbers that come again with the same seed. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  happens(part: number): boolean {
    return this.next() < part;
  }
}

interface Served {
  readonly id: string;
  epoch: number;
  seq: number;
  slice: ChatSlice;
  /** What was published since the epoch began. */
  history: JsonObject[];
}

export class Server {
  readonly world: World;
  readonly #chance: Chance;
  /** While it is true, messages are lost, doubled and overtaken, and requests refused. */
  isBad = true;
  session: Served | null = null;
  isConnected = false;
  #read = 0;
  #said = 0;
  #epochs = 0;
  /** What is on its way to the client. */
  #onTheWay: (() => void)[] = [];

  constructor(world: World, chance: Chance) {
    this.world = world;
    this.#chance = chance;
  }

  /** Somebody says something. */
  change(): void {
    const { session } = this;
    if (session === null) return;
    this.#said += 1;
    const message = {
      id: `m${this.#said}`,
      user_id: "bob",
      content: `${this.#said}`,
      sent_at: 1,
      edited_at: null,
    };
    session.slice = reduce(session.slice as Slice, "chat.message_added", { message }, LIMITS) as ChatSlice;
    this.#publish("events", "chat.message_added", { message }, { event_id: "e", actor: "bob", cause: null });
  }

  takeOver(): void {
    const { session } = this;
    if (session === null) return;
    this.#epochs += 1;
    session.epoch = this.#epochs;
    session.seq = 0;
    session.history = [];
    this.#state("takeover");
  }

  forget(): void {
    this.session = null;
  }

  cut(): void {
    if (this.isConnected) this.world.post({ is: "disconnected" });
    this.isConnected = false;
    this.#onTheWay = [];
    this.#read = this.world.sent.length;
  }

  connect(): void {
    if (this.isConnected) return;
    this.isConnected = true;
    this.#read = this.world.sent.length;
    this.world.connect();
  }

  heartbeat(): void {
    const { session } = this;
    if (session !== null)
      this.#push("control", this.#body("session.heartbeat", { position: this.#head(session) }));
  }

  closing(after_ms: number): void {
    if (this.session === null) return;
    this.#push("control", this.#body("session.closing", { code: 5030, reconnect: true, after_ms }));
  }

  /** Answer what was asked, and let some of what is on its way arrive. */
  run(): void {
    for (; this.#read < this.world.sent.length; this.#read += 1) {
      const asked = this.world.sent[this.#read];
      if (asked !== undefined && !(this.isBad && this.#chance.happens(0.1))) this.#answer(asked);
    }
    const arriving = this.#onTheWay;
    this.#onTheWay = [];
    for (const arrive of arriving) {
      if (this.isBad && this.#chance.happens(0.2)) this.#onTheWay.push(arrive);
      else arrive();
    }
  }

  #answer(asked: Sent): void {
    const { type } = asked.body;
    const { session } = this;
    if (this.isBad && this.#chance.happens(0.1)) this.#refuse(asked, 5030, true);
    else if (type === "session.open") this.#open(asked);
    else if (session === null || session.id !== asked.body.session_id) this.#refuse(asked, 4041, false);
    else if (type === "session.ping") this.#reply(asked, "session.pong", { position: this.#head(session) });
    else if (type === "session.sync") this.#sync(asked, session);
    else if (type === "session.resume") this.#resume(asked, session);
  }

  #open(asked: Sent): void {
    const id = asked.body.session_id as string;
    if (this.session?.id !== id) {
      this.#epochs += 1;
      this.session = { id, epoch: this.#epochs, seq: 0, slice: EMPTY, history: [] };
    }
    this.#reply(asked, "session.opened", this.world.opened({ position: this.#head(this.session) }));
    this.#state("open");
  }

  #sync(asked: Sent, session: Served): void {
    this.#reply(asked, "session.syncing", { position: this.#head(session), kinds: ["chat"] });
    this.#state("sync");
  }

  #resume(asked: Sent, session: Served): void {
    const { epoch, seq } = asked.body.data as { epoch: number; seq: number };
    const position = this.#head(session);
    if (epoch === session.epoch && seq === session.seq) {
      this.#reply(asked, "session.resumed", { mode: "current", position, messages: [] });
    } else if (epoch === session.epoch && seq < session.seq && this.#chance.happens(0.7)) {
      this.#reply(asked, "session.resumed", {
        mode: "replay",
        position,
        messages: session.history.slice(seq),
      });
    } else {
      this.#reply(asked, "session.resumed", { mode: "snapshot", position, messages: [] });
      this.#state("sync");
    }
  }

  #head({ epoch, seq }: Served): JsonObject {
    return place(seq, epoch);
  }

  #state(reason: string): void {
    const data = (this.session?.slice ?? EMPTY) as unknown as JsonObject;
    this.#publish("state", "session.state", data, { reason });
  }

  #publish(leaf: string, type: string, data: JsonObject, more: JsonObject): void {
    const { session } = this;
    if (session === null) return;
    session.seq += 1;
    const body = this.#body(type, data, { ...this.#head(session), ...more });
    session.history.push(body);
    this.#push(leaf, body);
  }

  #body(type: string, data: JsonObject, more: JsonObject = {}): JsonObject {
    return { ...this.world.body(type, data, more), session_id: this.session?.id ?? null };
  }

  #push(leaf: string, body: JsonObject): void {
    if (!this.isConnected || (this.isBad && this.#chance.happens(0.15))) return;
    const subject = (this.world.subscribed.at(-1) ?? "").replace("*", leaf);
    const isOwn = subject.includes(`.${body.session_id}.`);
    const arrive = () => {
      if (isOwn) this.world.post({ is: "received", subject, data: encode(body) });
    };
    this.#onTheWay.push(arrive);
    if (this.isBad && this.#chance.happens(0.1)) this.#onTheWay.push(arrive);
  }

  #reply(asked: Sent, type: string, data: JsonObject): void {
    const bytes = encode({ ...this.#body(type, data), session_id: asked.body.session_id ?? null });
    if (this.isBad && this.#chance.happens(0.1)) return;
    const arrive = () => this.world.answerBytes(asked, bytes);
    // Answers come on another subject, and overtake the stream or are overtaken by it.
    if (this.isBad && this.#chance.happens(0.5)) this.#onTheWay.unshift(arrive);
    else this.#onTheWay.push(arrive);
  }

  #refuse(asked: Sent, code: number, retryable: boolean): void {
    const error = { code, name: "N", message: "m", retryable };
    this.#reply(asked, "error", { error });
  }
}
