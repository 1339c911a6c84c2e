// The core of the client in Gleam, as the player of traces needs one: on a clock that is moved for it.

import { BitArray$BitArray, toList } from "../build/dev/javascript/prelude.mjs";
import * as json from "../build/dev/javascript/gleam_json/gleam/json.mjs";
import { None, Some } from "../build/dev/javascript/gleam_stdlib/gleam/option.mjs";
import { run } from "../build/dev/javascript/gleam_stdlib/gleam/dynamic/decode.mjs";
import * as action from "../build/dev/javascript/omnisession/omni/action.mjs";
import * as models from "../build/dev/javascript/omnisession/omni/client/model.mjs";
import { view } from "../build/dev/javascript/omnisession/omni/hybrid.mjs";
import * as kind from "../build/dev/javascript/omnisession/omni/kind.mjs";
import { phase, Ended, update } from "../build/dev/javascript/omnisession/omni/session.mjs";
import { reason_name } from "../build/dev/javascript/omnisession/omni/testee/report.mjs";
import { slices_to_json } from "../build/dev/javascript/omnisession/omni/types.mjs";
import { decoder } from "../build/dev/javascript/omnisession/omni/value.mjs";

/** What is added to the clock for times since the Unix epoch. */
const START_MS = 1_730_000_000_000;
const MODES = { pure: models.Pure, hybrid: models.Hybrid, optimistic: models.Optimistic };

export class Core {
  nowMs = 0;
  sent = [];
  #random;
  #ids = 0;
  #turns = 0;
  #timers = new Map();
  #failed = [];
  #refused = null;
  #model;

  constructor({ mode, user_id, kinds, features, timers }, random) {
    this.#random = random;
    const config = new models.Config(
      user_id,
      new None(),
      toList(kinds.map((name) => kind.from_string(name)[0])),
      toList(features),
      new MODES[mode](),
      new models.Timers(timers.retry_base_ms, timers.retry_max_ms, timers.outcome_ms, timers.answer_ms),
      "vectors",
      "1.0.0",
    );
    this.#model = models.start(config);
  }

  connected(maxPayload) {
    this.#take(new models.Connected(maxPayload));
  }

  lost() {
    this.#take(new models.Disconnected());
  }

  heard(subject, bytes) {
    this.#take(new models.NatsMessage(subject, BitArray$BitArray(bytes)));
  }

  answered(request, bytes) {
    const payload = bytes === null ? new None() : new Some(BitArray$BitArray(bytes));
    this.#take(new models.Answered(request, payload));
  }

  /** The id of the action, and why it is refused, if it is. */
  dispatched(type, data, expect) {
    const id = this.#newId();
    const revision = expect === undefined ? new None() : new Some(expect.revision);
    this.#refused = null;
    this.#take(new models.UserAction(new action.UserAction(id, type, run(data, decoder())[0], revision)));
    return [id, this.#refused];
  }

  dueMs() {
    return this.#next()?.due ?? null;
  }

  ring() {
    const { timer } = this.#next();
    this.#timers.delete(timer.constructor.name);
    this.#take(new models.Elapsed(timer));
  }

  report() {
    const { position, slices, pending, config } = this.#model;
    const at = position instanceof Some ? position[0] : null;
    const isPure = config.mode instanceof models.Pure;
    return {
      position: at && { epoch: at.epoch, seq: at.seq },
      slices: plain(slices_to_json(slices)),
      view: config.mode instanceof models.Optimistic ? plain(slices_to_json(view(this.#model))) : null,
      pending: isPure ? null : pending.toArray().map((one) => one.action.action_id),
      failed: this.#failed,
      closed: phase(this.#model) instanceof Ended,
    };
  }

  #newId() {
    this.#ids += 1;
    return `id-${String(this.#ids).padStart(20, "0")}`;
  }

  #next() {
    const timers = [...this.#timers.values()];
    return timers.sort((left, right) => left.due - right.due || left.turn - right.turn)[0];
  }

  #take(msg) {
    const moment = new models.Moment(this.nowMs, START_MS + this.nowMs);
    const [model, effects] = update(this.#model, new models.Env(moment, this.#random, this.#newId()), msg);
    this.#model = model;
    for (const effect of effects.toArray()) this.#perform(effect);
  }

  #perform(effect) {
    if (effect instanceof models.PublishToNats) {
      this.sent.push({ text: effect.body, request: effect.request });
    } else if (effect instanceof models.SetTimer) {
      this.#turns += 1;
      const { timer, ms } = effect;
      this.#timers.set(timer.constructor.name, { timer, due: this.nowMs + ms, turn: this.#turns });
    } else if (effect instanceof models.CancelTimer) {
      this.#timers.delete(effect.timer.constructor.name);
    } else if (effect instanceof models.Refused) {
      this.#refused = reason_name(effect.reason);
    } else if (effect instanceof models.Failed) {
      this.#failed.push(told(effect.failure));
    }
  }
}

function told(failure) {
  if (failure instanceof models.Nacked) return [failure.action_id, failure.code];
  if (failure instanceof models.GivenUp) return [failure.action_id, "given_up"];
  return [failure.action_id, reason_name(failure.reason)];
}

function plain(value) {
  return JSON.parse(json.to_string(value));
}
