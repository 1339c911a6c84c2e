import assert from "node:assert/strict";
import { test } from "node:test";
import type { NatsConnection } from "@nats-io/nats-core";
import type { JsonObject } from "../src/core/index.js";
import { decode, encode } from "../src/core/json.js";
import { connectionOptions, Session, type SessionOptions } from "../src/index.js";

type Callback = (error: Error | null, msg: unknown) => void;

/** What a session uses of a connection, in order: subscriptions, what was published, and its status. */
class Connection {
  readonly log: string[] = [];
  readonly published: { subject: string; body: JsonObject; reply: string }[] = [];
  readonly info = { max_payload: 1_048_576 };
  readonly #callbacks = new Map<string, Callback>();
  readonly #statuses: { type: string }[] = [];
  #wake: () => void = () => undefined;

  subscribe(subject: string, { callback }: { callback: Callback }) {
    this.log.push(`SUB ${subject}`);
    this.#callbacks.set(subject, callback);
    return {
      unsubscribe: () => {
        this.log.push(`UNSUB ${subject}`);
        this.#callbacks.delete(subject);
      },
    };
  }

  publish(subject: string, bytes: Uint8Array, { reply }: { reply: string }): void {
    const body = decode(bytes) ?? {};
    this.log.push(`PUB ${body.type}`);
    this.published.push({ subject, body, reply });
  }

