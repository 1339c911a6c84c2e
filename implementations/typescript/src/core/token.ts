/** Ids as tokens of subjects (SUBJ-002). */

const encoder = new TextEncoder();
const LITERAL = /^[A-Za-z0-9_-]$/;

/** An id as a token: every byte that is not a letter, a digit, `_` or `-` as `=` and two hex digits. */
export function tok(id: string): string {
  let token = "";
  for (const byte of encoder.encode(id)) {
    const character = String.fromCharCode(byte);
    token += LITERAL.test(character) ? character : `=${byte.toString(16).padStart(2, "0")}`;
  }
  return token;
}

/** The id of a token, null where the token is not canonical. */
export function untok(token: string): string | null {
  const bytes: number[] = [];
  for (let at = 0; at < token.length; at += 1) {
    const character = token.charAt(at);
    if (LITERAL.test(character)) {
      bytes.push(character.charCodeAt(0));
      continue;
    }
    const digits = token.slice(at + 1, at + 3);
    const byte = Number.parseInt(digits, 16);
    if (character !== "=" || !/^[0-9a-f]{2}$/.test(digits) || LITERAL.test(String.fromCharCode(byte)))
      return null;
    bytes.push(byte);
    at += 2;
  }
  return bytes.length === 0 ? null : text(Uint8Array.from(bytes));
}

function text(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
