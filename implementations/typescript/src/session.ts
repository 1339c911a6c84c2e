/** The shell: a session over a connection of `@nats-io/nats-core`, be it of Node or of a browser. */

import type { NatsConnection, Msg as NatsMsg, Subscription } from "@nats-io/nats-core";
import {
  type Action,
  type Config,
  type Effect,
  type Failed,
  type Feature,
  type Kind,
  type Mode,
  type Model,
  type Msg,
  type PendingAction,
  type Phase,
  type Position,
  pendingOf,
  phaseOf,
  type Reason,
  type Renewed,
  type Slices,
  slicesOf,
  start,
  TIMERS,
  type TimerName,
  type Timers,
  update,
  viewOf,
} from "./core/index.js";
import { moment, pause, randomId } from "./moment.js";
import { PROGRAM } from "./version.js";

const NO_RESPONDERS = 503;
/** How long the last words of a session may take to reach the broker. */
const LAST_WORDS_MS = 1_000;

/** The longest time that a timer takes; the core sets it again where that was too short. */
const LONGEST_MS = 2 ** 31 - 1;

export interface SessionOptions {
  readonly user_id: string;
  readonly token?: string | null;
  readonly kinds: readonly Kind[];
  readonly features?: readonly Feature[];
  /** What becomes of the user's actions; `optimistic` where it is absent. */
  readonly mode?: Mode;
  readonly timers?: Partial<Timers>;
  readonly client?: { readonly name: string; readonly version: string };
  /** The prefix of inboxes, where the connection has one of its own. */
  readonly inboxPrefix?: string;
  /** Called after whatever may have changed what the session shows. */
  readonly onChange?: (session: Session) => void;
  /** Called with what a callback of yours threw; written to the console where it is absent. */
  readonly onError?: (error: unknown) => void;
  /**
   * Called once before the session ends with its token, at that time in ms since the Unix epoch: log in, and `renew`.
   */
  readonly onExpiring?: (expires_at: number, session: Session) => void;
  /** Called with an action that was taken, and failed: tell the user. Refusals are answers to `dispatch`. */
  readonly onFailed?: (failed: Failed, session: Session) => void;
}

export type Dispatched = { readonly action_id: string } | { readonly refused: Reason };

interface Count {
  handled: number;
}

interface Letter {
  readonly msg: Msg;
  readonly count: Count | null;
}

