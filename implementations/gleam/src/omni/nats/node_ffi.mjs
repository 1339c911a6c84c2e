// Connections of Node.js over TCP.

import { connect } from "@nats-io/transport-node";

export function tcp() {
  return connect;
}
