/** What the page says of phases, actions and refusals. */

import type { Action, Failed, Phase, Reason } from "../src/index.js";

export const PHASES: Readonly<Record<Phase, string>> = {
  opening: "Opening",
  live: "Live",
  recovering: "Recovering",
  offline: "Away",
  closed: "Closed",
};

const DEEDS = new Map([
  ["article.create", "Create the article"],
  ["article.update", "Save the article"],
  ["article.publish", "Publish the article"],
  ["article.delete", "Delete the article"],
  ["article.select", "Open the article"],
  ["article.edit_start", "Start to edit"],
  ["article.edit_end", "Stop editing"],
  ["chat.send", "Send the message"],
  ["chat.edit", "Correct the message"],
  ["chat.delete", "Take the message back"],
  ["chat.typing", "Tell that you type"],
]);

const REASONS: Readonly<Record<Reason, string>> = {
  too_large: "it is larger than the broker or the server takes",
  invalid: "it is not as the protocol wants it",
  unknown_type: "the server takes no such action",
  local_id: "the entry is not with the server yet",
  closed: "the session is closed",
  not_live: "the session is not live",
  busy: "another action is under way",
  full: "32 actions wait already",
};

const GIVEN_UP: Readonly<Record<string, string>> = {
  given_up: "nobody knows any more whether it was done: this page was away for long",
  too_large: REASONS.too_large,
  unknown_type: REASONS.unknown_type,
};

const LONGEST = 48;

/** What an action does, for people. */
export function deed({ type }: Action): string {
  return DEEDS.get(type) ?? type;
}

/** The text that an action carries, cut to a line. */
export function carried({ data }: Action): string {
  const { changes } = data as { changes?: { title?: unknown } };
  const text = [data.content, data.title, changes?.title].find((one) => typeof one === "string") ?? "";
  return shortened(String(text));
}

export function shortened(text: string): string {
  const characters = [...text.replace(/\s+/g, " ").trim()];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join("")}…` : characters.join("");
}

export function ofRefusal(action: Action, reason: Reason): string {
  return `${deed(action)}: not taken, ${REASONS[reason]}.`;
}

export function ofFailure(action: Action, failed: Failed): string {
  const why =
    "code" in failed ? `${failed.message} (${failed.code})` : `${GIVEN_UP[failed.reason] ?? failed.reason}.`;
  const kept = isKept(action) ? " Your text is kept." : "";
  return `${deed(action)}: refused. ${why}${kept}`;
}

/** Whether what a user wrote goes back to where it was written. */
export function isKept({ type }: Action): boolean {
  return type === "article.update" || type === "chat.send" || type === "article.create";
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

/** A time of the protocol, in ms, as a clock shows it. */
export function clock(at: number): string {
  return CLOCK.format(at);
}
