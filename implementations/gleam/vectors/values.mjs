// What the client in Gleam makes of the shared vectors, so that somebody without a compiler can compare it.

import { BitArray$BitArray, toList } from "../build/dev/javascript/prelude.mjs";
import * as json from "../build/dev/javascript/gleam_json/gleam/json.mjs";
import { Some } from "../build/dev/javascript/gleam_stdlib/gleam/option.mjs";
import * as dict from "../build/dev/javascript/gleam_stdlib/gleam/dict.mjs";
import { run } from "../build/dev/javascript/gleam_stdlib/gleam/dynamic/decode.mjs";
import { apply_event } from "../build/dev/javascript/omnisession/omni/event.mjs";
import * as message from "../build/dev/javascript/omnisession/omni/client/message.mjs";
import * as kind from "../build/dev/javascript/omnisession/omni/kind.mjs";
import { encode } from "../build/dev/javascript/omnisession/omni/token.mjs";
import * as types from "../build/dev/javascript/omnisession/omni/types.mjs";
import { digest } from "./canonical.mjs";
import { below, read } from "./files.mjs";

const OWN = new message.Own("ann", "s");

/** The slices after each step, as this client writes them. */
function reduced({ limits = {}, slice, steps }) {
  const open = toList([kind.from_string(slice.type)[0]]);
  const cut = dict.from_list(toList(Object.entries(limits)));
  const first = run(slice, types.data_decoder())[0];
  let slices = types.put(types.slices_of(open, types.no_slices), first);
  return steps.map(({ type, data }) => {
    slices = applied(slices, type, data, cut);
    return JSON.parse(json.to_string(types.slices_to_json(slices)))[slice.type];
  });
}

function applied(slices, type, data, limits) {
  const place = { epoch: 1, seq: 1, last_action_seq: 0 };
  const body = { v: "1.0", type, user_id: "ann", session_id: "s", timestamp: 1, ...place, data };
  const bytes = BitArray$BitArray(new TextEncoder().encode(JSON.stringify(body)));
  const heard = message.read(OWN, type === "session.state" ? "state" : "events", bytes);
  if (!(heard instanceof Some)) throw new Error(`a message of the type ${type} is dropped`);
  const { content } = heard[0][0];
  if (content instanceof message.State) return types.put(slices, content[0]);
  if (content instanceof message.Change) return apply_event(slices, content.event, limits);
  throw new Error(`a message of the type ${type} is of no use`);
}

/** By vector a digest: of slices and tokens as this client makes them, and of what was played. */
export function values() {
  const digests = (folder, value) =>
    Object.fromEntries(below(folder).map((name) => [name, digest(value(read(`${folder}/${name}`)))]));
  const { pairs } = read("tokens.json");
  return {
    reducers: digests("reducers", reduced),
    tokens: digest(pairs.map(({ id }) => ({ id, token: encode(id) }))),
    optimistic: digests("optimistic", (rows) => rows),
    traces: digests("traces", (lines) => lines),
  };
}
