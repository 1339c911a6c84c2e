/** The sessions that the kit has started, and what it asks of them (docs/reference/testee.md). */

import type { NatsConnection } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { slicesOf } from "../core/index.js";
import {
  type Action,
  connectionOptions,
  type Failed,
  type Feature,
  type Kind,
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

/** What hello answers. */
export function hello({ kinds, features, isReadOnly }: Declared, contract: number): object {
  return {
    contract: Math.min(CONTRACT, contract),
    client: PROGRAM,
    profiles: ["states", "core", ...features, ...kinds, ...(isReadOnly ? [] : ["actions"])],
    sessions: 100,
    timers: true,
    handled: true,
    transport: "tcp",
  };
}

/** One session of the contract, on a connection of its own. */
export class Hosted {
  readonly #start: Start;
  readonly #failed: Failed[] = [];
  #nc: NatsConnection | null = null;
  #session: Session | null = null;
  #isStopped = false;

  constructor(start: Start) {
    this.#start = start;
    void this.#run();
  }

  async dispatch(action: Action): Promise<object> {
    return this.#session === null ? { refused: "not_live" } : this.#session.dispatch(action);
  }

  report(): object {
    const session = this.#session;
    return {
      session_id: session?.id ?? null,
      phase: session?.phase ?? "offline",
      position: session?.position ?? null,
      handled: session?.handled ?? 0,
      slices: session?.slices ?? slicesOf(this.#start.kinds, {}),
      view: null,
      pending: null,
      refused: this.#failed.map(told),
    };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#session?.stop();
    await this.#nc?.close();
  }

  /** Connect for as long as it takes; later the connection comes back by itself. */
  async #run(): Promise<void> {
    const { url, timers } = this.#start;
    const options = { ...connectionOptions(url, timers?.reconnect_ms), timeout: CONNECTS_WITHIN_MS };
    while (!this.#isStopped) {
      try {
        this.#nc = await connect(options);
        break;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, options.reconnectTimeWait));
      }
    }
    if (this.#isStopped) await this.#nc?.close();
    else if (this.#nc !== null) this.#session = new Session(this.#nc, this.#options());
  }

  #options() {
    const { user_id, token, kinds, features, timers } = this.#start;
    const { reconnect_ms: _, ...own } = timers ?? {};
    return {
      user_id,
      token,
      kinds,
      features,
      timers: own,
      onFailed: (failed: Failed) => this.#failed.push(failed),
    };
  }
}

function told(failed: Failed): object {
  return "code" in failed ? { action_id: failed.action_id, code: failed.code } : failed;
}
