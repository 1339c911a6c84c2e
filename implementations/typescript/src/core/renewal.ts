/** A session that ends with its token, and goes on by another one. */

import type { Env, Model, Step } from "./model.js";
import { recover } from "./recovery.js";

/** There is another token: it is for the session that lives, and for those that come. */
export function renew(model: Model, token: string): Step {
  const { work, config } = model;
  if (work.at === "closed") return [model, [{ do: "renewed", renewed: { refused: work.code } }]];
  return [{ ...model, config: { ...config, token }, renewal: "due" }, []];
}

/** Open again as soon as nothing else is asked: the answer tells the new end, and states follow. */
export function renewNext(model: Model, env: Env): Step {
  const isNext = model.renewal === "due" && model.link !== null && model.work.at === "idle";
  return isNext ? recover(model, env, "open") : [model, []];
}
