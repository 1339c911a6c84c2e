import assert from "node:assert/strict";
import { test } from "node:test";
import { MODES, type Mode } from "../src/core/index.js";
import { HEARTBEAT_MS, place, World } from "./world.js";

function live(mode: Mode = "optimistic"): World {
  const world = new World({ mode });
  world.live();
  return world;
}

test("a sign of life is given within each heartbeat", () => {
  const world = live();
  for (let n = 1; n <= 10; n += 1) {
    world.pass(HEARTBEAT_MS);
    assert.ok(world.said("session.ping").length >= n);
  }
});

test("pings that are not answered, or refused for now, end nothing", () => {
  const world = live();
  world.pass(HEARTBEAT_MS);
  world.refuse(world.last("session.ping"), 5030, true);
  world.pass(HEARTBEAT_MS);
  world.answerBytes(world.last("session.ping"), null);
  world.pass(10 * HEARTBEAT_MS);
  assert.equal(world.phase, "live");
});

for (const mode of MODES) {
  test(`after a closing for good nothing more is sent, and the user is told the code, ${mode}`, () => {
    const world = live(mode);
    world.tell(3);
    world.dispatch({ type: "chat.send", data: { content: "hello" } });
    world.closing(false);
    const before = world.sent.length;
    world.pass(60_000);
    world.tell(4, 5);
    world.post({ is: "disconnected" });
    world.connect();
    world.post({ is: "stopped" });
    assert.equal(world.sent.length, before);
    assert.equal(world.phase, "closed");
    assert.deepEqual(world.model.work, { at: "closed", code: 5030 });
    assert.equal(world.dispatch({ type: "session.noop", data: {} }), "closed");
    const isPure = world.model.config.mode === "pure";
    assert.deepEqual(
      world.failed.map((one) => "reason" in one && one.reason),
      isPure ? ["given_up"] : [],
    );
    assert.equal(world.pending.length, isPure ? 0 : 1, "nobody says any more what became of it");
  });
}

test("after a closing with a return the session is recovered when its time has come, and not before", () => {
  for (const isCut of [false, true]) {
    const world = live();
    world.closing(true, 1_500);
    world.tell(4);
    if (isCut) {
      world.post({ is: "disconnected" });
      world.connect();
    }
    world.pass(1_499);
    assert.deepEqual(world.asked, ["session.open"]);
    world.pass(1);
    assert.deepEqual(world.asked, ["session.open", "session.resume"]);
  }
});

test("a closing is heeded while an answer is awaited", () => {
  const world = live();
  world.tell(3);
  const resume = world.last("session.resume");
  world.closing(true, 500);
  world.answer(resume, "session.resumed", { mode: "snapshot", position: place(0), messages: [] });
  assert.equal(world.seq, 1);
  world.pass(499);
  assert.equal(world.said("session.resume").length, 1);
  world.pass(1);
  assert.equal(world.said("session.resume").length, 2);
});

test("who leaves says so, and nothing after it", () => {
  const world = live();
  world.post({ is: "stopped" });
  assert.deepEqual(world.last("session.close").body.data, {});
  const before = world.sent.length;
  world.pass(60_000);
  world.post({ is: "stopped" });
  assert.equal(world.sent.length, before);
  const offline = new World();
  offline.post({ is: "stopped" });
  assert.deepEqual(offline.sent, []);
});
