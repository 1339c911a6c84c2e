import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const TESTEE = fileURLToPath(new URL("../src/testee.js", import.meta.url));

/** Run the testee with some lines on its standard input; its answers in order of their ids, and its exit code. */
async function run(lines: readonly string[], ...words: string[]) {
  const child = spawn(process.execPath, [TESTEE, ...words], { stdio: ["pipe", "pipe", "pipe"] });
  let written = "";
  let told = "";
  const ended = once(child, "exit");
  child.stderr.on("data", (bytes: Buffer) => {
    told += bytes;
  });
  const answered = new Promise<void>((resolve) => {
    child.stdout.on("data", (bytes: Buffer) => {
      written += bytes;
      if (written.split("\n").length > lines.length) resolve();
    });
    child.stdout.on("end", resolve);
  });
  for (const line of lines) child.stdin.write(`${line}\n`);
  await answered;
  child.stdin.end();
  const [code] = await ended;
  const answers = written.trim().split("\n").filter(Boolean);
  return { code, told, answers: answers.map((line) => JSON.parse(line)) };
}

test("hello declares all, or what the words leave of it", async () => {
  const hello = '{"id": 1, "do": "hello", "contract": 3}';
  const whole = await run([hello]);
  assert.equal(whole.code, 0);
  assert.equal(whole.answers[0].ok.contract, 1);
  assert.deepEqual(whole.answers[0].ok.profiles, [
    ...[
      "states",
      "core",
      "events",
      "digests",
      "articles",
      "chat",
      "url",
      "user",
      "actions",
      "hybrid",
      "optimistic",
    ],
  ]);
  const part = await run([hello], "--kinds", "chat", "--features", "", "--read-only");
  assert.deepEqual(part.answers[0].ok.profiles, ["states", "core", "chat"]);
  const pure = await run([hello], "--kinds", "url", "--features", "", "--mode", "pure");
  assert.deepEqual(pure.answers[0].ok.profiles, ["states", "core", "url", "actions"]);
  const hybrid = await run([hello], "--kinds", "url", "--features", "", "--mode", "hybrid");
  assert.deepEqual(hybrid.answers[0].ok.profiles, ["states", "core", "url", "actions", "hybrid"]);
  const neither = await run([], "--mode", "pure,hybrid");
  assert.equal(neither.code, 2);
  const wrong = await run([], "--kinds", "polls");
  assert.equal(wrong.code, 2);
  assert.match(wrong.told, /polls is none of articles, chat, url, user/);
});

test("a line that is no request, or asks what is not there, gets an error", async () => {
  const { answers } = await run([
    "nonsense",
    "[]",
    '{"id": 3, "do": "dance"}',
    '{"id": 4, "do": "report", "session": "c1"}',
    '{"id": 5, "do": "start", "session": "c1"}',
    '{"id": 6, "do": "hello"}',
  ]);
  assert.equal(answers.length, 6);
  for (const answer of answers) assert.equal(typeof answer.error, "string");
  assert.deepEqual(
    answers.map(({ id }) => id),
    [null, null, 3, 4, 5, 6],
  );
});

const START = {
  do: "start",
  session: "c1",
  url: "nats://127.0.0.1:9",
  user_id: "ann",
  token: null,
  kinds: ["user"],
  features: [],
};
const EMPTY = { type: "user", user: null, permissions: [], sessions: [] };

test("a session without a broker is offline, empty and can be stopped", async () => {
  const lines = [
    JSON.stringify({ id: 1, ...START }),
    JSON.stringify({ id: 2, ...START }),
    '{"id": 3, "do": "report", "session": "c1"}',
    '{"id": 4, "do": "report", "session": "c1", "want": ["phase", "handled"]}',
    '{"id": 5, "do": "dispatch", "session": "c1", "type": "session.noop", "data": {}}',
    '{"id": 6, "do": "stop", "session": "c1"}',
  ];
  const { answers } = await run(lines, "--mode", "pure");
  const by = new Map(answers.map((answer) => [answer.id, answer]));
  assert.deepEqual(by.get(1).ok, {});
  assert.match(by.get(2).error, /c1 is running/);
  assert.deepEqual(by.get(3).ok.slices.user, EMPTY);
  assert.equal(by.get(3).ok.view, null);
  assert.equal(by.get(3).ok.pending, null);
  assert.deepEqual(by.get(4).ok, { phase: "offline", handled: 0 });
  assert.deepEqual(by.get(5).ok, { refused: "not_live" });
  assert.deepEqual(by.get(6).ok, {});
});

test("without a broker actions are taken, and reported in the modes that keep them", async () => {
  for (const mode of ["hybrid", "optimistic"]) {
    const lines = [
      JSON.stringify({ id: 1, ...START }),
      '{"id": 2, "do": "dispatch", "session": "c1", "type": "user.update", "data": {"changes": {}}}',
      '{"id": 3, "do": "report", "session": "c1"}',
      '{"id": 4, "do": "stop", "session": "c1"}',
    ];
    const { answers } = await run(lines, "--mode", mode);
    const by = new Map(answers.map((answer) => [answer.id, answer]));
    const { action_id } = by.get(2).ok;
    const { pending, view } = by.get(3).ok;
    assert.deepEqual(pending, [{ action_id, client_seq: null, type: "user.update", data: { changes: {} } }]);
    assert.deepEqual(view, mode === "optimistic" ? { user: EMPTY } : null);
  }
});
