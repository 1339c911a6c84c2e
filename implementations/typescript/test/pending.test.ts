import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../src/core/index.js";
import { pendingOf } from "../src/core/index.js";
import { place, type Sent, World } from "./world.js";

const NOOP = { type: "session.noop", data: {} };
const say = (content: string) => ({ type: "chat.send", data: { content } });

function live(changes: JsonObject = {}): World {
  const world = new World();
  world.live(changes);
  return world;
}

/** Some messages that were sent and have no outcome. */
function sending(world: World, ...contents: string[]): Sent[] {
  return contents.map((content) => world.send(content));
}

function numbers(sent: readonly Sent[]): (string | number)[] {
  return sent.map(({ body }) => body.client_seq as number);
}

function contents(sent: readonly Sent[]): unknown[] {
  return sent.map(({ body }) => (body.data as JsonObject).content);
}

function reopen(world: World, changes: JsonObject = {}): void {
  world.answer(world.last("session.open"), "session.opened", world.opened(changes));
}

test("many are under way at a time, each with its id and the next number", () => {
  const world = live({ position: place(0, 1, 6) });
  const sent = sending(world, "a", "b", "c");
  assert.deepEqual(numbers(sent), [7, 8, 9]);
  assert.equal(new Set(world.dispatched).size, 3);
  assert.deepEqual(pendingOf(world.model)[0], { action_id: world.dispatched[0], client_seq: 7, ...say("a") });
  assert.equal(world.viewed, "abc");
  assert.equal(world.shown, "");
});

test("an action is pending until the position counts it, whatever its ack says", () => {
  const world = live();
  const [a, b] = sending(world, "a", "b") as [Sent, Sent];
  world.ack(a, 2, 1);
  assert.deepEqual(world.pending, [1, 2]);
  assert.equal(world.viewed, "ab");
  world.pass(60_000);
  assert.equal(contents(world.said("chat.send")).filter((one) => one === "a").length, 1, "it needs no copy");
  world.resumed("current", place(1));
  world.did(a, 2, 0);
  assert.deepEqual(world.pending, [2], "its ack has told that this place counts it");
  assert.equal(world.model.position?.last_action_seq, 1);
  world.ack(b, 2, 2);
  assert.deepEqual(world.pending, []);
});

test("a position counts an action whatever told it, and no action before its place", () => {
  const tellers: { [by: string]: (world: World, position: JsonObject) => void } = {
    heartbeat: (world, position) => world.push("control", world.body("session.heartbeat", { position })),
    pong: (world, position) => {
      world.pass(1_000);
      world.answer(world.last("session.ping"), "session.pong", { position });
    },
    outcome: (world, position) => {
      const other = { ...world.last("chat.send"), body: { action_id: "other", client_seq: 9 } } as Sent;
      world.push("control", world.outcome("ack", other, { status: "applied", position }));
    },
    state: (world) => world.push("state", { ...world.state(2, "a"), last_action_seq: 1 }),
    answer: (world, position) => {
      world.heartbeat(2);
      world.resumed("current", { ...position, seq: 1 });
    },
  };
  for (const [by, tell] of Object.entries(tellers)) {
    const world = live();
    const [a] = sending(world, "a", "b") as [Sent, Sent];
    tell(world, place(2, 1, 1));
    if (["heartbeat", "pong", "outcome"].includes(by)) {
      assert.deepEqual(world.pending, [1, 2], `${by}: the place is not reached`);
      world.did(a, 2, 0);
      if (world.phase !== "live") world.resumed("current", place(1));
    }
    assert.deepEqual(world.pending, [2], by);
  }
});

test("what is told while an answer is awaited counts when its place is reached", () => {
  const world = live();
  const [a] = sending(world, "a", "b");
  world.tell(3);
  world.push("control", world.body("session.heartbeat", { position: place(3, 1, 1) }));
  assert.deepEqual(world.pending, [1, 2]);
  world.resumed("replay", place(3), world.event(2), world.event(3));
  assert.deepEqual(world.pending, [2], `${a?.body.action_id}`);
});

