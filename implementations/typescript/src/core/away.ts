/** How long a client was away: a server remembers for so long and no longer what it has done (HYB-019). */

import type { Env, Model, Moment } from "./model.js";
import type { Pending } from "./pending.js";

/** The margin for the way: a part of the time, and some seconds where that is long. */
const PART = 0.02;
const MOST_MS = 3_000;

/** The session has answered what was sent at a moment, so it was alive then. */
export function lived(model: Model, since: Moment): Model {
  return model.life !== null && model.life.now >= since.now ? model : { ...model, life: since };
}

/** Whether nobody knows any more if an action was done, and doing it twice would be seen. */
export function isForgotten({ life, memory_ms }: Model, env: Env, one: Pending): boolean {
  if (life === null || memory_ms === null || !one.wasSent || isHarmless(one)) return false;
  // Either clock may have stood still: the one in sleep, the other by being set.
  const away_ms = Math.max(env.now - life.now, env.at - life.at);
  return away_ms >= memory_ms - Math.min(memory_ms * PART, MOST_MS);
}

/** What changes nothing the second time, or fails by itself. */
function isHarmless({ action: { type, expect } }: Pending): boolean {
  const isExpecting = type === "article.update" && expect !== undefined;
  return type === "article.select" || type === "session.noop" || isExpecting;
}
