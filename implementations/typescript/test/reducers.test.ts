import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Config,
  type JsonObject,
  type Kind,
  type Limits,
  type Slice,
  start,
  TIMERS,
} from "../src/core/index.js";
import { decode, encode } from "../src/core/json.js";
import type { Model } from "../src/core/model.js";
import { readPlaced } from "../src/core/reading.js";
import { apply } from "../src/core/stream.js";
import { vectors } from "./vectors.js";

interface Reduced {
  limits?: Limits;
  slice: JsonObject;
  steps: { shows: string; type: string; data: JsonObject; slice: JsonObject }[];
}

const OWN = { user_id: "ann", session_id: "s" };
const VECTORS = vectors<Reduced>("reducers");

/** A session that holds a slice. */
function holding(slice: JsonObject, limits: Limits): Model {
  const kind = slice.type as Kind;
  const config: Config = {
    user_id: "ann",
    token: null,
    kinds: [kind],
    features: [],
    mode: "pure",
    timers: TIMERS,
    client: { name: "", version: "" },
  };
  const position = { epoch: 1, seq: 0, last_action_seq: 0 };
  const opened = {
    is: "opened",
    position,
    kinds: [kind],
    states: 1,
    features: [],
    actions: [],
    limits,
    heartbeat_ms: 1_000,
    resume_window_ms: 5_000,
    expires_at: null,
  } as const;
  return { ...start(config, { [kind]: slice as unknown as Slice }), position, opened, work: { at: "idle" } };
}

/** Take a message as it comes on the wire. */
function take(model: Model, type: string, data: JsonObject): Model {
  const body = { ...OWN, v: "1.0", type, timestamp: 1, epoch: 1, seq: 1, last_action_seq: 0, data };
  const message = readPlaced(OWN, decode(encode(body)));
  const after = message === null ? null : apply(model, message);
  assert.ok(after !== null, "the message is of use");
  return after;
}

test("there are reducers of all kinds", () => {
  const kinds = new Set(VECTORS.map(([, vector]) => vector.slice.type));
  assert.deepEqual(kinds, new Set(["articles", "chat", "url", "user"]));
  assert.ok(VECTORS.length > 20);
});

for (const [name, { limits, slice, steps }] of VECTORS) {
  test(`reducer ${name}`, () => {
    let model = holding(slice, limits ?? {});
    for (const { shows, type, data, slice: expected } of steps) {
      const before = model.slices;
      const kept = JSON.stringify(before);
      model = take(model, type, data);
      const kind = slice.type as Kind;
      assert.deepEqual(model.slices[kind], expected, shows);
      assert.deepEqual(take(model, type, data).slices, model.slices, `${shows} Twice.`);
      assert.equal(JSON.stringify(before), kept, `${shows} What was handed out stays.`);
    }
  });
}
