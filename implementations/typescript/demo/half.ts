/** One user's half of the page: a session over a line of its own, drawn anew whenever something has changed. */

import { type Action, type Failed, Session } from "../src/index.js";
import { keepingFocus } from "./focus.js";
import { Line } from "./line.js";
import { type Deed, EMPTY, type Msg, type Person, type Ui } from "./model.js";
import { patch } from "./patch.js";
import { update } from "./update.js";
import { pane } from "./view/pane.js";

/** More actions than can be pending: of older ones nothing is told any more. */
const KEPT_ACTIONS = 64;

/** What is asked of the command: where the broker is, and who its user is by a token of now. */
export interface Told {
  readonly broker: string;
  readonly person: Person;
}

export class Half {
  readonly #place: Element;
  readonly #told: () => Promise<Told>;
  #me: Person;
  #line: Line;
  #session: Session;
  #ui: Ui = EMPTY;
  /** What was dispatched, by its id: a refusal names that alone. */
  readonly #actions = new Map<string, Action>();
  #isDue = false;

  constructor(place: Element, told: Told, again: () => Promise<Told>) {
    this.#place = place;
    this.#told = again;
    this.#me = told.person;
    this.#line = new Line(told.broker, false);
    this.#session = this.#open();
    this.#draw();
  }

  #open(): Session {
    return new Session(this.#line.connection, {
      user_id: this.#me.id,
      token: this.#me.token,
      kinds: ["articles", "chat"],
      features: ["events", "digests"],
      mode: "optimistic",
      onChange: () => this.#drawSoon(),
      onFailed: (failed) => this.#failed(failed),
    });
  }

  #tell(msg: Msg): void {
    const [ui, deeds] = update(this.#ui, msg, this.#shown());
    this.#ui = ui;
    for (const deed of deeds) this.#do(deed);
    this.#drawSoon();
  }

  #do(deed: Deed): void {
    if (deed.do === "act") this.#act(deed.action);
    else if (deed.do === "line") this.#line.isCut = deed.isCut;
    else this.#again().catch(console.error);
  }

  #act(action: Action): void {
    this.#session.dispatch(action).then((dispatched) => {
      if ("refused" in dispatched) this.#tell({ is: "refused", action, reason: dispatched.refused });
      else this.#remember(dispatched.action_id, action);
    }, console.error);
  }

  #remember(action_id: string, action: Action): void {
    this.#actions.set(action_id, action);
    const [oldest] = this.#actions.keys();
    if (this.#actions.size > KEPT_ACTIONS && oldest !== undefined) this.#actions.delete(oldest);
  }

  #failed(failed: Failed): void {
    const action = this.#actions.get(failed.action_id);
    if (action !== undefined) this.#tell({ is: "failed", action, failed });
  }

  /** Another session for one that is closed for good, with a token of now. */
  async #again(): Promise<void> {
    const told = await this.#told();
    const connection = await this.#line.connection;
    await connection.close();
    this.#me = told.person;
    this.#line = new Line(told.broker, this.#ui.isCut);
    this.#session = this.#open();
    this.#draw();
  }

  #shown() {
    const { phase, closedBy, slices, view, pending } = this.#session;
    return { me: this.#me, phase, closedBy, slices, view, pending, now: performance.now() };
  }

  /** Once for all that comes in one go. */
  #drawSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => this.#draw());
  }

  #draw(): void {
    this.#isDue = false;
    this.#place.setAttribute("data-phase", this.#session.phase);
    const nodes = pane(this.#ui, this.#shown());
    keepingFocus(this.#place, () => patch(this.#place, nodes, (msg: Msg) => this.#tell(msg)));
  }
}
