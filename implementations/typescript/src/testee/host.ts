/** The sessions that the kit has started, and what it asks of them (docs/reference/testee.md). */

import type { NatsConnection } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import {
  type Action,
  connectionOptions,
  type Failed,
  type Feature,
  type Kind,
  type Mode,
  Session,
  type Timers,
} from "../index.js";
import { PROGRAM } from "../version.js";
import type { Declared } from "./arguments.js";

const CONTRACT = 1;
const CONNECTS_WITHIN_MS = 5_000;

export interface Start {
  readonly session: string;
  readonly url: string;
  readonly user_id: string;
  readonly token: string | null;
  readonly kinds: readonly Kind[];
  readonly features: readonly Feature[];
  readonly timers?: Partial<Timers> & { readonly reconnect_ms?: number };
}

/** What of actions a client in a mode claims to keep. */
const PROFILES: { readonly [M in Mode]: readonly string[] } = {
  pure: ["actions"],
  hybrid: ["actions", "hybrid"],
  optimistic: ["actions", "hybrid", "optimistic"],
};

/** What hello answers. */
export function hello({ kinds, features, mode, isReadOnly }: Declared, contract: number): object {
  return {
    contract: Math.min(CONTRACT, contract),
    client: PROGRAM,
    profiles: ["states", "core", ...features, ...kinds, ...(isReadOnly ? [] : PROFILES[mode])],
    sessions: 100,
    timers: true,
    handled: true,
    transport: "tcp",
  };
}

/** One session of the contract, on a connection of its own. */
export class Hosted {
  readonly #start: Start;
  readonly #mode: Mode;
  readonly #failed: Failed[] = [];
  readonly #session: Session;
  #nc: NatsConnection | null = null;
  #isStopped = false;

  constructor(start: Start, mode: Mode) {
    this.#start = start;
    this.#mode = mode;
    this.#session = new Session(this.#connected(), this.#options());
  }

  dispatch(action: Action): Promise<object> {
    return this.#session.dispatch(action);
  }

  report(): object {
    const { id, phase, position, handled, slices, view, pending } = this.#session;
    return {
      session_id: id,
      phase,
      position,
      handled,
      slices,
      view: this.#mode === "optimistic" ? view : null,
      pending: this.#mode === "pure" ? null : pending,
      refused: this.#failed.map(told),
    };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#session.stop();
    await this.#nc?.close();
  }

  /** Connect for as long as it takes; later the connection comes back by itself. */
  async #connected(): Promise<NatsConnection> {
    const { url, timers } = this.#start;
    const options = { ...connectionOptions(url, timers?.reconnect_ms), timeout: CONNECTS_WITHIN_MS };
    while (!this.#isStopped) {
      try {
        const nc = await connect(options);
        if (this.#isStopped) await nc.close();
        this.#nc = nc;
        return nc;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, options.reconnectTimeWait));
      }
    }
    return new Promise(() => undefined);
  }

  #options() {
    const { user_id, token, kinds, features, timers } = this.#start;
    const { reconnect_ms: _, ...own } = timers ?? {};
    return {
      user_id,
      token,
      kinds,
      features,
      mode: this.#mode,
      timers: own,
      onFailed: (failed: Failed) => this.#failed.push(failed),
    };
  }
}

function told(failed: Failed): object {
  return "code" in failed ? { action_id: failed.action_id, code: failed.code } : failed;
}
