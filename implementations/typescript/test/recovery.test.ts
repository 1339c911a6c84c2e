import assert from "node:assert/strict";
import { test } from "node:test";
import { digest } from "../src/core/index.js";
import { HEARTBEAT_MS, place, World } from "./world.js";

function live(features: ("events" | "digests")[] = ["events"]): World {
  const world = new World({ features });
  world.live();
  return world;
}

test("a head above the position is recovered at the heartbeat that tells it", () => {
  const world = live();
  world.heartbeat(1);
  assert.deepEqual(world.asked, ["session.open"]);
  world.heartbeat(3);
  assert.equal(world.last("session.resume").body.timestamp, 1_730_000_000_000);
  world.resumed("replay", place(3), world.event(2), world.event(3));
  assert.equal(world.phase, "live");
});

test("a pong may overtake the stream, and is not waited for longer than a heartbeat", () => {
  const world = live();
  world.pass(HEARTBEAT_MS);
  world.answer(world.last("session.ping"), "session.pong", { position: place(2) });
  assert.deepEqual(world.asked, ["session.open"]);
  world.tell(2);
  world.pass(5 * HEARTBEAT_MS);
  assert.deepEqual(world.asked, ["session.open"]);
  world.answer(world.last("session.ping"), "session.pong", { position: place(3) });
  world.pass(HEARTBEAT_MS);
  assert.deepEqual(world.asked, ["session.open", "session.resume"]);
});

test("positions that count more actions at the same place are taken", () => {
  const world = live();
  world.push("control", world.body("session.heartbeat", { position: place(1, 1, 4) }));
  assert.deepEqual(world.model.position, place(1, 1, 4));
});

test("one recovery at a time, and an answer to one that was given up changes nothing", () => {
  const world = live();
  world.tell(3);
  const first = world.last("session.resume");
  world.tell(5, 7);
  world.heartbeat(9);
  world.pass(3_999);
  assert.equal(world.said("session.resume").length, 1);
  world.pass(201);
  assert.equal(world.said("session.resume").length, 2);
  world.answer(first, "session.resumed", { mode: "snapshot", position: place(0), messages: [] });
  assert.equal(world.seq, 1);
  world.resumed("replay", place(3), world.event(2), world.event(3));
  assert.equal(world.seq, 3);
});

test("an answer has not helped before all came that it promised", () => {
  const world = live();
  world.tell(3);
  world.resumed("snapshot", place(5));
  assert.equal(world.phase, "recovering");
  world.pass(3_999);
  assert.equal(world.said("session.resume").length, 1);
  world.pass(300);
  assert.deepEqual(world.last("session.resume").body.data, { epoch: 1, seq: 5 });
  assert.equal(world.model.failures, 1);
});

test("what closes a gap is applied while its recovery has to wait", () => {
  const world = live();
  world.tell(3);
  world.refuse(world.last("session.resume"), 5030, true);
  world.tell(2);
  assert.equal(world.shown, "bc");
  world.pass(200);
  assert.deepEqual(world.last("session.resume").body.data, { epoch: 1, seq: 3 });
});

test("a resume that is refused for good is followed by a sync, and that by a new session", () => {
  const world = live();
  world.tell(3);
  world.refuse(world.last("session.resume"), 4001, false);
  world.pass(200);
  const sync = world.last("session.sync");
  world.refuse(sync, 4220, false);
  world.pass(400);
  assert.notEqual(world.last("session.open").body.session_id, sync.body.session_id);
});

test("a session that is unknown or over is followed by one with a new id", () => {
  for (const code of [4041, 4101]) {
    for (const type of ["session.resume", "session.ping"]) {
      const world = live();
      world.pass(HEARTBEAT_MS);
      world.tell(3);
      const { body } = world.last("session.open");
      world.refuse(world.last(type), code, false);
      assert.equal(world.phase, "opening");
      const open = world.last("session.open");
      assert.notEqual(open.body.session_id, body.session_id);
      assert.equal(world.subscribed.at(-1)?.split(".")[2], open.body.session_id);
      world.answer(open, "session.opened", world.opened());
      world.push("state", world.state(1, "q"));
      assert.equal(world.shown, "q");
    }
  }
});

test("digests are compared at the same position only, and ask for one sync", () => {
  const world = live(["events", "digests"]);
  const wrong = { digests: { chat: "0".repeat(64) } };
  const right = () => ({ digests: { chat: digest(world.model.slices.chat ?? {}) } });
  world.heartbeat(1, 1, right());
  world.heartbeat(0, 1, wrong);
  assert.deepEqual(world.asked, ["session.open"]);
  world.heartbeat(1, 1, wrong);
  assert.deepEqual(world.asked, ["session.open", "session.sync"]);
  const sync = () => {
    const seq = world.seq ?? 0;
    world.answer(world.last("session.sync"), "session.syncing", { position: place(seq), kinds: ["chat"] });
    world.push("state", world.state(seq + 1, "a", 1, "sync"));
  };
  sync();
  world.heartbeat(2, 1, wrong);
  assert.equal(world.said("session.sync").length, 1, "the next only after a wait");
  world.pass(200);
  assert.equal(world.said("session.sync").length, 2);
  sync();
  world.heartbeat(3, 1, right());
  world.heartbeat(3, 1, wrong);
  assert.equal(world.said("session.sync").length, 3);
});

test("a lost connection is followed by a resume on the next one", () => {
  const world = live();
  world.tell(2);
  world.post({ is: "disconnected" });
  assert.equal(world.phase, "offline");
  world.pass(60_000);
  assert.deepEqual(world.asked, ["session.open"]);
  assert.equal(world.said("session.ping").length, 0);
  world.connect();
  assert.deepEqual(world.last("session.resume").body.data, { epoch: 1, seq: 2 });
  world.resumed("current", place(2, 1, 3));
  assert.equal(world.phase, "live");
  assert.deepEqual(world.model.position, place(2, 1, 3));
});

test("a connection that is lost while opening opens the same session again", () => {
  const world = new World();
  world.connect();
  world.post({ is: "disconnected" });
  world.connect();
  const [first, second] = world.said("session.open");
  assert.equal(first?.body.session_id, second?.body.session_id);
});
