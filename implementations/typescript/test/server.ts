/** A truthful server of chat sessions on a bad network, driven by chance that can be drawn again. */

import type { ChatSlice, Json, JsonObject, Slice } from "../src/core/index.js";
import { reduce } from "../src/core/index.js";
import { encode } from "../src/core/json.js";
import { place, type Sent, type World } from "./world.js";

const EMPTY: ChatSlice = { type: "chat", messages: [], participants: [], typing_indicators: [] };
const LIMITS = { chat_messages: 20 };
/** The user's own actions are to be seen in a test that counts them. */
const OWN_LIMITS = { action: 8_192, chat_messages: 10_000, participants: 20 };

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
  /** The number of the last action that is done. */
  counted: number;
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
  /** What is in the room, be there a session or not. */
  room: ChatSlice = EMPTY;
  /** By its id what became of an action, in whatever session. */
  readonly done = new Map<string, JsonObject>();
  readonly #limits: JsonObject;
  /** What is on its way to the client. */
  #onTheWay: (() => void)[] = [];

  constructor(world: World, chance: Chance, isOwn = false) {
    this.#limits = isOwn ? OWN_LIMITS : LIMITS;
    this.world = world;
    this.#chance = chance;
  }

  /** Somebody says something. */
  change(): void {
    const { session } = this;
    if (session === null) return;
    this.#say(session, "bob", null);
  }

  #say(session: Served, user_id: string, cause: JsonObject | null, said?: Json): string {
    this.#said += 1;
    const id = `m${this.#said}`;
    const content = said ?? `${this.#said}`;
    const message = { id, user_id, content, sent_at: 1, edited_at: null };
    this.room = reduce(this.room as Slice, "chat.message_added", { message }, this.#limits) as ChatSlice;
    session.slice = this.room;
    this.#publish("events", "chat.message_added", { message }, { event_id: "e", actor: user_id, cause });
    return id;
  }

  /** Do an action once, in the order of the numbers, and tell its outcome twice. */
  #act(asked: Sent, session: Served): void {
    const { action_id, client_seq } = asked.body as { action_id: string; client_seq: number };
    const next = session.counted + 1;
    if (client_seq > next) this.#nack(asked, session, 4091, true, { expected: next });
    else if (client_seq === next && this.isBad && this.#chance.happens(0.1)) {
      this.#nack(asked, session, 4290, true);
    } else {
      session.counted = Math.max(session.counted, client_seq);
      this.#conclude(asked, session, action_id);
    }
  }

  #conclude(asked: Sent, session: Served, action_id: string): void {
    const known = this.done.get(action_id);
    const isRefused = known === undefined && this.isBad && this.#chance.happens(0.1);
    const result = known ?? (isRefused ? {} : { message_id: this.#own(asked, session) });
    this.done.set(action_id, result);
    const status = known === undefined ? "applied" : "duplicate";
    if (result.message_id === undefined) this.#nack(asked, session, 4220, false);
    else this.#outcome(asked, session, "action.ack", { status, result });
  }

  #own({ body }: Sent, session: Served): string {
    const { action_id = null, client_seq = null, session_id = null, data } = body;
    const { content = null } = data as JsonObject;
    return this.#say(
      session,
      this.world.model.config.user_id,
      { action_id, client_seq, session_id },
      content,
    );
  }

  #nack(asked: Sent, session: Served, code: number, retryable: boolean, details: JsonObject = {}): void {
    this.#outcome(asked, session, "action.nack", {
      error: { code, name: "N", message: "m", retryable, details },
    });
  }

  #outcome(asked: Sent, session: Served, type: string, more: JsonObject): void {
    const { action_id = null, client_seq = null } = asked.body;
    const data = { action_id, client_seq, position: this.#head(session), ...more };
    this.#push("control", this.#body(type, data));
    this.#reply(asked, type, data);
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
    else if (type === "chat.send") this.#act(asked, session);
  }

  #open(asked: Sent): void {
    const id = asked.body.session_id as string;
    if (this.session?.id !== id) {
      this.#epochs += 1;
      this.session = { id, epoch: this.#epochs, seq: 0, slice: this.room, counted: 0, history: [] };
    }
    this.#reply(asked, "session.opened", this.#opened(this.session));
    this.#state("open");
  }

  #opened(session: Served): JsonObject {
    return this.world.opened({ position: this.#head(session), limits: this.#limits });
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

  #head({ epoch, seq, counted }: Served): JsonObject {
    return place(seq, epoch, counted);
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