/**
 * One user's session, from the connection's first moment until `stop`. It opens, recovers and reconnects by
 * itself; the connection has to reconnect for ever (`maxReconnectAttempts: -1`) and to have echo off.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #inbox: string;
  readonly #timers = new Map<TimerName, ReturnType<typeof setTimeout>>();
  readonly #mailbox: Letter[] = [];
  readonly #dispatches = new Map<number, (dispatched: Dispatched) => void>();
  /** Null before there is a connection. */
  #nc: NatsConnection | null = null;
  #answers: Subscription | null = null;
  #messages: Subscription | null = null;
  /** Of the present subscription: each has a count of its own. */
  #count: Count = { handled: 0 };
  #model: Model;
  /** What was shown last, and of what it was made: values stay the same until something changes. */
  #view: { readonly of: Model; readonly shown: Slices; readonly pending: readonly PendingAction[] };
  #renewals: ((renewed: Renewed) => void)[] = [];
  #tags = 0;
  #isBusy = false;

  /** The connection, or the promise of one: actions are taken before it is there. */
  constructor(nc: NatsConnection | Promise<NatsConnection>, options: SessionOptions) {
    const config = configOf(options);
    this.#options = options;
    this.#model = start(config, slicesOf(config.kinds, {}));
    this.#view = { of: this.#model, shown: this.#model.slices, pending: [] };
    this.#inbox = `${options.inboxPrefix ?? "_INBOX"}.${randomId()}`;
    if (nc instanceof Promise) nc.then((made) => this.#begin(made), options.onError ?? console.error);
    else this.#begin(nc);
  }

  #begin(nc: NatsConnection): void {
    if (this.phase === "closed") return;
    this.#nc = nc;
    this.#answers = nc.subscribe(`${this.#inbox}.*`, {
      callback: (error, msg) => this.#answered(error, msg),
    });
    void this.#watch(nc);
    this.#post({ is: "connected", max_payload: maxPayload(nc) });
  }

  get id(): string | null {
    return this.#model.session_id;
  }

  get phase(): Phase {
    return phaseOf(this.#model);
  }

  /** With which code the session was closed for good, be it a refusal of its open; null where it was not. */
  get closedBy(): number | null {
    const { work } = this.#model;
    return work.at === "closed" ? work.code : null;
  }

  get position(): Position | null {
    return this.#model.position;
  }

  /** When the session ends with its token, in ms since the Unix epoch; null where it does not, or is not open yet. */
  get expiresAt(): number | null {
    return this.#model.opened?.expires_at ?? null;
  }

  /** By kind what the server says. Values are never changed, only replaced. */
  get slices(): Slices {
    return this.#model.slices;
  }

  /** By kind what to show: in `optimistic` the slices with what is pending on top, else the slices. */
  get view(): Slices {
    return this.#look().shown;
  }

  /** Actions that are not known to be done, in the order of dispatch. */
  get pending(): readonly PendingAction[] {
    return this.#look().pending;
  }

  /** Types of actions that the server takes; none before the session is open. */
  get actions(): readonly string[] {
    return this.#model.opened?.actions ?? [];
  }

  /** Messages of the present session's subscription that were handled, their effects included. */
  get handled(): number {
    return this.#count.handled;
  }

  /** Do something: the action has its place, or is refused here and neither numbered nor sent. */
  dispatch(action: Action): Promise<Dispatched> {
    this.#tags += 1;
    const tag = this.#tags;
    return new Promise((resolve) => {
      this.#dispatches.set(tag, resolve);
      this.#post({ is: "dispatched", action, tag });
    });
  }

  /**
   * Go on by another token, in this session and those that follow. Tells the new end; or the code of a refusal, as
   * where the token has other permissions (4030): then the session lives until the end that it had.
   */
  renew(token: string): Promise<Renewed> {
    return new Promise((resolve) => {
      this.#renewals.push(resolve);
      this.#post({ is: "renewed", token });
    });
  }

  /** Leave; done when what was said is with the broker. The connection stays open. */
  async stop(): Promise<void> {
    const isLinked = this.#model.link !== null;
    this.#post({ is: "stopped" });
    const nc = this.#nc;
    if (nc === null || nc.isClosed()) return;
    if (isLinked) await Promise.race([nc.flush().catch(() => undefined), pause(LAST_WORDS_MS)]);
    this.#messages?.unsubscribe();
    this.#answers?.unsubscribe();
  }

  async #watch(nc: NatsConnection): Promise<void> {
    for await (const { type } of nc.status()) {
      if (type === "disconnect" || type === "close") this.#post({ is: "disconnected" });
      if (type === "reconnect") this.#post({ is: "connected", max_payload: maxPayload(nc) });
    }
  }

  #look() {
    const { of } = this.#view;
    const { slices, pending, limits } = this.#model;
    const isSame = of.slices === slices && of.pending === pending && of.limits === limits;
    if (!isSame)
      this.#view = { of: this.#model, shown: viewOf(this.#model), pending: pendingOf(this.#model) };
    return this.#view;
  }

  #subscribe(subject: string): void {
    this.#messages?.unsubscribe();
    const count: Count = { handled: 0 };
    this.#count = count;
    const callback = (error: Error | null, msg: NatsMsg) => {
      if (error === null) this.#post({ is: "received", subject: msg.subject, data: msg.data }, count);
    };
    this.#messages = this.#nc?.subscribe(subject, { callback }) ?? null;
  }

  #answered(error: Error | null, msg: NatsMsg): void {
    if (error !== null) return;
    const reply = Number(msg.subject.slice(this.#inbox.length + 1));
    const isNobody = msg.data.length === 0 && msg.headers?.code === NO_RESPONDERS;
    this.#post({ is: "answered", reply, data: isNobody ? null : msg.data });
  }

  /** One message after the other: what an effect causes waits until all effects of its message are done. */
  #post(msg: Msg, count: Count | null = null): void {
    this.#mailbox.push({ msg, count });
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let next = this.#mailbox.shift(); next !== undefined; next = this.#mailbox.shift())
      this.#handle(next);
    this.#isBusy = false;
  }

  #handle({ msg, count }: Letter): void {
    const before = this.#model;
    try {
      const [model, effects] = update(before, moment(), msg);
      this.#model = model;
      for (const effect of effects) this.#perform(effect);
      if (model !== before) this.#options.onChange?.(this);
    } catch (error) {
      // It must not end the connection's reading.
      (this.#options.onError ?? console.error)(error);
    }
    // Only now are its effects with the library.
    if (count !== null) count.handled += 1;
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case "subscribe":
        this.#subscribe(effect.subject);
        break;
      case "publish":
        this.#publish(effect.subject, effect.body, effect.reply);
        break;
      case "timer":
        this.#setTimer(effect.name, effect.ms);
        break;
      case "cancel":
        clearTimeout(this.#timers.get(effect.name));
        break;
      case "took":
        this.#settle(effect.tag, { action_id: effect.action_id });
        break;
      case "refused":
        this.#settle(effect.tag, { refused: effect.reason });
        break;
      case "failed":
        this.#options.onFailed?.(effect.failed, this);
        break;
      case "expiring":
        this.#options.onExpiring?.(effect.expires_at, this);
        break;
      case "renewed":
        for (const resolve of this.#renewals.splice(0)) resolve(effect.renewed);
        break;
    }
  }

  #publish(subject: string, body: Uint8Array, reply: number): void {
    // A connection that has ended for good takes nothing; the session is told of that by its status.
    if (this.#nc?.isClosed() === false) this.#nc.publish(subject, body, { reply: `${this.#inbox}.${reply}` });
  }

  #setTimer(timer: TimerName, ms: number): void {
    clearTimeout(this.#timers.get(timer));
    const elapsed = () => this.#post({ is: "elapsed", timer });
    this.#timers.set(timer, setTimeout(elapsed, Math.min(ms, LONGEST_MS)));
  }

  #settle(tag: number, dispatched: Dispatched): void {
    this.#dispatches.get(tag)?.(dispatched);
    this.#dispatches.delete(tag);
  }
}

function configOf(options: SessionOptions): Config {
  return {
    user_id: options.user_id,
    token: options.token ?? null,
    kinds: options.kinds,
    features: options.features ?? [],
    mode: options.mode ?? "optimistic",
    timers: { ...TIMERS, ...options.timers },
    client: options.client ?? PROGRAM,
  };
}

function maxPayload(nc: NatsConnection): number {
  return nc.info?.max_payload ?? Number.POSITIVE_INFINITY;
}
