// Plays a trace to the core of a client, as schemas/vectors/README.md says: no broker, no clock, and no chance.

import assert from "node:assert/strict";

const RECOVERIES = ["session.resume", "session.sync"];

export class Player {
  #core;
  #header;
  #random;
  #session = 0;
  #sessions = [];
  #labels = new Map();
  #refused = null;
  #bytes = new Map();
  #dispatched = new Map();
  #asked = new Map();
  #givenUp = new Map();
  #requests = [];
  #actions = [];
  #copies = [];

  constructor(core, header, random) {
    this.#core = core;
    this.#header = header;
    this.#random = random;
  }

  /** Do what a line says, and look at what holds then. */
  play(line) {
    this.#comes(line);
    this.#collect();
    for (const [name, expected] of Object.entries(line.then ?? {})) {
      this.#see(name, JSON.parse(this.#filled(expected)));
    }
  }

  #filled(value) {
    let text = JSON.stringify(value);
    const names = new Map(this.#labels);
    this.#sessions.forEach((id, at) => names.set(`session:${at + 1}`, id));
    if (this.#sessions.length > 0) names.set("session", this.#sessions[this.#session]);
    for (const [name, id] of names) text = text.replaceAll(`\${${name}}`, id);
    return text;
  }

  #comes(line) {
    switch (line.in) {
      case "connected":
        return this.#core.connected(line.max_payload ?? 1_048_576);
      case "lost":
        this.#asked.clear();
        return this.#core.lost();
      case "message":
        return this.#message(line);
      case "answer":
        return this.#answer(line);
      case "new_session":
        this.#session += 1;
        return assert.ok(this.#session < this.#sessions.length, "no session with a new id is opened");
      case "dispatch":
        return this.#dispatch(line);
      case "time":
        this.#wait(line.ms, () => line.until !== undefined && this.#isThere(line.until));
        if (line.until !== undefined) assert.ok(this.#isThere(line.until), `no ${line.until} within ${line.ms} ms`);
        return undefined;
      default:
        throw new Error(`there is no input ${line.in}`);
    }
  }

  #message(line) {
    const session = this.#sessions[(line.session ?? this.#session + 1) - 1];
    this.#core.heard(`session.${this.#header.user_id}.${session}.${line.on}`, this.#bytesIn(line));
  }

  #bytesIn(line) {
    if (line.raw !== undefined) return new Uint8Array(Buffer.from(line.raw, "base64"));
    return new TextEncoder().encode(this.#filled(line.body));
  }

  #answer(line) {
    this.#wait(line.within_ms ?? 0, () => this.#waiting(line.to).length > 0);
    let waiting = this.#waiting(line.to);
    if (waiting.length === 0 && line.none !== undefined) return this.#tell(line.none);
    if (line.late) waiting = [...(this.#givenUp.get(line.to) ?? []), ...waiting.slice(0, -1)];
    const asked = waiting.at(-1);
    assert.ok(asked !== undefined, `no ${line.to} is under way`);
    this.#givenUp.set(line.to, waiting.slice(0, -1));
    this.#asked.set(line.to, []);
    if (line.none !== undefined) this.#requests.pop();
    const branch = line[asked.type.replace("session.", "")] ?? line;
    this.#core.answered(asked.request, branch.body === null ? null : this.#bytesIn(branch));
    return this.#tell(branch);
  }

  #waiting(to) {
    return this.#asked.get(to) ?? [];
  }

  #tell({ messages = [] }) {
    for (const message of messages) {
      this.#collect();
      this.#message(message);
    }
  }

  #dispatch({ as, type, data, expect, then }) {
    const filled = JSON.parse(this.#filled(data));
    const [id, refused] = this.#core.dispatched(type, filled, expect);
    this.#labels.set(as, id);
    this.#dispatched.set(id, { type, data: filled, expect });
    this.#refused = refused;
    if (then?.refused === undefined) assert.equal(refused, null, `${as} is refused`);
  }

  #isThere(what) {
    if (what === "session.ping") return this.#waiting(what).length > 0;
    const wanted = what === "recovery" ? RECOVERIES : [what];
    const id = this.#labels.get(what);
    const sent = [...this.#actions.map((one) => one.action_id), ...this.#copies];
    return this.#requests.some(({ type }) => wanted.includes(type)) || sent.includes(id);
  }

