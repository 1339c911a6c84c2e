/** A connection over WebSocket whose line can be cut by hand: what is cut dials again, and gets nowhere. */

import { type NatsConnection, type WsConnectionOptions, wsconnect } from "@nats-io/nats-core";
import { connectionOptions } from "../src/index.js";

/** Sooner than a server that serves many would like it: here there are two. */
const RECONNECT_MS = 500;

export class Line {
  readonly connection: Promise<NatsConnection>;
  #socket: WebSocket | null = null;
  #isCut: boolean;

  constructor(broker: string, isCut: boolean) {
    this.#isCut = isCut;
    const options: WsConnectionOptions = {
      ...connectionOptions(broker, RECONNECT_MS),
      waitOnFirstConnect: true,
      wsFactory: async (url) => ({ socket: this.#dial(url), encrypted: url.startsWith("wss:") }),
    };
    this.connection = wsconnect(options);
  }

  /** Cut the line, or join it again. */
  set isCut(isCut: boolean) {
    this.#isCut = isCut;
    if (isCut) this.#socket?.close();
  }

  /** Where nothing gets through, a socket that closes: of a dial that throws the library awaits the end for ever. */
  #dial(url: string): WebSocket {
    const socket = new WebSocket(url);
    if (this.#isCut) socket.close();
    else this.#socket = socket;
    return socket;
  }
}
