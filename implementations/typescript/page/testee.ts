/** The adapter for the conformance kit in a page: requests on a subject (docs/reference/testee.md). */

import { type NatsConnection, wsconnect } from "@nats-io/nats-core";
import type { Declared } from "../src/testee/arguments.js";
import { Contract } from "../src/testee/contract.js";

function asked(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value === null) throw new Error(`The address of this page has no ${name}.`);
  return value;
}

/** Say that requests are taken: now, and on each new connection, whose broker knows nothing of it. */
async function tell(nc: NatsConnection, ready: string): Promise<void> {
  nc.publish(ready, "{}");
  for await (const { type } of nc.status()) if (type === "reconnect") nc.publish(ready, "{}");
}

async function run(): Promise<void> {
  const query = new URLSearchParams(location.search);
  const subject = asked(query, "omni_subject");
  const contract = new Contract(JSON.parse(asked(query, "declared")) as Declared, "ws");
  // A connection of its own: the one of a session gets cut.
  const servers = asked(query, "omni_kit");
  const nc = await wsconnect({ servers, waitOnFirstConnect: true, maxReconnectAttempts: -1 });
  nc.subscribe(subject, {
    callback: (error, msg) => {
      if (error !== null) return console.error(error);
      contract
        .answer(msg.string())
        .then((answer) => msg.respond(JSON.stringify(answer)))
        .catch(console.error);
    },
  });
  await tell(nc, `${subject}.ready`);
}

run().catch(console.error);
