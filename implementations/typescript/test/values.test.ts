import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { VALIDATORS } from "../src/core/generated/validators.js";
import { canonical, compareText, digest, type Json, type JsonObject, tok, untok } from "../src/core/index.js";
import { codePoints, decode, isWritable } from "../src/core/json.js";
import { vector, vectors } from "./vectors.js";

interface Tokens {
  pairs: { id: string; token: string }[];
  refused: { token: string }[];
}
type Raw = { name: string; base64: string }[];
type Bodies = { name: string; body: JsonObject }[];

test("ids are written as tokens and read again", () => {
  const { pairs, refused } = vector<Tokens>("tokens.json");
  assert.ok(pairs.length > 0 && refused.length > 0);
  for (const { id, token } of pairs) {
    assert.equal(tok(id), token);
    assert.equal(untok(token), id);
  }
  for (const { token } of refused) assert.equal(untok(token), null, token);
});

test("the digest of an empty slice is the one of the page", () => {
  const empty = { type: "articles", articles: [], current_article: null, revisions: [], editors: [] };
  assert.equal(digest(empty), "15b02c102a4f6689fc09a256ca65e70dae342fe8e8e9507dec8aa549928bee12");
});

test("digests are those of another SHA-256, whatever the text", () => {
  for (const [name, bodies] of vectors<Bodies>("valid", "state")) {
    for (const { body } of bodies) {
      const other = createHash("sha256")
        .update(canonical(body.data as Json))
        .digest("hex");
      assert.equal(digest(body.data as JsonObject), other, name);
    }
  }
});

test("members are sorted, and numbers and texts have one form", () => {
  const value = JSON.parse(
    '{"b": [1.0, 1e3, "\\u00e9\\n"], "\\ud83d\\ude00": null, "a": {"d": true, "c": -0.5}}',
  );
  assert.equal(canonical(value), '{"a":{"c":-0.5,"d":true},"b":[1,1000,"é\\n"],"😀":null}');
});

test("texts are compared by code points, which units of UTF-16 are not", () => {
  assert.ok(compareText("\uff5e", "😀") < 0);
  assert.ok("\uff5e" > "😀");
  assert.ok(compareText("a", "ab") < 0);
  assert.ok(compareText("Z", "a") < 0);
  assert.ok(compareText("😀", "😁") < 0);
  assert.equal(compareText("é", "é"), 0);
  assert.equal(codePoints("a😀"), 2);
});

test("bytes are one JSON object in UTF-8 or nothing", () => {
  for (const { name, base64 } of vector<Raw>("valid", "raw.json")) {
    assert.ok(decode(Buffer.from(base64, "base64")), name);
  }
  for (const bytes of ["[]", "1", "", "{", "\ufeff{}", "null", "{}{}", '{"a":\x01}']) {
    assert.equal(decode(Buffer.from(bytes)), null, bytes);
  }
  assert.equal(decode(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)), null);
});

test("what cannot be written for every reader is found, however deep", () => {
  assert.ok(isWritable({ a: [0, -1, 0.5, "😀", null, true] }));
  for (const bad of ["\ud800", [{ a: 2 ** 53 }], { "\udc00": 1 }]) assert.ok(!isWritable(bad));
});

test("actions, events and states are judged as the vectors say", () => {
  const counts = { valid: 0, invalid: 0 };
  for (const [family, judged] of [
    ["action", (body: JsonObject) => [body.type, body] as const],
    ["event", (body: JsonObject) => [body.type, body.data] as const],
    ["state", (body: JsonObject) => [(body.data as JsonObject).type, body.data] as const],
  ] as const) {
    for (const [name, bodies] of vectors<Bodies>("valid", family)) {
      for (const { name: shows, body } of bodies) {
        const [type, value] = judged(body);
        const validate = VALIDATORS[`${family} ${type}`] ?? VALIDATORS["action unknown"];
        if (family === "event" && VALIDATORS[`event ${type}`] === undefined) continue;
        assert.equal(validate?.(value), true, `${name}: ${shows}`);
        counts.valid += 1;
      }
    }
  }
  type Invalid = { name: string; pointer: string; body: JsonObject }[];
  for (const [name, bodies] of vectors<Invalid>("invalid", "action")) {
    for (const { name: shows, pointer, body } of bodies) {
      // What no schema of this file alone tells is left out: another type, and numbers as they are written.
      if (typeof body.type !== "string" || !pointer.startsWith("/data")) continue;
      const validate = VALIDATORS[`action ${body.type}`];
      if (validate === undefined) continue;
      assert.equal(validate(body), false, `${name}: ${shows}`);
      counts.invalid += 1;
    }
  }
  assert.ok(counts.valid > 100 && counts.invalid > 20, JSON.stringify(counts));
});