test("a final nack takes its own action out, and no other", () => {
  const world = live();
  const [, b] = sending(world, "a", "b", "c");
  world.nack(b as Sent, 4220);
  assert.deepEqual(world.pending, [1, 3]);
  assert.equal(world.viewed, "ac");
  assert.deepEqual(world.failed, [{ action_id: b?.body.action_id, code: 4220, message: "m" }]);
  assert.equal(world.send("d").body.client_seq, 4);
});

test("32 are pending at most, and one is taken when one is done", () => {
  const world = live();
  const [first] = sending(world, ...Array.from({ length: 32 }, (_, n) => `${n}`));
  assert.equal(world.dispatch(NOOP), "full");
  world.ack(first as Sent, 1, 1);
  assert.notEqual(world.dispatch(NOOP), "full");
});

test("before the session is open, offline and while it recovers actions are taken, and have their turn", () => {
  const world = new World();
  world.dispatch(say("a"));
  assert.deepEqual(world.pending, [null]);
  assert.equal(world.viewed, "a");
  world.connect();
  world.dispatch(say("b"));
  assert.equal(world.said("chat.send").length, 0);
  reopen(world, { position: place(0, 1, 4) });
  assert.deepEqual(numbers(world.said("chat.send")), [5, 6]);
  world.push("state", world.state(1, ""));
  world.post({ is: "disconnected" });
  world.dispatch(say("c"));
  assert.deepEqual(world.pending, [5, 6, null]);
  world.connect();
  world.dispatch(say("d"));
  assert.equal(world.said("chat.send").length, 2);
  world.resumed("current", place(1, 1, 4));
  assert.deepEqual(numbers(world.said("chat.send").slice(2)), [5, 6, 7, 8]);
  world.heartbeat(3);
  world.dispatch(say("e"));
  assert.equal(world.phase, "recovering");
  assert.deepEqual(world.pending, [5, 6, 7, 8, 9]);
});

test("what proves to be none that the session takes is refused then, told, and takes no number", () => {
  const world = new World();
  world.dispatch({ type: "poll.vote", data: {} });
  world.dispatch(say("x".repeat(8_200)));
  world.dispatch(say("b"));
  assert.equal(world.dispatch({ type: "chat.send", data: {} }), "invalid");
  world.connect();
  assert.equal(world.failed.length, 0);
  reopen(world);
  assert.deepEqual(
    world.failed.map((one) => [one.action_id, "reason" in one && one.reason]),
    [
      [world.dispatched[0], "unknown_type"],
      [world.dispatched[1], "too_large"],
    ],
  );
  assert.deepEqual(numbers(world.said("chat.send")), [1]);
  assert.equal(world.viewed, "b");
});

test("the size is that under the number that the action will have", () => {
  const world = live({ position: place(0, 1, 97) });
  const empty = world.send("").bytes.length;
  world.closing(true, 1_000);
  world.dispatch(say("99 and then"));
  assert.equal(world.dispatch(say("x".repeat(8_192 - empty))), "too_large", "its number has three digits");
  assert.equal(typeof world.dispatch(say("x".repeat(8_191 - empty))), "string");
});

test("after a cut all that is pending goes out again, behind the answer, in order, as the same bytes", () => {
  const world = live();
  const sent = sending(world, "a", "b", "c", "d");
  world.ack(sent[1] as Sent, 9, 2);
  world.post({ is: "disconnected" });
  world.pass(60_000);
  world.connect();
  assert.equal(world.said("chat.send").length, 4);
  world.resumed("current", place(1, 1, 1));
  const copies = world.said("chat.send").slice(4);
  assert.deepEqual(numbers(copies), [2, 3, 4]);
  assert.deepEqual(
    copies.map(({ bytes }) => bytes),
    sent.slice(1).map(({ bytes }) => bytes),
  );
});

