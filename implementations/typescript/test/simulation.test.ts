import assert from "node:assert/strict";
import { test } from "node:test";
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

function isSame({ world, session }: Server): boolean {
  if (session === null || world.phase !== "live" || world.model.session_id !== session.id) return false;
  const { position, slices } = world.model;
  assert.ok(position !== null);
  const isAtHead = position.epoch === session.epoch && position.seq === session.seq;
  if (isAtHead) assert.deepEqual(slices.chat, session.slice);
  return isAtHead;
}
