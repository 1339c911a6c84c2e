import assert from "node:assert/strict";
import { test } from "node:test";
import { MODES } from "../src/core/index.js";
import { HEARTBEAT_MS, place, World } from "./world.js";

const FIRST = 1_730_000_060_000;
const LATER = FIRST + 3_600_000;

function live(mode: (typeof MODES)[number] = "optimistic"): World {
  const world = new World({ mode });
  world.live({ expires_at: FIRST });
  return world;
}

function expiring(world: World, expires_at: unknown = FIRST): void {
  world.push("control", world.body("auth.expiring", { expires_at: expires_at as number }));
}

function tokenOf({ body }: { body: { data?: unknown } }): unknown {
  return (body.data as { auth: { token: string } }).auth.token;
}

/** Answer an open again, with the state that follows. */
function reopen(world: World, seq: number, expires_at: number): void {
  const last_action_seq = world.model.position?.last_action_seq ?? 0;
  const changes = { position: place(seq, 1, last_action_seq), expires_at };
  world.answer(world.last("session.open"), "session.opened", world.opened(changes));
  world.push("state", { ...world.state(seq + 1, ""), last_action_seq });
}

test("a warning is told, whatever is awaited, and changes nothing", () => {
  const world = live();
  const before = world.model;
  expiring(world);
  assert.equal(world.model, before);
  world.tell(3); // a gap: it recovers
  expiring(world);
  assert.equal(world.phase, "recovering");
  for (const odd of [null, "soon", -1, 1.5, {}]) expiring(world, odd);
  assert.deepEqual(world.ends, [FIRST, FIRST]);
});

test("a session that was closed is not warned any more", () => {
  const world = live();
  world.closing(false);
  expiring(world);
  assert.deepEqual(world.ends, []);
});

for (const mode of MODES) {
  test(`a renewal opens again by the new token, and keeps numbers and what is pending, ${mode}`, () => {
    const world = live(mode);
    const first = world.send();
    world.post({ is: "renewed", token: "fresh" });
    const again = world.last("session.open");
    assert.equal(tokenOf(again), "fresh");
    assert.equal(again.body.session_id, first.body.session_id);
    reopen(world, 1, LATER);
    assert.equal(world.phase, "live");
    assert.deepEqual(world.ends, [{ expires_at: LATER }]);
    assert.equal(world.model.opened?.expires_at, LATER);
    assert.equal(world.model.opened?.heartbeat_ms, HEARTBEAT_MS);
    world.did(first, 3, 1);
    world.ack(first, 3, 1);
    assert.equal(world.send("more").body.client_seq, 2);
  });
}

test("a renewal waits for what is asked already, and goes out once", () => {
  const world = live();
  world.tell(3);
  world.post({ is: "renewed", token: "fresh" });
  assert.deepEqual(world.asked, ["session.open", "session.resume"]);
  world.resumed("replay", place(3), world.event(2), world.event(3));
  assert.deepEqual(world.asked, ["session.open", "session.resume", "session.open"]);
  reopen(world, 3, LATER);
  world.pass(60_000);
  assert.deepEqual(world.said("session.open").map(tokenOf), ["secret", "fresh"]);
});

test("a renewal that was not answered, or refused for now, is tried again, on a new connection as well", () => {
  const world = live();
  world.post({ is: "renewed", token: "fresh" });
  world.pass(4_000 + 200);
  assert.equal(world.said("session.open").length, 3);
  world.refuse(world.last("session.open"), 5030, true);
  world.pass(400);
  assert.equal(world.said("session.open").length, 4);
  world.post({ is: "disconnected" });
  world.post({ is: "renewed", token: "newest" });
  world.connect();
  assert.equal(tokenOf(world.last("session.open")), "newest");
  assert.deepEqual(world.ends, []);
  reopen(world, 1, LATER);
  assert.deepEqual(world.ends, [{ expires_at: LATER }]);
  assert.equal(world.phase, "live");
});

test("a renewal that is refused is told, and the session goes on where it was", () => {
  const world = live();
  world.post({ is: "renewed", token: "other" });
  world.tell(2);
  world.refuse(world.last("session.open"), 4030, false);
  assert.deepEqual(world.ends, [{ refused: 4030 }]);
  world.resumed("replay", place(2), world.event(2));
  assert.equal(world.phase, "live");
  assert.equal(world.shown, "b");
  assert.equal(world.model.opened?.expires_at, FIRST);
  world.pass(60_000);
  assert.equal(world.said("session.open").length, 2);
});

test("where the session is over meanwhile, the new token opens another one", () => {
  const world = live();
  world.post({ is: "renewed", token: "fresh" });
  const was = world.last("session.open").body.session_id;
  world.refuse(world.last("session.open"), 4101, false);
  world.pass(1_000);
  assert.notEqual(world.last("session.open").body.session_id, was);
  assert.equal(tokenOf(world.last("session.open")), "fresh");
  reopen(world, 0, LATER);
  assert.deepEqual(world.ends, [{ expires_at: LATER }]);
});

test("a token that comes before the first answer is shown behind it", () => {
  const world = new World();
  world.connect();
  world.post({ is: "renewed", token: "fresh" });
  reopen(world, 0, FIRST);
  assert.deepEqual(world.said("session.open").map(tokenOf), ["secret", "fresh"]);
  assert.deepEqual(world.ends, []);
  reopen(world, 1, LATER);
  assert.deepEqual(world.ends, [{ expires_at: LATER }]);
});

test("whoever waits for a renewal is told when the session closes", () => {
  for (const isAsked of [false, true]) {
    const world = live();
    if (!isAsked) world.tell(3);
    world.post({ is: "renewed", token: "fresh" });
    world.closing(false);
    assert.deepEqual(world.ends, [{ refused: 5030 }]);
    world.post({ is: "renewed", token: "fresh" });
    assert.deepEqual(world.ends, [{ refused: 5030 }, { refused: 5030 }]);
    world.pass(60_000);
    assert.equal(world.said("session.open").length, isAsked ? 2 : 1);
  }
});
