import assert from "node:assert/strict";
import { test } from "node:test";
import { encode } from "../src/core/json.js";
import { place, World } from "./world.js";

test("a session is subscribed before it is opened, with encoded ids and a new id", () => {
  const world = new World();
  world.connect();
  const open = world.last("session.open");
  assert.equal(world.subscribed[0], `session.Zo=c3=ab=2ex.${open.body.session_id}.*`);
  assert.equal(open.subject, `session.Zo=c3=ab=2ex.${open.body.session_id}.control`);
  assert.deepEqual(open.body.data, {
    protocol: ["1.0"],
    kinds: ["chat"],
    features: ["events"],
    auth: { scheme: "bearer", token: "secret" },
    client: { name: "test", version: "1" },
  });
  assert.equal(world.phase, "opening");
});

test("slices are empty before the first state", () => {
  assert.deepEqual(new World().model.slices, {
    chat: { type: "chat", messages: [], participants: [], typing_indicators: [] },
  });
});

test("what comes before the answer is handled behind it, in any order", () => {
  const world = new World();
  world.connect();
  world.tell(3, 2);
  world.push("state", world.state(1, "a"));
  world.heartbeat(3);
  assert.equal(world.model.position, null);
  world.answer(world.last("session.open"), "session.opened", world.opened());
  assert.equal(world.phase, "live");
  assert.equal(world.shown, "abc");
  assert.deepEqual(world.asked, ["session.open"]);
});

test("what does not connect behind the answer is asked for, without a heartbeat", () => {
  const world = new World();
  world.connect();
  world.tell(4);
  world.answer(world.last("session.open"), "session.opened", world.opened());
  world.push("state", world.state(1, "a"));
  assert.deepEqual(world.asked, ["session.open", "session.resume"]);
  world.resumed("replay", place(4), world.event(2), world.event(3), world.event(4));
  assert.equal(world.shown, "abcd");
  assert.equal(world.phase, "live");
});

test("an open without an answer, or without anybody there, is asked again after a wait", () => {
  for (const isNobody of [true, false]) {
    const world = new World();
    world.connect();
    const first = world.last("session.open");
    if (isNobody) world.answerBytes(first, null);
    else world.pass(4_000);
    assert.equal(world.asked.length, 1);
    world.pass(200);
    assert.equal(world.asked.length, 2);
    assert.equal(world.last("session.open").body.session_id, first.body.session_id);
    world.answer(first, "session.opened", world.opened({ position: place(9) }));
    assert.equal(world.model.position, null, "a late answer changes nothing");
  }
});

test("what came before an open is asked again is not of the session that it opens", () => {
  const world = new World();
  world.connect();
  world.push("state", world.state(1, "z"));
  world.tell(2);
  world.pass(4_000);
  world.pass(200);
  assert.equal(world.asked.length, 2);
  world.answer(world.last("session.open"), "session.opened", world.opened());
  assert.equal(world.shown, "");
  world.push("state", world.state(1, "a"));
  assert.equal(world.shown, "a");
});

test("waits double up to their bound, and are never nothing", () => {
  const world = new World();
  world.connect();
  const waits: number[] = [];
  for (let n = 0; n < 9; n += 1) {
    const before = world.asked.length;
    world.refuse(world.last("session.open"), 5030, true);
    let waited = 0;
    while (world.asked.length === before) {
      world.pass(50);
      waited += 50;
    }
    waits.push(waited);
  }
  assert.deepEqual(waits, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
});

test("a refusal for now says when to come again, also over a new connection", () => {
  const world = new World();
  world.connect();
  world.refuse(world.last("session.open"), 4777, true, { retry_after_ms: 3_000 });
  world.post({ is: "disconnected" });
  world.pass(1_000);
  world.connect();
  world.pass(1_999);
  assert.equal(world.asked.length, 1);
  world.pass(1);
  assert.equal(world.asked.length, 2);
});

test("a refusal for good ends it, and 4101 asks for a new id", () => {
  for (const code of [4010, 4011, 4031, 4003, 4220, 4001, 5777]) {
    const world = new World();
    world.connect();
    world.refuse(world.last("session.open"), code, false);
    world.pass(60_000);
    assert.equal(world.phase, "closed");
    assert.deepEqual(world.model.work, { at: "closed", code });
    assert.deepEqual(world.asked, ["session.open"]);
  }
  const world = new World();
  world.connect();
  world.refuse(world.last("session.open"), 4101, false);
  world.pass(200);
  const [first, second] = world.said("session.open");
  assert.notEqual(first?.body.session_id, second?.body.session_id);
});

test("what is no answer is as if it had not come", () => {
  const world = new World();
  world.connect();
  const open = world.last("session.open");
  const other = { ...world.body("session.opened", world.opened()), v: "2.0" };
  const foreign = { ...world.body("session.opened", world.opened()), session_id: "other" };
  for (const bytes of [new Uint8Array(), Uint8Array.of(0xff), encode(other), encode(foreign)]) {
    world.answerBytes(open, bytes);
  }
  world.answer(open, "session.pong", { position: place(7) });
  assert.equal(world.phase, "opening");
  const later = { ...world.body("session.opened", world.opened()), v: "1.9", unknown: [1] };
  world.answerBytes(open, encode(later));
  world.push("state", world.state(1, ""));
  assert.equal(world.phase, "live");
});
