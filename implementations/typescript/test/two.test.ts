import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChatMessage, ChatSlice, Json, JsonObject, Slice } from "../src/core/index.js";
import { reduce, viewOf } from "../src/core/index.js";
import { Chance } from "./server.js";
import { place, type Sent, World } from "./world.js";

const SCHEDULES = Number(process.env.SCHEDULES ?? 200);
const LIMITS = { action: 8_192, chat_messages: 10_000 };
const TYPES = ["chat.send", "chat.edit", "chat.delete"];

/** One session of the user: what it has sent and the server has not read, and what it has been told of. */
class Seat {
  readonly world = new World();
  seq = 1;
  counted = 0;
  #read = 0;

  constructor(salt: string) {
    this.world.salt = salt;
    this.world.live({ actions: TYPES, limits: LIMITS });
    this.#read = this.world.sent.length;
  }

  /** The next action that the server has to read. */
  next(): Sent | undefined {
    const waiting = this.world.sent.slice(this.#read);
    const at = waiting.findIndex(({ body }) => TYPES.includes(body.type as string));
    if (at < 0) return undefined;
    this.#read += at + 1;
    return waiting[at];
  }

  get position(): JsonObject {
    return place(this.seq, 1, this.counted);
  }
}

/** The room of two sessions of one user, which does what they ask in the order in which it reads them. */
class Room {
  readonly seats = [new Seat("1"), new Seat("2")] as const;
  slice: ChatSlice = { type: "chat", messages: [], participants: [], typing_indicators: [] };
  #ids = 0;

  /** Read the next action of a session: its event goes to both, its outcome to its own. */
  read(seat: Seat): void {
    const sent = seat.next();
    if (sent === undefined) return;
    const { client_seq, type } = sent.body;
    seat.counted += 1;
    assert.equal(client_seq, seat.counted);
    const [event, data] = this.#effect(seat.world, type as string, sent.body.data as JsonObject);
    if (data === null) seat.world.nack(sent, 4040);
    else this.#tell(seat, sent, event, data);
  }

  #tell(seat: Seat, sent: Sent, event: string, data: JsonObject): void {
    const { action_id = null, client_seq = null, session_id = null, type } = sent.body;
    this.slice = reduce(this.slice as Slice, event, data, LIMITS) as ChatSlice;
    const cause = { action_id, client_seq, session_id };
    for (const one of this.seats) {
      one.seq += 1;
      const stream = { ...one.position, event_id: "e", actor: seat.world.model.config.user_id, cause };
      one.world.push("events", one.world.body(event, data, stream));
    }
    const result = type === "chat.send" ? { result: { message_id: `m${this.#ids}` } } : {};
    seat.world.ack(sent, seat.seq, seat.counted, result);
  }

  #effect({ model }: World, type: string, data: JsonObject): [string, JsonObject | null] {
    const { user_id } = model.config;
    const there = this.slice.messages.find(({ id }) => id === data.message_id);
    const content = data.content as string;
    if (type === "chat.send") {
      this.#ids += 1;
      const message: ChatMessage = { id: `m${this.#ids}`, user_id, content, sent_at: 1, edited_at: null };
      return ["chat.message_added", { message: message as unknown as Json }];
    }
    if (there === undefined) return ["", null];
    if (type === "chat.delete") return ["chat.message_deleted", { message_id: there.id }];
    return ["chat.message_edited", { message: { ...there, content, edited_at: 2 } as unknown as Json }];
  }
}

function contents({ world }: Seat): string[] {
  return (viewOf(world.model).chat?.messages ?? []).map(({ content }) => content);
}

test("two sessions have a number 1 each, and the event of one takes nothing from the other", () => {
  const room = new Room();
  const [left, right] = room.seats;
  left.world.send("left");
  right.world.send("right");
  room.read(right);
  assert.deepEqual(contents(left), ["left", "right"]);
  assert.deepEqual(left.world.pending, [1]);
  assert.deepEqual(contents(right), ["right"]);
  assert.deepEqual(right.world.pending, []);
  room.read(left);
  for (const seat of room.seats) {
    assert.deepEqual(contents(seat), ["left", "right"]);
    assert.deepEqual(seat.world.pending, []);
  }
});

test("what one session deletes the other has edited in vain, and is told", () => {
  const room = new Room();
  const [left, right] = room.seats;
  left.world.send("one");
  room.read(left);
  right.world.dispatch({ type: "chat.edit", data: { message_id: "m1", content: "two" } });
  left.world.dispatch({ type: "chat.delete", data: { message_id: "m1" } });
  assert.deepEqual([contents(left), contents(right)], [[], ["two"]]);
  room.read(left);
  assert.deepEqual(contents(right), []);
  assert.deepEqual(right.world.pending, [1]);
  room.read(right);
  assert.deepEqual(right.world.pending, []);
  assert.deepEqual(
    right.world.failed.map((one) => "code" in one && one.code),
    [4040],
  );
});

/** Do something in a session: mostly to what it shows. */
function act({ world }: Seat, chance: Chance): void {
  const messages = viewOf(world.model).chat?.messages ?? [];
  const message_id = messages[chance.below(messages.length)]?.id;
  const content = `${chance.below(1_000)}`;
  if (message_id === undefined || chance.happens(0.5))
    world.dispatch({ type: "chat.send", data: { content } });
  else if (chance.happens(0.6)) world.dispatch({ type: "chat.edit", data: { message_id, content } });
  else world.dispatch({ type: "chat.delete", data: { message_id } });
}

test("in whatever order two sessions act and are read, both come to what the server holds", () => {
  for (let seed = 1; seed <= SCHEDULES; seed += 1) {
    const chance = new Chance(seed);
    const room = new Room();
    for (let n = 0; n < 60; n += 1) {
      const seat = room.seats[chance.below(2) as 0 | 1];
      if (chance.happens(0.5)) act(seat, chance);
      else room.read(seat);
      assert.deepEqual(seat.world.model.slices.chat, room.slice, `seed ${seed}`);
    }
    for (let n = 0; n < 60; n += 1) for (const seat of room.seats) room.read(seat);
    for (const { world } of room.seats) {
      assert.deepEqual(world.pending, [], `seed ${seed}`);
      assert.deepEqual(viewOf(world.model).chat, room.slice, `seed ${seed}`);
    }
  }
});