test("a refusal of the recovery for now is an answer, too: actions do not wait for another one", () => {
  const world = live();
  sending(world, "a");
  world.post({ is: "disconnected" });
  world.connect();
  world.refuse(world.last("session.resume"), 5030, true, { retry_after_ms: 9_000 });
  assert.equal(world.said("chat.send").length, 2);
});

test("what nobody knows yet stays pending under its number, and is done without another word", () => {
  const world = live();
  const [a] = sending(world, "a");
  world.nack(a as Sent, 5040, { retryable: true });
  sending(world, "b");
  world.pass(10_000);
  const said = world.said("chat.send");
  assert.deepEqual(new Set(numbers(said)), new Set([1, 2]));
  const copies = said.filter((_, index) => numbers(said)[index] === 1);
  assert.ok(copies.length > 1);
  for (const { bytes } of copies) assert.deepEqual(bytes, (a as Sent).bytes);
});

test("what a server asked to wait for holds on a new connection, and holds up no other", () => {
  const world = live();
  const [a] = sending(world, "a", "b");
  world.nack(a as Sent, 4290, { retry_after_ms: 5_000 });
  world.post({ is: "disconnected" });
  world.connect();
  world.resumed("current", place(1));
  assert.deepEqual(numbers(world.said("chat.send").slice(2)), [2]);
  world.pass(4_999);
  assert.ok(!numbers(world.said("chat.send").slice(2)).includes(1));
  world.pass(1);
  assert.ok(numbers(world.said("chat.send").slice(2)).includes(1));
});

test("a nack that comes when its copy is waited with already says how long", () => {
  const world = live();
  const [a] = sending(world, "a");
  world.pass(2_000);
  world.nack(a as Sent, 4290, { retry_after_ms: 5_000 });
  world.pass(4_999);
  assert.equal(world.said("chat.send").length, 1);
  world.pass(1);
  assert.equal(world.said("chat.send").length, 2);
});

test("those behind a number that comes later wait for it, and go out with it", () => {
  const world = live();
  const sent = sending(world, "a", "b", "c");
  world.nack(sent[0] as Sent, 4290, { retry_after_ms: 3_000 });
  for (const one of sent.slice(1)) world.nack(one, 4091, { details: { expected: 1 } });
  world.pass(2_999);
  assert.equal(world.said("chat.send").length, 3);
  world.pass(1);
  assert.deepEqual(numbers(world.said("chat.send").slice(3)), [1, 2, 3]);
  assert.deepEqual(world.failed, []);
});

test("what the server has forgotten of an action that it acked is sent again", () => {
  const world = live();
  const [a, b] = sending(world, "a", "b") as [Sent, Sent];
  world.ack(a, 9, 1);
  world.answerBytes(world.last("session.resume"), null);
  world.nack(b, 4091, { details: { expected: 1 } });
  world.pass(1_000);
  assert.deepEqual(numbers(world.said("chat.send").slice(2)).slice(0, 2), [1, 2]);
});

test("without an outcome each goes out again, but not when a position is told that counts it", () => {
  const world = live();
  sending(world, "a", "b");
  world.push("control", world.body("session.heartbeat", { position: place(3, 1, 1) }));
  world.pass(2_500);
  assert.deepEqual(numbers(world.said("chat.send").slice(2)), [2]);
});

test("a new session takes all along under its own numbers: ids, data and order stay", () => {
  const world = live({ position: place(0, 1, 6) });
  const sent = sending(world, "a", "b");
  world.dispatch({ ...say("c"), expect: { revision: 3 } });
  world.ack(sent[0] as Sent, 2, 7);
  world.resumed("current", place(1, 1, 6));
  world.refuse(world.last("chat.send"), 4101, false);
  assert.deepEqual(world.pending, [null, null, null]);
  assert.equal(world.viewed, "abc");
  world.dispatch(say("d"));
  reopen(world);
  const copies = world.said("chat.send").slice(-4);
  assert.deepEqual(numbers(copies), [1, 2, 3, 4]);
  assert.deepEqual(contents(copies), ["a", "b", "c", "d"]);
  assert.deepEqual(
    copies.map(({ body }) => body.action_id),
    world.dispatched,
  );
  assert.deepEqual(copies[2]?.body.expect, { revision: 3 });
  for (const { body } of copies) assert.equal(body.session_id, world.model.session_id);
  const [first] = copies;
  world.ack(first as Sent, 0, 1, { status: "duplicate" });
  assert.deepEqual(world.pending, [2, 3, 4]);
  assert.deepEqual(world.failed, []);
});

