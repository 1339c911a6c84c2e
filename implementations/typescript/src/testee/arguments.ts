/** The words of the command line: what the program declares. */

import { parseArgs } from "node:util";
import { type Feature, KINDS, type Kind, MODES, type Mode } from "../core/index.js";

const FEATURES: readonly Feature[] = ["events", "digests"];

export interface Declared {
  readonly kinds: readonly Kind[];
  readonly features: readonly Feature[];
  readonly mode: Mode;
  readonly isReadOnly: boolean;
}

/** Throws an Error for people where they say nothing that is known. */
export function read(words: readonly string[]): Declared {
  const { values } = parseArgs({
    args: [...words],
    options: {
      kinds: { type: "string", default: KINDS.join(",") },
      features: { type: "string", default: FEATURES.join(",") },
      mode: { type: "string", default: "optimistic" },
      "read-only": { type: "boolean", default: false },
    },
  });
  const kinds = chosen(values.kinds, KINDS);
  if (kinds.length === 0) throw new Error("--kinds names no kind");
  const [mode, ...others] = chosen(values.mode, MODES);
  if (mode === undefined || others.length > 0) throw new Error(`--mode is one of ${MODES.join(", ")}`);
  return { kinds, features: chosen(values.features, FEATURES), mode, isReadOnly: values["read-only"] };
}

function chosen<T extends string>(list: string, known: readonly T[]): T[] {
  const words = list.split(",").filter((word) => word !== "");
  const unknown = words.find((word) => !known.includes(word as T));
  if (unknown !== undefined) throw new Error(`${unknown} is none of ${known.join(", ")}`);
  return known.filter((one) => words.includes(one));
}
