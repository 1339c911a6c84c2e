/** The chat on a terminal: `node build/examples/chat.js nats://127.0.0.1:4222 ann`, and what you type is sent. */

import { createInterface } from "node:readline";
import { connect } from "@nats-io/transport-node";
import { connectionOptions, Session } from "../src/index.js";

const [url = "nats://127.0.0.1:4222", user_id = "ann"] = process.argv.slice(2);

const nc = await connect(connectionOptions(url));
const session = new Session(nc, {
  user_id,
  token: process.env.TOKEN ?? null,
  kinds: ["chat"],
  features: ["events", "digests"],
  mode: "optimistic",
  onChange: ({ phase, view, pending }) => show(phase, view.chat?.messages[0]?.content, pending.length),
  onFailed: (failed) => console.error("was not done:", failed),
});

let shown: string | undefined;

function show(phase: string, newest: string | undefined, underWay: number): void {
  const line = `[${phase}] ${newest ?? ""}${underWay > 0 ? ` (${underWay} under way)` : ""}`;
  if (line === shown) return;
  shown = line;
  console.log(line);
}

for await (const content of createInterface({ input: process.stdin })) {
  const dispatched = await session.dispatch({ type: "chat.send", data: { content } });
  if ("refused" in dispatched) console.error("not taken:", dispatched.refused);
}
await session.stop();
await nc.close();
