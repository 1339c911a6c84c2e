// Every row of the optimistic view, folded by the client in Gleam (run `gleam build` first).

import assert from "node:assert/strict";
import { test } from "node:test";
import * as dict from "../build/dev/javascript/gleam_stdlib/gleam/dict.mjs";
import { run } from "../build/dev/javascript/gleam_stdlib/gleam/dynamic/decode.mjs";
import { None, Some } from "../build/dev/javascript/gleam_stdlib/gleam/option.mjs";
import { to_string } from "../build/dev/javascript/gleam_json/gleam/json.mjs";
import { UserAction } from "../build/dev/javascript/omnisession/omni/action.mjs";
import * as kind from "../build/dev/javascript/omnisession/omni/kind.mjs";
import { fold, Folding } from "../build/dev/javascript/omnisession/omni/optimistic.mjs";
import * as types from "../build/dev/javascript/omnisession/omni/types.mjs";
import { decoder } from "../build/dev/javascript/omnisession/omni/value.mjs";
import { toList } from "../build/dev/javascript/prelude.mjs";
import { below, read } from "./files.mjs";
import { same } from "./player.mjs";

/** When the actions were dispatched: no rule looks at it. */
const AT = 1_730_000_000_000;

function held(slices) {
  const kinds = Object.keys(slices).map((name) => kind.from_string(name)[0]);
  const empty = types.slices_of(toList(kinds), types.no_slices);
  return Object.values(slices).reduce((all, one) => types.put(all, run(one, types.data_decoder())[0]), empty);
}

function shown({ user_id, limits = {}, slices, pending }) {
  const folding = new Folding(user_id, dict.from_list(toList(Object.entries(limits))));
  const view = pending.reduce((view, { action_id, type, data, expect }) => {
    const revision = expect === undefined ? new None() : new Some(expect.revision);
    return fold(view, new UserAction(action_id, type, run(data, decoder())[0], revision), AT, folding);
  }, held(slices));
  return JSON.parse(to_string(types.slices_to_json(view)));
}

/** What is at a JSON pointer, undefined for nothing. */
function at(value, pointer) {
  const names = pointer.split("/").slice(1);
  return names.reduce((one, name) => one?.[name.replaceAll("~1", "/").replaceAll("~0", "~")], value);
}

for (const file of below("optimistic")) {
  for (const row of read(`optimistic/${file}`)) {
    test(`${file}: ${row.name}`, () => {
      const view = shown(row);
      same("view", row.view, view);
      for (const [pointer, type] of Object.entries(row.types ?? {})) {
        const value = at(view, pointer);
        assert.ok(type === "integer" ? Number.isSafeInteger(value) : typeof value === type, `${pointer} is ${value}`);
      }
      for (const [pointer, value] of Object.entries(row.never ?? {})) {
        assert.notDeepEqual(at(view, pointer), value, pointer);
      }
    });
  }
}
