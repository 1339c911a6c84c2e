/** What a connection has to be like for sessions. */

import type { ConnectionOptions } from "@nats-io/nats-core";

/**
 * Options for `connect` of `@nats-io/transport-node`, or for `wsconnect`: it comes back for ever, to the servers
 * that it was given, and does not hear itself (otherwise a missing server is not told at once).
 */
export function connectionOptions(servers: string | string[], reconnect_ms = 2_000): ConnectionOptions {
  return {
    servers,
    noEcho: true,
    reconnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnect_ms,
    reconnectJitter: Math.ceil(reconnect_ms / 4),
    ignoreClusterUpdates: true,
  };
}