test("an error about a number that was not taken: the next has it, or all behind it go into a new session", () => {
  const last = live();
  const [, b] = sending(last, "a", "b");
  last.refuse(b as Sent, 4130, false);
  assert.equal(last.send("c").body.client_seq, 2);
  const first = live();
  const { session_id } = first.model;
  const [a] = sending(first, "a", "b");
  first.refuse(a as Sent, 4130, false);
  assert.notEqual(first.model.session_id, session_id);
  reopen(first);
  assert.deepEqual(contents(first.said("chat.send").slice(-1)), ["b"]);
  assert.equal(first.last("chat.send").body.client_seq, 1);
});

test("a number that nobody fills is left with its session", () => {
  const world = live();
  const { session_id } = world.model;
  sending(world, "a");
  for (let n = 0; n < 12 && world.model.session_id === session_id; n += 1) {
    world.nack(world.last("chat.send"), 4091, { details: { expected: 0 } });
    world.pass(6_000);
  }
  assert.notEqual(world.model.session_id, session_id);
  reopen(world);
  assert.equal(world.last("chat.send").body.client_seq, 1);
  assert.deepEqual(world.failed, []);
  const renewed = world.model.session_id;
  world.nack(world.last("chat.send"), 4091, { details: { expected: 0 } });
  assert.equal(world.model.session_id, renewed, "there it has its tries anew");
});

test("a number is waited for as long as an own action has it", () => {
  const world = live();
  const { session_id } = world.model;
  sending(world, "a", "b");
  for (let n = 0; n < 12; n += 1) {
    const copy = world.said("chat.send").findLast(({ body }) => body.client_seq === 2);
    world.nack(copy as Sent, 4091, { details: { expected: 1 } });
    world.pass(10_000);
  }
  assert.equal(world.model.session_id, session_id);
  assert.ok(numbers(world.said("chat.send")).filter((number) => number === 1).length > 6);
});

test("in a new session the order is kept, whatever has to wait", () => {
  const world = live();
  const [a, b] = sending(world, "a", "b") as [Sent, Sent];
  world.nack(a, 4290, { retry_after_ms: 3_000 });
  world.refuse(b, 4041, false);
  reopen(world);
  assert.equal(world.said("chat.send").length, 2);
  world.pass(3_000);
  assert.deepEqual(contents(world.said("chat.send").slice(2)), ["a", "b"]);
});

test("a server at an earlier place has forgotten what it told of later ones", () => {
  const world = live();
  world.tell(2, 3);
  const [a] = sending(world, "a");
  world.ack(a as Sent, 4, 1);
  world.resumed("snapshot", place(1));
  assert.equal(world.said("chat.send").length, 2, "it goes out again");
  world.push("state", world.state(2, "a"));
  world.tell(3, 4);
  assert.deepEqual(world.pending, [1]);
});

test("a planned stop is waited for, and then all goes out again", () => {
  const world = live();
  sending(world, "a");
  world.closing(true, 1_500);
  world.dispatch(say("b"));
  world.pass(1_500);
  assert.equal(world.said("chat.send").length, 1);
  world.resumed("current", place(1));
  assert.deepEqual(numbers(world.said("chat.send").slice(1)), [1, 2]);
});

