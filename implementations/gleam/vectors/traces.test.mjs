// Every trace of schemas/vectors, played to the core of the client in Gleam (run `gleam build` first).

import assert from "node:assert/strict";
import { test } from "node:test";
import { Core } from "./core.mjs";
import { below, read } from "./files.mjs";
import { Player } from "./player.mjs";

const PROFILES = ["states", "core", "events", "articles", "chat", "url", "user", "actions", "hybrid", "optimistic"];
/** A client that shows its pending actions is a hybrid one as well. */
const MODES = { pure: ["pure"], hybrid: ["hybrid", "optimistic"], optimistic: ["optimistic"] };

const TRACES = below("traces").map((name) => read(`traces/${name}`));

/** The modes that a trace is played in: without actions of the user in any. */
function modesOf(header, lines) {
  return lines.some((line) => line.in === "dispatch") ? MODES[header.mode] : Object.keys(MODES);
}

test("there are traces", () => assert.ok(TRACES.length > 0));

for (const [header, ...lines] of TRACES) {
  const missing = header.profiles.filter((profile) => !PROFILES.includes(profile));
  for (const mode of modesOf(header, lines)) {
    for (const random of [0, 1]) {
      test(`${header.name}, ${mode}, random ${random}`, { skip: missing.length > 0 && `needs ${missing}` }, () => {
        const player = new Player(new Core({ ...header, mode }, random), header, random);
        lines.forEach((line, at) => {
          try {
            player.play(line);
          } catch (error) {
            error.message = `line ${at + 2}: ${error.message}`;
            throw error;
          }
        });
      });
    }
  }
}
