import assert from "node:assert/strict";
import { test } from "node:test";
import { pendingOf, viewOf } from "../src/core/index.js";
import { Chance, Server } from "./server.js";
import { HEARTBEAT_MS, World } from "./world.js";

const SCHEDULES = Number(process.env.SCHEDULES ?? 200);
const STEPS = 120;

/** Do something that may happen, and let some time pass. */
function step(server: Server, chance: Chance): void {
  const drawn = chance.below(20);
  if (drawn < 9) server.change();
  else if (drawn === 9) server.takeOver();
  else if (drawn === 10 && chance.happens(0.3)) server.forget();
  else if (drawn === 11) server.cut();
  else if (drawn <= 13) server.connect();
  else if (drawn <= 16) server.heartbeat();
  else if (drawn === 17 && chance.happens(0.3)) server.closing(chance.below(2_000));
  server.run();
  server.world.random = chance.next();
  server.world.pass(chance.below(400));
}

for (const isKeptOpen of [true, false]) {
  test(`any schedule of a bad network leads to what the server holds${isKeptOpen ? "" : ", with cuts"}`, () => {
    for (let seed = 1; seed <= SCHEDULES; seed += 1) {
      const chance = new Chance(seed);
      const world = new World();
      const server = new Server(world, chance);
      server.connect();
      for (let n = 0; n < STEPS; n += 1) {
        step(server, chance);
        if (isKeptOpen) server.connect();
      }
      server.isBad = false;
      server.connect();
      for (let n = 0; n < 60 && !(isSame(server) && n > 3); n += 1) {
        server.heartbeat();
        for (let turn = 0; turn < 4; turn += 1) {
          server.run();
          world.pass(HEARTBEAT_MS / 4);
        }
      }
      assert.ok(isSame(server), `seed ${seed}: ${world.phase} ${JSON.stringify(world.model.position)}`);
    }
  });
}

/** What the user has written, in order, and what became of it. */
class Writer {
  readonly #server: Server;
  readonly written = new Map<string, string>();

  constructor(server: Server) {
    this.#server = server;
  }

  write(): void {
    const { world } = this.#server;
    const content = `own${this.written.size}`;
    const id = world.dispatch({ type: "chat.send", data: { content } });
    if (id !== "full") this.written.set(id, content);
  }

  /** Nothing that was taken vanishes, unless the server has refused it. */
  look(seed: number): void {
    const { world, done } = this.#server;
    const { model } = world;
    const seen = new Set(viewOf(model).chat?.messages.map(({ content }) => content));
    for (const [id, content] of this.written) {
      // The position of a snapshot may count what its states have yet to bring.
      const isComing = done.has(id) && model.work.at !== "idle";
      assert.ok(this.#isRefused(id) || seen.has(content) || isComing, `${seed} ${content}`);
    }
    const numbers = pendingOf(model).flatMap(({ client_seq }) => client_seq ?? []);
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].sort((left, right) => left - right),
    );
    assert.ok(numbers.every((number) => number > (model.position?.last_action_seq ?? 0)));
  }

  #isRefused(id: string): boolean {
    const result = this.#server.done.get(id);
    return result !== undefined && result.message_id === undefined;
  }

  /**
   * Each was done once, in the order in which it was written, or was refused; and that was told once, but where the
   * nack was lost and something else told that the action counts.
   */
  check(seed: number): void {
    const { world, room } = this.#server;
    const failed = world.failed.map(({ action_id }) => action_id);
    assert.equal(new Set(failed).size, failed.length);
    assert.ok(
      failed.every((id) => this.#isRefused(id)),
      `${seed}`,
    );
    const expected = [...this.written].filter(([id]) => !this.#isRefused(id)).map(([, content]) => content);
    const own = room.messages.filter(({ user_id }) => user_id !== "bob").map(({ content }) => content);
    assert.deepEqual(own.reverse(), expected, `${seed}`);
    assert.deepEqual(viewOf(world.model), world.model.slices);
  }
}

test("whatever the network does, each action is done once, in order, and is seen from the first moment", () => {
  let count = 0;
  for (let seed = 1; seed <= SCHEDULES; seed += 1) {
    const chance = new Chance(seed);
    const world = new World();
    const server = new Server(world, chance, true);
    const writer = new Writer(server);
    for (let n = 0; n < STEPS; n += 1) {
      if (chance.happens(0.2)) writer.write();
      step(server, chance);
      writer.look(seed);
    }
    server.isBad = false;
    server.connect();
    const isDone = () => isSame(server) && world.pending.length === 0;
    for (let n = 0; n < 90 && !(isDone() && n > 3); n += 1) {
      server.heartbeat();
      for (let turn = 0; turn < 4; turn += 1) {
        server.run();
        world.pass(HEARTBEAT_MS / 4);
        writer.look(seed);
      }
    }
    assert.ok(
      isDone(),
      `seed ${seed}: ${world.phase} ${world.pending} ${JSON.stringify(world.model.position)}`,
    );
    writer.check(seed);
    count += writer.written.size;
  }
  assert.ok(count > SCHEDULES * 10);
});

function isSame({ world, session }: Server): boolean {
  if (session === null || world.phase !== "live" || world.model.session_id !== session.id) return false;
  const { position, slices } = world.model;
  assert.ok(position !== null);
  const isAtHead = position.epoch === session.epoch && position.seq === session.seq;
  if (isAtHead) assert.deepEqual(slices.chat, session.slice);
  return isAtHead;
}
