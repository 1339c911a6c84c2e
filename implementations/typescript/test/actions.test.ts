import assert from "node:assert/strict";
import { test } from "node:test";
import { place, World } from "./world.js";

function live(changes = {}): World {
  const world = new World({ mode: "pure" });
  world.live(changes);
  return world;
}

const NOOP = { type: "session.noop", data: {} };

test("an action has its id, its number and its place at once", () => {
  const world = live({ position: place(0, 1, 6) });
  const { subject, body } = world.send();
  assert.equal(subject, "user.actions.Zo=c3=ab=2ex");
  assert.equal(body.client_seq, 7);
  assert.equal(body.action_id, world.dispatched[0]);
  assert.deepEqual(body.data, { content: "hello" });
  assert.equal("expect" in body, false);
});

test("the next action goes out after the outcome of the one before, with the next number", () => {
  const world = live();
  const first = world.send();
  assert.equal(world.dispatch(NOOP), "busy");
  world.push("control", world.outcome("ack", first, { status: "duplicate" }));
  const second = world.send();
  assert.equal(second.body.client_seq, 2);
  assert.notEqual(second.body.action_id, first.body.action_id);
  world.answerBytes(first, null);
  assert.equal(world.dispatch(NOOP), "busy", "what comes late for the first is not for the second");
});

test("a final nack ends the action, is told, and has taken the number", () => {
  for (const code of [4030, 4092, 4777]) {
    const world = live();
    const first = world.send();
    const error = { code, name: "N", message: "m", retryable: false };
    world.push("control", world.outcome("nack", first, { error }));
    world.answerBytes(first, null);
    assert.deepEqual(world.failed, [{ action_id: first.body.action_id, code, message: "m" }]);
    assert.equal(world.send().body.client_seq, 2);
  }
});

test("an error on the reply subject ends the action, and has taken no number", () => {
  const world = live();
  const first = world.send();
  world.refuse(first, 4130, false);
  assert.equal(world.failed.length, 1);
  assert.equal(world.send().body.client_seq, 1);
});

test("the same bytes go out again after a nack for now, and not before its time", () => {
  const world = live();
  const first = world.send();
  const error = { code: 4290, name: "N", message: "m", retryable: true, retry_after_ms: 900 };
  world.push("control", world.outcome("nack", first, { error }));
  world.answer(first, "action.nack", world.outcome("nack", first, { error }).data as never);
  world.post({ is: "disconnected" });
  world.connect();
  world.resumed("current", place(1));
  world.pass(899);
  assert.equal(world.said("chat.send").length, 1);
  world.pass(1);
  const [one, two] = world.said("chat.send");
  assert.deepEqual(one?.bytes, two?.bytes);
  assert.equal(one?.reply, two?.reply);
});

test("without an outcome the same bytes go out again, for as long as it takes", () => {
  const world = live();
  const first = world.send();
  world.pass(60_000);
  const copies = world.said("chat.send");
  assert.ok(copies.length > 4);
  for (const { bytes } of copies) assert.deepEqual(bytes, first.bytes);
  world.push("control", world.outcome("ack", first, { status: "applied" }));
  world.pass(60_000);
  assert.equal(world.said("chat.send").length, copies.length);
  assert.deepEqual(world.failed, []);
});

test("an action that was under way over a lost connection goes out again on the next one", () => {
  const world = live();
  world.send();
  world.post({ is: "disconnected" });
  world.pass(30_000);
  assert.equal(world.said("chat.send").length, 1);
  world.connect();
  world.resumed("current", place(1));
  world.pass(2_000);
  assert.ok(world.said("chat.send").length >= 2);
});

test("with the session the action is given up, told, and the next one has the number 1", () => {
  const world = live({ position: place(0, 1, 6) });
  const first = world.send();
  world.refuse(first, 4041, false);
  assert.deepEqual(world.failed, [{ action_id: first.body.action_id, reason: "given_up" }]);
  world.answer(world.last("session.open"), "session.opened", world.opened());
  world.push("state", world.state(1, ""));
  assert.equal(world.send().body.client_seq, 1);
});

test("a number beyond what the server counts is not waited for for ever", () => {
  const world = live();
  const { session_id } = world.last("session.open").body;
  for (let n = 0; n < 12 && world.failed.length === 0; n += 1) {
    const last = n === 0 ? world.send() : world.last("chat.send");
    const error = { code: 4091, name: "N", message: "m", retryable: true, details: { expected: 0 } };
    world.push("control", world.outcome("nack", last, { error }));
    world.pass(6_000);
  }
  assert.equal(world.failed.length, 1);
  assert.notEqual(world.last("session.open").body.session_id, session_id);
});

test("what the server would not take is refused here, and takes no number", () => {
  const world = live();
  assert.equal(world.dispatch({ type: "chat.edit", data: {} }), "unknown_type");
  assert.equal(world.dispatch({ type: "chat.send", data: {} }), "invalid");
  assert.equal(world.dispatch({ type: "chat.send", data: { content: 5 } }), "invalid");
  assert.equal(world.dispatch({ type: "chat.send", data: { content: "\ud800" } }), "invalid");
  assert.equal(world.dispatch({ ...NOOP, expect: { revision: 0 } }), "invalid");
  assert.equal(world.dispatch({ type: "chat.send", data: { content: "x".repeat(8_192) } }), "too_large");
  assert.equal(world.send("x".repeat(7_000)).body.client_seq, 1);
});

test("an action has exactly the size that the server takes, or the broker", () => {
  const world = live();
  const empty = world.send("").bytes.length;
  world.push("control", world.outcome("ack", world.last("chat.send"), { status: "applied" }));
  assert.equal(
    world.dispatch({ type: "chat.send", data: { content: "x".repeat(8_193 - empty) } }),
    "too_large",
  );
  assert.equal(world.send("x".repeat(8_192 - empty)).bytes.length, 8_192);
  const small = new World({ mode: "pure" });
  small.connect(1_000);
  small.answer(small.last("session.open"), "session.opened", small.opened());
  assert.equal(small.dispatch({ type: "chat.send", data: { content: "x".repeat(900) } }), "too_large");
});

test("without an open session, or before its return, nothing is taken", () => {
  const world = new World({ mode: "pure" });
  assert.equal(world.dispatch(NOOP), "not_live");
  world.live();
  world.closing(true, 1_000);
  assert.equal(world.dispatch(NOOP), "not_live");
  world.pass(1_000);
  world.post({ is: "disconnected" });
  assert.equal(world.dispatch(NOOP), "not_live");
});

test("an outcome tells the head, and one of another action ends nothing", () => {
  const world = live();
  const first = world.send();
  const other = { ...first, body: { ...first.body, action_id: "other" } };
  world.push("control", world.outcome("ack", other, { status: "applied" }));
  assert.equal(world.dispatch(NOOP), "busy");
  world.push("control", world.outcome("ack", first, { status: "applied", position: place(2, 1, 1) }));
  assert.deepEqual(world.asked, ["session.open", "session.resume"]);
});
