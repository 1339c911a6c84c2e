/** What stands in a page where the testee takes connections over TCP: a page has WebSocket alone. */

export { wsconnect as connect } from "@nats-io/nats-core";
