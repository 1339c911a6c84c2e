/**
 * The chat on a terminal, and what you type is sent: `node build/examples/chat.js nats://127.0.0.1:4222 ann`, or
 * with what `omnisession credentials` has written: `node build/examples/chat.js data/credentials/ann.json`.
 */

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { credsAuthenticator } from "@nats-io/nats-core";
import { connect, type NodeConnectionOptions } from "@nats-io/transport-node";
import { connectionOptions, Session } from "../src/index.js";

/** What of the file is used here. */
interface Made {
  readonly url: string;
  readonly ca: string;
  readonly credentials: string;
  readonly inbox_prefix: string;
  readonly user_id: string;
  readonly token: string;
}

/** What a connection with these credentials has besides. */
function secured({ ca, credentials, inbox_prefix }: Made): NodeConnectionOptions {
  return {
    // Read anew for each connection: its token ends.
    authenticator: credsAuthenticator(() => readFileSync(credentials)),
    tls: { caFile: ca },
    inboxPrefix: inbox_prefix,
  };
}

const [from = "nats://127.0.0.1:4222", user = "ann"] = process.argv.slice(2);
const made: Made | null = from.endsWith(".json") ? JSON.parse(readFileSync(from, "utf8")) : null;
const url = made?.url ?? from;
const user_id = made?.user_id ?? user;
const token = made?.token ?? process.env.TOKEN ?? null;

const options = connectionOptions(url);
if (made !== null) Object.assign(options, secured(made));
const nc = await connect(options);
let shown: string | undefined;
const session = new Session(nc, {
  user_id,
  token, // null where the server asks for none
  ...(made === null ? {} : { inboxPrefix: made.inbox_prefix }),
  kinds: ["chat"],
  features: ["events", "digests"],
  mode: "optimistic",
  onChange: ({ phase, view, pending }) => show(phase, view.chat?.messages[0]?.content, pending.length),
  onFailed: (failed) => console.error("was not done:", failed),
  onExpiring: (_expires_at, session) => void renew(session),
});

async function renew(session: Session): Promise<void> {
  const renewed = await session.renew(await login());
  if ("refused" in renewed) console.error("the session ends soon: log in anew", renewed.refused);
}

/** A fresh token: here it is the one that stands in the file by now. */
async function login(): Promise<string> {
  return made === null ? (token ?? "") : JSON.parse(readFileSync(from, "utf8")).token;
}

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