  /** Let timers ring, those that are due at the same time as they were set. */
  #wait(ms, isOver) {
    const end = this.#core.nowMs + ms;
    while (!isOver()) {
      const due = this.#core.dueMs();
      if (due === null || due > end) {
        this.#core.nowMs = end;
        return;
      }
      this.#core.nowMs = Math.max(this.#core.nowMs, due);
      this.#core.ring();
      this.#collect();
    }
  }

  #collect() {
    for (const { text, request } of this.#core.sent.splice(0)) {
      const body = JSON.parse(text);
      if (body.action_id !== undefined) this.#tookAction(text, body);
      else this.#tookRequest(body, request);
    }
  }

  #tookRequest(body, request) {
    const { type, session_id } = body;
    if (type === "session.open" && !this.#sessions.includes(session_id)) this.#sessions.push(session_id);
    if (type === "session.close") return;
    const to = RECOVERIES.includes(type) ? "recovery" : type;
    this.#asked.set(to, [...this.#waiting(to), { type, request }]);
    if (type !== "session.ping") this.#requests.push(body);
  }

  #tookAction(text, body) {
    const key = `${body.session_id} ${body.action_id}`;
    const first = this.#bytes.get(key);
    if (first !== undefined) {
      assert.equal(text, first, "a copy has other bytes");
      this.#copies.push(body.action_id);
      return;
    }
    this.#bytes.set(key, text);
    this.#actions.push(body);
    const { type, data, expect } = body;
    assert.deepEqual({ type, data, expect }, this.#dispatched.get(body.action_id));
  }

  #see(name, expected) {
    const report = this.#core.report();
    switch (name) {
      case "requests":
        return this.#seeRequests(expected);
      case "actions": {
        const names = new Map([...this.#labels].map(([label, id]) => [id, label]));
        const told = this.#actions.splice(0).map((one) => [names.get(one.action_id), one.client_seq]);
        return assert.deepEqual(told, expected, "actions");
      }
      case "again": {
        const wanted = expected.map((label) => this.#labels.get(label));
        const seen = new Set(this.#copies.splice(0).filter((one) => wanted.includes(one)));
        return assert.deepEqual([...seen], wanted, "sent again");
      }
      case "still":
        for (const label of expected) assert.ok(!this.#copies.includes(this.#labels.get(label)), `${label} again`);
        this.#copies = [];
        return undefined;
      case "position":
      case "slices":
      case "closed":
        return same(name, expected, report[name]);
      case "views":
        return this.#seeViews(expected, report.view);
      case "pending":
        if (report.pending === null) return undefined;
        return same(name, expected.map((label) => this.#labels.get(label)), report.pending);
      case "failed":
        return same(name, expected.map(([label, why]) => `${this.#labels.get(label)} ${why}`).sort(), 
          report.failed.map(([id, why]) => `${id} ${why}`).sort());
      case "refused":
        return assert.ok(expected.includes(this.#refused), `refused: ${this.#refused}`);
      case "clock_ms":
        return assert.ok(this.#random === 0 || this.#core.nowMs >= expected, `only ${this.#core.nowMs} ms`);
      default:
        throw new Error(`there is no expectation ${name}`);
    }
  }

  #seeRequests(expected) {
    const requests = this.#requests.splice(0);
    assert.equal(requests.length, expected.length, `requests: ${requests.map(({ type }) => type)}`);
    expected.forEach((wanted, at) => {
      const { type, data } = requests[at];
      if (wanted.type !== "recovery" || type === "session.open") return assert.equal(type, wanted.type);
      if (type === "session.resume") return same("resume from", wanted.from, data);
      const kinds = data.kinds?.length > 0 ? data.kinds : this.#header.kinds;
      return same("sync of", [...this.#header.kinds].sort(), [...kinds].sort());
    });
  }

  #seeViews(expected, view) {
    if (view === null) return;
    const differences = expected.map((one) => unlike("view", one, view));
    assert.ok(differences.includes(null), differences.join("; "));
  }
}

export function same(what, expected, seen) {
  assert.equal(unlike(what, expected, seen), null);
}

/** Where a value differs first, null where it does not: of an object only the members that are expected count. */
export function unlike(where, expected, seen) {
  const isBoth = (is) => is(expected) && is(seen);
  let names;
  if (isBoth(Array.isArray)) {
    if (expected.length !== seen.length) return `${where}: ${expected.length} expected, ${seen.length} seen`;
    names = [...expected.keys()];
  } else if (isBoth((one) => one !== null && typeof one === "object" && !Array.isArray(one))) {
    names = Object.keys(expected);
  } else {
    return expected === seen ? null : `${where}: expected ${JSON.stringify(expected)}, seen ${JSON.stringify(seen)}`;
  }
  for (const name of names) {
    const found = unlike(`${where}/${name}`, expected[name], seen[name]);
    if (found !== null) return found;
  }
  return null;
}
