/** The chat: messages, who is there, who types, and what one says oneself. */

import type { ChatMessage } from "../../src/index.js";
import type { Shown, Ui } from "../model.js";
import { h } from "../node.js";
import { clock } from "../words.js";
import { button, empty, isLocal, listed, mark, nameOf, pendingOn, type View, waitingMark } from "./parts.js";

export function chatOf(ui: Ui, shown: Shown): View {
  const { me, view } = shown;
  const id = `${me.id}-chat`;
  const messages = view.chat?.messages ?? [];
  return h(
    "section",
    { key: "chat", class: "chat", "aria-labelledby": id },
    h("header", {}, h("h3", { id }, "Chat"), h("span", { class: "here" }, hereOf(shown))),
    h(
      "div",
      { class: "log", role: "log", tabindex: "0", "aria-label": "Messages" },
      messages.length === 0
        ? empty(shown, "Nothing is said yet.")
        : // The protocol has the newest first, people read the oldest first.
          h("div", { class: "said-so-far" }, ...messages.map((one) => entry(one, ui, shown)).reverse()),
    ),
    h("p", { class: "typing", "aria-live": "polite" }, typingOf(shown)),
    composer(ui, shown),
  );
}

function hereOf({ view, phase }: Shown): string {
  const names = (view.chat?.participants ?? []).map(({ username, id }) => username || id);
  if (names.length === 0) return "";
  return phase === "live" ? `${listed(names)} ${names.length === 1 ? "is" : "are"} here` : "";
}

function typingOf(shown: Shown): string {
  if (shown.phase !== "live") return "";
  const names = (shown.view.chat?.typing_indicators ?? []).map((id) => nameOf(shown, id));
  return names.length === 0 ? "" : `${listed(names)} ${names.length === 1 ? "is" : "are"} typing…`;
}

function entry(message: ChatMessage, ui: Ui, shown: Shown): View {
  const isOwn = message.user_id === shown.me.id;
  const isWaiting = pendingOn(shown.pending, message.id).length > 0;
  const classes = ["message", ...(isOwn ? ["own"] : []), ...(isWaiting ? ["is-waiting"] : [])];
  const { correction } = ui;
  return h(
    "div",
    { key: message.id, class: classes.join(" ") },
    h(
      "p",
      { key: "head", class: "head" },
      h("b", {}, nameOf(shown, message.user_id)),
      h("span", { class: "at" }, clock(message.sent_at)),
      message.edited_at === null ? null : mark("edited", "corrected"),
      isWaiting ? waitingMark() : null,
    ),
    correction?.message_id === message.id
      ? correcting(correction.text, shown)
      : h("p", { key: "said", class: "said" }, message.content),
    isOwn && !isLocal(message.id) && correction?.message_id !== message.id ? own(message) : null,
  );
}

function own({ id: message_id, content }: ChatMessage): View {
  const what = `“${content.slice(0, 40)}”`;
  return h(
    "div",
    { key: "own", class: "buttons small" },
    button("Correct", { is: "corrects", message_id, text: content }, { "aria-label": `Correct ${what}` }),
    button("Take back", { is: "taken_back", message_id }, { "aria-label": `Take back ${what}` }),
  );
}

function correcting(text: string, { me }: Shown): View {
  const id = `${me.id}-correction`;
  return h(
    "form",
    { key: "correcting", class: "line", on: { submit: { is: "corrected" } } },
    h("label", { for: id, class: "unseen" }, "The message, corrected"),
    h("input", {
      id,
      value: text,
      autocomplete: "off",
      autofocus: true,
      on: { input: (value) => ({ is: "correction", text: value }) },
    }),
    h("button", { type: "submit", class: "first" }, "Save"),
    button("Leave", { is: "kept" }),
  );
}

function composer({ message }: Ui, { me }: Shown): View {
  const id = `${me.id}-message`;
  return h(
    "form",
    { class: "line", on: { submit: { is: "sent" } } },
    h("label", { for: id, class: "unseen" }, "Message"),
    h("input", {
      id,
      value: message,
      placeholder: "Say something",
      autocomplete: "off",
      on: { input: (text) => ({ is: "typed", text }) },
    }),
    h("button", { type: "submit", class: "first", disabled: message.trim() === "" }, "Send"),
  );
}
