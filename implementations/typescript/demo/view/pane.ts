/** One user's half of the page, made of what the session shows and of what the user has begun. */

import type { Shown, Ui } from "../model.js";
import { h } from "../node.js";
import { carried, deed, PHASES } from "../words.js";
import { articleOf } from "./article.js";
import { articlesOf } from "./articles.js";
import { chatOf } from "./chat.js";
import { button, type View } from "./parts.js";

export function pane(ui: Ui, shown: Shown): View[] {
  const parts = [head(ui, shown), notices(ui), ended(shown), waiting(shown)];
  const body = h(
    "div",
    { key: "body", class: "body" },
    articlesOf(ui, shown),
    articleOf(ui, shown),
    chatOf(ui, shown),
  );
  return [...parts, body].filter((part) => part !== null);
}

function head({ isCut }: Ui, { me, phase }: Shown): View {
  return h(
    "header",
    { key: "head", class: "who" },
    h("span", { class: "face", "aria-hidden": "true" }, [...me.name][0] ?? "?"),
    h("div", { class: "names" }, h("h2", { id: `${me.id}-name` }, me.name), h("p", {}, me.about)),
    h("span", { class: `phase ${phase}`, role: "status" }, PHASES[phase]),
    button(isCut ? "Join the line" : "Cut the line", { is: "line" }, { class: "cut" }),
  );
}

function notices(ui: Ui): View {
  return h(
    "div",
    { key: "notices", class: "notices", role: "alert" },
    ...ui.notices.map(({ number, text }) =>
      h(
        "p",
        { key: `n${number}` },
        h("span", {}, text),
        button("Dismiss", { is: "dismissed", number }, { class: "quiet" }),
      ),
    ),
  );
}

function ended({ phase, closedBy }: Shown): View | null {
  if (phase !== "closed") return null;
  const why = closedBy === null ? "The session is closed." : `The session was closed (${closedBy}).`;
  return h(
    "p",
    { key: "ended", class: "ended" },
    h("span", {}, why),
    button("Open another one", { is: "again" }, { class: "first" }),
  );
}

/** What is not known to be done, in the order of dispatch. */
function waiting({ me, pending }: Shown): View {
  const id = `${me.id}-waiting`;
  return h(
    "section",
    { key: "waiting", class: pending.length === 0 ? "queue" : "queue is-waiting", "aria-labelledby": id },
    h("h3", { id, class: "count" }, pending.length === 0 ? "Nothing waits" : `${pending.length} waiting`),
    h(
      "ol",
      {},
      ...pending.map((action) =>
        h(
          "li",
          { key: action.action_id },
          h("code", {}, action.type),
          h("span", { class: "what" }, carried(action) || deed(action)),
          h(
            "span",
            { class: "at" },
            action.client_seq === null ? "not sent" : `sent as ${action.client_seq}`,
          ),
        ),
      ),
    ),
  );
}
