// What the shell needs of JavaScript: a mailbox, timers, chance, and a connection of @nats-io.

import { wsconnect } from "@nats-io/nats-core";
import { BitArray$BitArray } from "../gleam.mjs";

const NO_RESPONDERS = 503;
/** How long the last words of a session may take to reach the broker. */
const LAST_WORDS_MS = 1_000;
const CONNECTS_WITHIN_MS = 5_000;
/** The longest time that a timer takes; the client sets it again where that was too short. */
const LONGEST_MS = 2 ** 31 - 1;

class Runtime {
  model;
  timers = new Map();
  mailbox = [];
  isBusy = false;
  isStopped = false;
  inbox = `_INBOX.${randomId()}`;
  nc = null;
  messages = null;
  /** Of the present subscription: each has a count of its own. */
  count = { handled: 0 };

  constructor(model) {
    this.model = model;
  }
}

export function runtime(model) {
  return new Runtime(model);
}

export function model(runtime) {
  return runtime.model;
}

export function handled(runtime) {
  return runtime.count.handled;
}

/** One message after the other. `handle` gives the next model, and what is to be done then. */
export function post(runtime, handle, count = null) {
  runtime.mailbox.push({ handle, count });
  if (runtime.isBusy) return;
  runtime.isBusy = true;
  while (runtime.mailbox.length > 0) {
    const next = runtime.mailbox.shift();
    try {
      const [model, perform] = next.handle(runtime.model);
      runtime.model = model;
      perform();
    } catch (error) {
      // Whatever came, it must not end the connection's reading.
      console.error(error);
    }
    // Only now are its effects with the library.
    if (next.count !== null) next.count.handled += 1;
  }
  runtime.isBusy = false;
}

export function web() {
  return wsconnect;
}

/** Connect for as long as it takes; later the connection comes back by itself. */
export async function connect(runtime, dial, url, reconnectMs, events) {
  const options = {
    servers: url,
    noEcho: true,
    timeout: CONNECTS_WITHIN_MS,
    reconnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectMs,
    reconnectJitter: Math.ceil(reconnectMs / 4),
    ignoreClusterUpdates: true,
  };
  while (!runtime.isStopped) {
    try {
      const nc = await dial(options);
      if (runtime.isStopped) return void nc.close();
      begin(runtime, nc, events);
      return;
    } catch {
      await pause(reconnectMs);
    }
  }
}

function begin(runtime, nc, { on_connected, on_disconnected, on_answer, on_nobody }) {
  runtime.nc = nc;
  nc.subscribe(`${runtime.inbox}.*`, {
    callback: (error, msg) => {
      if (error !== null) return;
      const request = Number(msg.subject.slice(runtime.inbox.length + 1));
      const isNobody = msg.data.length === 0 && msg.headers?.code === NO_RESPONDERS;
      if (isNobody) on_nobody(request);
      else on_answer(request, BitArray$BitArray(msg.data));
    },
  });
  void watch(nc, on_connected, on_disconnected);
  on_connected(largest(nc));
}

async function watch(nc, on_connected, on_disconnected) {
  for await (const { type } of nc.status()) {
    if (type === "disconnect" || type === "close") on_disconnected();
    if (type === "reconnect") on_connected(largest(nc));
  }
}

function largest(nc) {
  return nc.info?.max_payload ?? Number.MAX_SAFE_INTEGER;
}

/** In place of the subscription before, with a count of its own. */
export function subscribe(runtime, subject, handle) {
  runtime.messages?.unsubscribe();
  const count = { handled: 0 };
  runtime.count = count;
  const callback = (error, msg) => {
    if (error === null) post(runtime, handle(msg.subject, BitArray$BitArray(msg.data)), count);
  };
  runtime.messages = runtime.nc?.subscribe(subject, { callback }) ?? null;
}

export function publish(runtime, subject, body, request) {
  // A connection that has ended for good takes nothing; the session is told of that by its status.
  if (runtime.nc?.isClosed() === false) {
    runtime.nc.publish(subject, body, { reply: `${runtime.inbox}.${request}` });
  }
}

export function set_timer(runtime, name, ms, elapsed) {
  clearTimeout(runtime.timers.get(name));
  runtime.timers.set(name, setTimeout(elapsed, Math.min(ms, LONGEST_MS)));
}

export function cancel_timer(runtime, name) {
  clearTimeout(runtime.timers.get(name));
}

/** Close the connection when what was said is with the broker. */
export async function close(runtime, done) {
  runtime.isStopped = true;
  for (const timer of runtime.timers.values()) clearTimeout(timer);
  if (runtime.nc?.isClosed() === false) {
    await Promise.race([runtime.nc.flush().catch(() => undefined), pause(LAST_WORDS_MS)]);
    await runtime.nc.close();
  }
  done();
}

/** A clock in ms that only goes forward. */
export function now() {
  return Math.floor(performance.now());
}

/** The time in ms since the Unix epoch. */
export function wall() {
  return Date.now();
}

export function random() {
  return Math.random();
}

/** 16 random bytes, by a cryptographic source. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