  async *status() {
    for (;;) {
      const next = this.#statuses.shift();
      if (next === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      else yield next;
    }
  }

  become(type: string): void {
    this.#statuses.push({ type });
    this.#wake();
  }

  isClosed(): boolean {
    return false;
  }

  async flush(): Promise<void> {}

  /** The newest of a type. */
  last(type: string) {
    const found = this.published.filter(({ body }) => body.type === type).at(-1);
    assert.ok(found !== undefined, type);
    return found;
  }

  deliver(subject: string, data: Uint8Array, headers?: { code: number }): void {
    for (const [pattern, callback] of [...this.#callbacks]) {
      if (subject.startsWith(pattern.replace("*", ""))) callback(null, { subject, data, headers });
    }
  }

  answer(to: { body: JsonObject; reply: string }, type: string, data: JsonObject): void {
    this.deliver(to.reply, encode({ ...to.body, type, data }));
  }
}

const POSITION = { epoch: 1, seq: 0, last_action_seq: 0 };
const OPENED = {
  position: POSITION,
  kinds: ["user"],
  features: [],
  actions: ["session.noop"],
  limits: {},
  timers: { heartbeat_ms: 60_000 },
};

function begin(options: Partial<SessionOptions> = {}) {
  const connection = new Connection();
  const nc = connection as unknown as NatsConnection;
  const session = new Session(nc, { user_id: "ann", kinds: ["user"], ...options });
  const state = (seq: number): void => {
    const data = { type: "user", user: null, permissions: [], sessions: [] };
    const body = { ...connection.last("session.open").body, ...POSITION, type: "session.state", seq, data };
    connection.deliver(connection.last("session.open").subject.replace("control", "state"), encode(body));
  };
  const open = (): void => {
    connection.answer(connection.last("session.open"), "session.opened", OPENED);
    state(1);
  };
  return { connection, session, state, open };
}

test("the application is told of the end, renews, and learns of the new one", async () => {
  const warned: number[] = [];
  const { connection, session, state } = begin({ token: "old", onExpiring: (at) => warned.push(at) });
  const opening = connection.last("session.open");
  connection.answer(opening, "session.opened", { ...OPENED, expires_at: 5_000 });
  state(1);
  assert.equal(session.expiresAt, 5_000);
  const data = { expires_at: 5_000 };
  connection.deliver(opening.subject, encode({ ...opening.body, type: "auth.expiring", data }));
  assert.deepEqual(warned, [5_000]);
  const both = [session.renew("newer"), session.renew("newest")];
  connection.answer(connection.last("session.open"), "session.opened", {
    ...OPENED,
    position: { ...POSITION, seq: 1 },
    expires_at: 9_000,
  });
  state(2);
  connection.answer(connection.last("session.open"), "session.opened", {
    ...OPENED,
    position: { ...POSITION, seq: 2 },
    expires_at: 9_500,
  });
  assert.deepEqual(await Promise.all(both), [{ expires_at: 9_500 }, { expires_at: 9_500 }]);
  assert.equal(session.expiresAt, 9_500);
  await session.stop();
});

test("inbox and session are subscribed before the open, whose answer comes to the inbox", async () => {
  const { connection, session, open } = begin();
  assert.deepEqual(
    connection.log.map((line) => line.split(" ")[0]),
    ["SUB", "SUB", "PUB"],
  );
  assert.match(connection.last("session.open").reply, /^_INBOX\.[0-9a-f]{32}\.1$/);
  assert.match(session.id ?? "", /^[0-9a-f]{32}$/);
  open();
  assert.equal(session.phase, "live");
  assert.deepEqual(session.actions, ["session.noop"]);
  await session.stop();
  assert.deepEqual(
    connection.log.slice(-3).map((line) => line.split(" ")[0]),
    ["PUB", "UNSUB", "UNSUB"],
  );
});

test("a message counts when its effects are with the library, and a new session counts anew", async () => {
  const seen: number[] = [];
  const { connection, session, state, open } = begin({ onChange: (one) => seen.push(one.handled) });
  open();
  assert.equal(session.handled, 1);
  seen.length = 0;
  state(2);
  assert.deepEqual(seen, [1]);
  assert.equal(session.handled, 2);
  connection.deliver(connection.last("session.open").subject, Uint8Array.of(0xff));
  assert.equal(session.handled, 3, "what cannot be read counts, too");
  state(9);
  const { id } = session;
  connection.answer(connection.last("session.resume"), "error", {
    error: { code: 4041, name: "SESSION_UNKNOWN", message: "", retryable: false },
  });
  assert.notEqual(session.id, id);
  assert.equal(session.handled, 0);
  await session.stop();
});

test("what a callback does waits for the effects of what called it", async () => {
  let promise: Promise<unknown> | undefined;
  const { session, connection, open } = begin({
    onChange: (one) => {
      if (one.phase === "live") promise ??= one.dispatch({ type: "session.noop", data: {} });
    },
  });
  open();
  const action = connection.last("session.noop");
  assert.deepEqual(await promise, { action_id: action.body.action_id });
  assert.deepEqual(await session.dispatch({ type: "chat.send", data: {} }), { refused: "unknown_type" });
  await session.stop();
});

test("a connection that comes back is answered by a resume, one without a server by another open", async () => {
  const { session, connection, open } = begin({ timers: { retry_base_ms: 1 } });
  connection.deliver(connection.last("session.open").reply, new Uint8Array(), { code: 503 });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(connection.published.filter(({ body }) => body.type === "session.open").length, 2);
  open();
  connection.become("disconnect");
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(session.phase, "offline");
  connection.become("reconnect");
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(connection.last("session.resume").body.data, { epoch: 1, seq: 1 });
  await session.stop();
});

test("actions are taken before there is a connection, and go out when the session is open", async () => {
  const connection = new Connection();
  let come: (nc: NatsConnection) => void = () => undefined;
  const coming = new Promise<NatsConnection>((resolve) => (come = resolve));
  const session = new Session(coming, { user_id: "ann", kinds: ["user"] });
  assert.equal(session.phase, "offline");
  const dispatched = await session.dispatch({ type: "session.noop", data: {} });
  assert.ok("action_id" in dispatched);
  const { action_id } = dispatched;
  assert.deepEqual(session.pending, [{ action_id, client_seq: null, type: "session.noop", data: {} }]);
  come(connection as unknown as NatsConnection);
  await coming;
  connection.answer(connection.last("session.open"), "session.opened", OPENED);
  assert.equal(connection.last("session.noop").body.action_id, action_id);
  assert.deepEqual(session.pending, [{ action_id, client_seq: 1, type: "session.noop", data: {} }]);
  await session.stop();
});

test("whoever leaves before there is a connection never comes to it", async () => {
  const connection = new Connection();
  const coming = Promise.resolve(connection as unknown as NatsConnection);
  const session = new Session(coming, { user_id: "ann", kinds: ["user"] });
  await session.stop();
  await coming;
  assert.equal(session.phase, "closed");
  assert.deepEqual(connection.log, []);
  assert.deepEqual(await session.dispatch({ type: "session.noop", data: {} }), { refused: "closed" });
});

test("a connection that never comes is told", async () => {
  const told: unknown[] = [];
  const error = new Error("no way");
  new Session(Promise.reject(error), { user_id: "ann", kinds: ["user"], onError: (one) => told.push(one) });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, [error]);
});

test("the view is a value that stays until something changes, and the slices where nothing is pending", async () => {
  const { session, connection, state, open } = begin();
  open();
  assert.equal(session.view, session.slices);
  await session.dispatch({ type: "session.noop", data: {} });
  const { view, pending } = session;
  assert.equal(session.view, view);
  assert.equal(session.pending, pending);
  state(2);
  assert.notEqual(session.view, view);
  const { body, reply } = connection.last("session.noop");
  const { action_id = null, client_seq = null } = body;
  const position = { epoch: 1, seq: 2, last_action_seq: 1 };
  connection.answer({ body, reply }, "action.ack", { action_id, client_seq, status: "applied", position });
  assert.deepEqual(session.pending, []);
  assert.equal(session.view, session.slices);
  await session.stop();
});

test("in the mode pure one action is under way at a time", async () => {
  const { session, open } = begin({ mode: "pure" });
  assert.deepEqual(await session.dispatch({ type: "session.noop", data: {} }), { refused: "not_live" });
  open();
  assert.ok("action_id" in (await session.dispatch({ type: "session.noop", data: {} })));
  assert.deepEqual(await session.dispatch({ type: "session.noop", data: {} }), { refused: "busy" });
  assert.equal(session.view, session.slices);
  await session.stop();
});

test("connections have echo off, and come back for ever to the servers that they were given", () => {
  const options = connectionOptions("nats://one", 20);
  assert.equal(options.noEcho, true);
  assert.equal(options.maxReconnectAttempts, -1);
  assert.equal(options.ignoreClusterUpdates, true);
  assert.equal(options.reconnectTimeWait, 20);
});
