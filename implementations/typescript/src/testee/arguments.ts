/** The words of the command line: what the program declares. */

import { parseArgs } from "node:util";
import { type Feature, KINDS, type Kind } from "../core/index.js";

const FEATURES: readonly Feature[] = ["events", "digests"];

export interface Declared {
  readonly kinds: readonly Kind[];
  readonly features: readonly Feature[];
  readonly isReadOnly: boolean;
}

/** Throws an Error for people where they say nothing that is known. */
export function read(words: readonly string[]): Declared {
  const { values } = parseArgs({
    args: [...words],
    options: {
      kinds: { type: "string", default: KINDS.join(",") },
      features: { type: "string", default: FEATURES.join(",") },
      "read-only": { type: "boolean", default: false },
    },
  });
  const kinds = chosen(values.kinds, KINDS);
  if (kinds.length === 0) throw new Error("--kinds names no kind");
  return { kinds, features: chosen(values.features, FEATURES), isReadOnly: values["read-only"] };
}

function chosen<T extends string>(list: string, known: readonly T[]): T[] {
  const words = list.split(",").filter((word) => word !== "");
  const unknown = words.find((word) => !known.includes(word as T));
  if (unknown !== undefined) throw new Error(`${unknown} is none of ${known.join(", ")}`);
  return known.filter((one) => words.includes(one));
}
