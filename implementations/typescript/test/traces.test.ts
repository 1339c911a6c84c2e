/** The core plays the traces of `schemas/vectors/traces`, whose bodies are held to the schemas here as well. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { type JsonObject, MODES } from "../src/core/index.js";
import { type Header, type Line, Player } from "./player.js";

const SCHEMAS = fileURLToPath(new URL("../../../../schemas/", import.meta.url));
const TRACES = `${SCHEMAS}vectors/traces/`;

const ajv = new Ajv2020({ strict: false, validateFormats: false });
for (const name of readdirSync(`${SCHEMAS}v1`).filter((one) => one.endsWith(".schema.json"))) {
  ajv.addSchema(JSON.parse(readFileSync(`${SCHEMAS}v1/${name}`, "utf8")));
}

function isValid(family: string, body: unknown): boolean {
  return ajv.validate(`https://omnisession.dev/schemas/v1/${family}.schema.json`, body) === true;
}

const FAMILIES: { readonly [on: string]: string } = { state: "state", events: "event", control: "control" };

function read(name: string): [Header, Line[]] {
  const [header, ...lines] = readFileSync(TRACES + name, "utf8")
    .trim()
    .split("\n");
  return [JSON.parse(header as string), lines.map((line) => JSON.parse(line))];
}

function* bodiesOf(line: Line): Generator<[string, JsonObject, boolean]> {
  const isRight = line.wrong === undefined && line.later === undefined;
  if (line.body != null) yield [FAMILIES[line.on ?? "control"] as string, line.body, isRight];
  for (const branch of [line.resume, line.sync, line.none]) {
    if (branch === undefined) continue;
    if (branch.body != null) yield ["control", branch.body, branch.wrong === undefined];
    for (const { on, body } of branch.messages ?? []) {
      yield [FAMILIES[on] as string, body as JsonObject, true];
    }
  }
}

const NAMES = readdirSync(TRACES).sort();

test("there are traces", () => {
  assert.ok(NAMES.length > 40);
});

for (const name of NAMES) {
  const [header, lines] = read(name);
  test(`the bodies of ${header.name} are valid, but those that are said not to be`, () => {
    for (const line of lines) {
      for (const [family, body, isRight] of bodiesOf(line)) {
        assert.equal(isValid(family, body), isRight, `${family}: ${JSON.stringify(body)}`);
      }
    }
  });
  for (const mode of MODES.slice(MODES.indexOf(header.mode))) {
    for (const random of [0, 1]) {
      test(`trace ${header.name}, ${mode}, random numbers are ${random}`, () => {
        const player = new Player(header, mode, random);
        lines.forEach((line, index) => {
          try {
            player.play(line);
          } catch (error) {
            throw new Error(`line ${index + 2}`, { cause: error });
          }
        });
      });
    }
  }
}
