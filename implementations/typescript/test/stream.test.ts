import assert from "node:assert/strict";
import { test } from "node:test";
import { encode } from "../src/core/json.js";
import { place, World } from "./world.js";

function live(): World {
  const world = new World();
  world.live();
  return world;
}

const RECOVERED = ["session.open", "session.resume"];

test("a state takes the place of its slice, whole", () => {
  const world = live();
  world.tell(2, 3);
  world.push("state", world.state(4, "x", 1, "change"));
  assert.equal(world.shown, "x");
});

test("copies, old seqs and old epochs change nothing", () => {
  const world = live();
  world.tell(2, 2, 1, 2);
  world.push("events", world.event(9, 0));
  assert.equal(world.shown, "b");
  assert.equal(world.seq, 2);
  assert.deepEqual(world.asked, ["session.open"]);
});

test("beyond a gap nothing is applied, and a resume names the position", () => {
  const world = live();
  world.tell(2, 4, 6);
  assert.equal(world.shown, "b");
  assert.deepEqual(world.last("session.resume").body.data, { epoch: 1, seq: 2 });
  assert.equal(world.phase, "recovering");
  world.tell(5);
  world.resumed("replay", place(4), world.event(3), world.event(4));
  assert.equal(world.shown, "bcdef");
  assert.equal(world.phase, "live");
  assert.deepEqual(world.asked, RECOVERED);
});

test("held messages that do not connect are dropped, and asked for anew", () => {
  const world = live();
  world.tell(3, 6);
  world.resumed("replay", place(3), world.event(2), world.event(3));
  assert.equal(world.shown, "bc");
  assert.deepEqual(world.last("session.resume").body.data, { epoch: 1, seq: 3 });
});

test("a snapshot is taken with its position, even a lower one", () => {
  const world = live();
  world.tell(2, 3, 5);
  world.resumed("snapshot", place(1));
  assert.equal(world.seq, 1);
  world.push("state", world.state(2, "ab", 1, "sync"));
  assert.equal(world.shown, "ab");
  // What was held is of a future that is gone, and asked for once.
  assert.deepEqual(world.last("session.resume").body.data, { epoch: 1, seq: 2 });
  world.resumed("current", place(2));
  assert.equal(world.phase, "live");
});

test("a higher epoch is taken by its first state, and asked for otherwise", () => {
  const world = live();
  world.push("state", world.state(1, "z", 2, "takeover"));
  assert.equal(world.shown, "z");
  world.push("events", world.event(2, 2));
  assert.deepEqual(world.model.position, place(2, 2));
  world.push("events", world.event(5, 3));
  assert.deepEqual(world.last("session.resume").body.data, { epoch: 2, seq: 2 });
});

test("unknown types, kinds and members are skipped, and their seqs count", () => {
  const world = live();
  world.push("events", { ...world.event(2), type: "x-acme.thing_done", data: {} });
  world.push("events", { ...world.event(3), type: "article.flown" });
  world.push("state", { ...world.state(4, ""), data: { type: "polls", polls: 7 } });
  world.push("events", { ...world.event(5), v: "1.9", novel: { deep: [1] } });
  world.push("control", world.body("session.novel", { position: place(99) }));
  assert.equal(world.seq, 5);
  assert.equal(world.shown, "e");
  assert.deepEqual(world.asked, ["session.open"]);
});

test("what is not of its own subject and ids is dropped", () => {
  const world = live();
  const subject = world.subscribed[0]?.replace("*", "events") ?? "";
  const post = (on: string, body: object) =>
    world.post({ is: "received", subject: on, data: encode(body as never) });
  post(subject, { ...world.event(2), user_id: "zoë.x" });
  post(subject, { ...world.event(2), session_id: "other" });
  post("session.ann.other.events", world.event(2));
  post(subject.replace("events", "state"), world.event(2));
  post(subject.replace("events", "else"), world.event(2));
  assert.equal(world.seq, 1);
  world.tell(2);
  assert.equal(world.seq, 2);
});

test("whatever bytes come, the session goes on", () => {
  const world = live();
  const deep = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;
  for (const leaf of ["state", "events", "control"]) {
    for (const text of ["", "null", "[]", "{", '{"v":1}', "\ufeff{}", deep]) {
      world.pushBytes(leaf, new TextEncoder().encode(text));
    }
    world.pushBytes(leaf, Uint8Array.of(0xc3, 0x28));
  }
  for (const type of ["session.heartbeat", "session.closing", "action.ack", "action.nack"]) {
    world.push("control", world.body(type, { position: 5, reconnect: "no", error: [] }));
    world.push("control", world.body(type, {}));
  }
  world.tell(2);
  assert.equal(world.shown, "b");
});

test("what is nested beyond all measure cannot be used, in a replay neither", () => {
  const deep = JSON.parse(`${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}`);
  const world = live();
  const { data } = world.event(2);
  const body = { ...world.event(2), data: { ...(data as object), deep } };
  world.push("events", body);
  assert.equal(world.seq, 1);
  assert.deepEqual(world.asked, ["session.open", "session.sync"]);
});

test("a message that cannot be used is closed by a sync", () => {
  for (const bad of [
    { data: { message: { id: 5 } } },
    { data: null },
    { v: "2.0" },
    { last_action_seq: "7" },
  ]) {
    const world = live();
    world.push("events", { ...world.event(2), ...bad });
    assert.equal(world.seq, 1);
    assert.deepEqual(world.asked, ["session.open", "session.sync"]);
    world.tell(3);
    world.answer(world.last("session.sync"), "session.syncing", { position: place(3), kinds: ["chat"] });
    world.push("state", world.state(4, "abc", 1, "sync"));
    assert.equal(world.shown, "abc");
    assert.equal(world.phase, "live");
  }
});

test("a replay is read body by body, and one that is of no use is closed by a sync", () => {
  const world = live();
  world.tell(5);
  const bad = { ...world.event(3), data: {} };
  world.resumed("replay", place(5), world.event(2), bad, world.event(4), world.event(5));
  assert.equal(world.shown, "b");
  world.pass(200);
  assert.deepEqual(world.asked, [...RECOVERED, "session.sync"]);
});

test("any order, copies and loss lead to the same slices", () => {
  for (let seed = 1; seed < 200; seed += 1) {
    const world = live();
    let state = seed * 2_654_435_761;
    const draw = (below: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((state / 2_147_483_648) * below);
    };
    for (let n = 0; n < 40; n += 1) {
      const seq = 2 + draw(24);
      if (draw(4) > 0) world.tell(seq);
      if (world.model.work.at === "asking" && draw(3) === 0) answer(world, 25);
    }
    world.heartbeat(25);
    for (let n = 0; n < 5 && world.phase !== "live"; n += 1) {
      answer(world, 25);
      world.pass(400);
    }
    assert.equal(world.seq, 25, `seed ${seed}`);
    assert.equal(world.shown.slice(-20), "fghijklmnopqrstuvwxy", `seed ${seed}`);
  }
});

function answer(world: World, head: number): void {
  const from = world.seq ?? 0;
  const seqs = Array.from({ length: Math.max(0, head - from) }, (_, n) => from + n + 1);
  if (seqs.length === 0) world.resumed("current", place(head));
  else world.resumed("replay", place(head), ...seqs.map((seq) => world.event(seq)));
}
