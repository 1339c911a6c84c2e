/** The view is what the rows of `schemas/vectors/optimistic` say. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Action,
  type Config,
  type Json,
  type JsonObject,
  type Kind,
  type Limits,
  type Slices,
  start,
  TIMERS,
  viewOf,
} from "../src/core/index.js";
import { taken } from "../src/core/pending.js";
import { isList, isObject, unlike } from "./unlike.js";
import { vectors } from "./vectors.js";

interface Row {
  readonly name: string;
  readonly user_id: string;
  readonly limits?: Limits;
  readonly slices: JsonObject;
  readonly pending: readonly (Action & { readonly action_id: string })[];
  readonly view: JsonObject;
  readonly types?: { readonly [pointer: string]: "string" | "integer" };
  readonly never?: JsonObject;
}

function shown({ user_id, limits, slices, pending }: Row): Json {
  const config: Config = {
    user_id,
    token: null,
    kinds: Object.keys(slices) as Kind[],
    features: [],
    mode: "optimistic",
    timers: TIMERS,
    client: { name: "vectors", version: "1" },
  };
  const model = {
    ...start(config, slices as unknown as Slices),
    limits: limits ?? {},
    pending: pending.map(({ action_id, ...action }) =>
      taken(action, { id: action_id, at: 1, now: 1, random: 0 }),
    ),
  };
  return viewOf(model) as unknown as Json;
}

/** What is at a JSON pointer, if anything is. */
function at(value: Json, pointer: string): Json | undefined {
  let found: Json | undefined = value;
  for (const name of pointer.split("/").slice(1)) {
    if (isList(found)) found = found[Number(name)];
    else found = isObject(found) ? found[name] : undefined;
  }
  return found;
}

for (const [file, rows] of vectors<Row[]>("optimistic")) {
  for (const row of rows) {
    test(`row ${row.name} of ${file}`, () => {
      const view = shown(row);
      assert.equal(unlike("view", row.view, view), null);
      for (const [pointer, type] of Object.entries(row.types ?? {})) {
        const value = at(view, pointer);
        const isRight = type === "integer" ? Number.isInteger(value) : typeof value === type;
        assert.ok(isRight, `${pointer} is no ${type}`);
      }
      for (const [pointer, value] of Object.entries(row.never ?? {})) {
        assert.notDeepEqual(at(view, pointer), value, `${pointer} is shown`);
      }
    });
  }
}
