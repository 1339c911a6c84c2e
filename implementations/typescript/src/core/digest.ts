/** The digest of a slice (STATE-011). In plain JavaScript, since browsers have SHA-256 as a promise only. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonical } from "./json.js";
import type { Json } from "./types.js";

export function digest(data: object): string {
  return bytesToHex(sha256(utf8ToBytes(canonical(data as Json))));
}
