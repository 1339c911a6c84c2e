/** What a moment gives that no pure function has: clocks, chance, a fresh id. */

import type { Env } from "./core/index.js";

const ID_BYTES = 16;

/** What the core is given of the moment. */
export function moment(): Env {
  return { now: performance.now(), at: Date.now(), random: Math.random(), id: randomId() };
}

/** 16 random bytes in hex. `crypto.randomUUID` is missing on pages without HTTPS. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
