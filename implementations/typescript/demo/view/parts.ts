/** Small parts that more than one place shows. */

import type { PendingAction } from "../../src/index.js";
import type { Shown } from "../model.js";
import { h, type Node, type Told } from "../node.js";

export type View = Node;

/** A button that does one thing; a reason not to press it takes its place in the keyboard's way as well. */
export function button(
  label: string,
  told: Told,
  more: Readonly<Record<string, string | boolean>> = {},
): View {
  return h("button", { type: "button", ...more, on: { click: told } }, label);
}

/** A sign that something is not with the server yet, in words as well as in colour. */
export function waitingMark(): View {
  return h("span", { class: "mark waiting" }, "waiting");
}

export function mark(kind: string, text: string): View {
  return h("span", { class: `mark ${kind}` }, text);
}

/** In the place of a list without entries; before the session is open nobody knows that it has none. */
export function empty({ phase }: Shown, text: string): View {
  return h("p", { key: "none", class: "empty" }, phase === "opening" ? "Not known yet." : text);
}

/** What is pending of an entry: the actions that name it, or the one that makes it. */
export function pendingOn(pending: readonly PendingAction[], id: string): readonly PendingAction[] {
  return pending.filter(
    ({ action_id, data }) => id === `local:${action_id}` || data.article_id === id || data.message_id === id,
  );
}

export function isLocal(id: string): boolean {
  return id.startsWith("local:");
}

/** The name of a user, as far as anybody has told it. */
export function nameOf({ me, slices }: Shown, user_id: string): string {
  if (user_id === me.id) return me.name;
  const participant = slices.chat?.participants.find(({ id }) => id === user_id);
  const author = slices.articles?.articles.find(({ author_id }) => author_id === user_id)?.author;
  return participant?.username || author || user_id;
}

/** Names as one reads them: Ann, Bob and Cleo. */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}