test("a broker that takes less than the one before ends what is too large for it", () => {
  const world = live();
  sending(world, "x".repeat(2_000), "b");
  world.post({ is: "disconnected" });
  world.connect(1_500);
  world.resumed("current", place(1));
  assert.deepEqual(
    world.failed.map((one) => "reason" in one && one.reason),
    ["too_large"],
  );
  assert.equal(world.said("chat.send").length, 2, "nothing more goes into that session");
  reopen(world);
  assert.deepEqual(contents(world.said("chat.send").slice(-1)), ["b"]);
});

const WINDOW_MS = 5_000;
const OUTCOMES_MS = 15_000;
const LIMITS = { action: 8_192, outcomes_ms: OUTCOMES_MS };
const TYPES = ["session.noop", "chat.send", "article.update", "article.select"];

/** What is sent in a new session by a client that was away for a time, and what its user was told. */
function away(ms: number, slept = 0): { sent: unknown[]; failed: unknown[] } {
  const world = live({ limits: LIMITS, actions: TYPES });
  sending(world, "a", "b");
  const update = { type: "article.update", data: { article_id: "a-1", changes: {} } };
  world.dispatch({ ...update, expect: { revision: 3 } });
  world.dispatch(update);
  world.dispatch({ type: "article.select", data: { article_id: null } });
  // Its answer is the last: pings that nobody answers tell nothing.
  world.pass(800);
  world.answer(world.last("session.ping"), "session.pong", { position: place(1) });
  world.post({ is: "disconnected" });
  world.dispatch(say("offline"));
  world.pass(ms);
  world.slept = slept;
  world.connect();
  world.refuse(world.last("session.resume"), 4041, false);
  const before = world.sent.length;
  reopen(world, { limits: LIMITS, actions: TYPES });
  world.push("state", world.state(1, ""));
  assert.equal(world.pending.length, 6 - world.failed.length);
  const sent = world.sent.slice(before).filter(({ body }) => body.action_id !== undefined);
  return {
    sent: sent.map(({ body }) => (body.data as JsonObject).content ?? body.type),
    failed: world.failed.map((one) => [
      world.dispatched.indexOf(one.action_id),
      "reason" in one && one.reason,
    ]),
  };
}

test("within the time for which outcomes are known all comes along", () => {
  const all = ["a", "b", "article.update", "article.update", "article.select", "offline"];
  assert.deepEqual(away(WINDOW_MS + OUTCOMES_MS - 600), { sent: all, failed: [] });
});

test("after it only what may be done twice comes along, and what was never sent; the user is told", () => {
  const left = {
    sent: ["article.update", "article.select", "offline"],
    failed: [
      [0, "given_up"],
      [1, "given_up"],
      [3, "given_up"],
    ],
  };
  assert.deepEqual(away(WINDOW_MS + OUTCOMES_MS - 300), left, "there is a margin for the way");
  assert.deepEqual(away(WINDOW_MS + OUTCOMES_MS + 60_000), left);
  assert.deepEqual(away(1_000, 60_000), left, "a clock that stands still in sleep does not count");
  assert.deepEqual(away(60_000, -60_000), left, "nor one that was set back");
});

test("an outcome tells that the session lives, as any answer does", () => {
  const world = live({ limits: LIMITS });
  const [a] = sending(world, "a", "b");
  world.pass(15_000);
  world.ack(world.send("c"), 1, 0);
  world.nack(a as Sent, 4290);
  world.post({ is: "disconnected" });
  world.pass(15_000);
  world.connect();
  world.refuse(world.last("session.resume"), 4041, false);
  reopen(world, { limits: LIMITS });
  assert.deepEqual(world.failed, []);
});

test("where the server tells no time there is no such end", () => {
  const world = live();
  sending(world, "a");
  world.post({ is: "disconnected" });
  world.pass(10_000_000);
  world.connect();
  world.refuse(world.last("session.resume"), 4041, false);
  reopen(world);
  assert.deepEqual(contents(world.said("chat.send")), ["a", "a"]);
});
