/** The article that is selected, to read or to edit. */

import type { Article } from "../../src/index.js";
import type { Form, Shown, Ui } from "../model.js";
import { h } from "../node.js";
import { editorsOf } from "./articles.js";
import { button, listed, mark, pendingOn, type View, waitingMark } from "./parts.js";

export function articleOf(ui: Ui, shown: Shown): View | null {
  if (ui.form !== null) return editor(ui.form, shown);
  const article = shown.view.articles?.current_article;
  return article == null ? null : reader(article, shown);
}

function reader(article: Article, shown: Shown): View {
  const { pending } = shown;
  const waiting = pendingOn(pending, article.id);
  const isWaiting = waiting.length > 0;
  const isSaving = waiting.some(({ type }) => type === "article.update");
  const { id: article_id } = article;
  return h(
    "article",
    { key: "article", class: isWaiting ? "article is-waiting" : "article", "aria-label": article.title },
    h(
      "header",
      {},
      h("h3", { class: "title" }, article.title || "Untitled"),
      h(
        "span",
        { class: "marks" },
        isWaiting ? waitingMark() : null,
        mark("revision", `revision ${article.revision}`),
      ),
    ),
    working(article.id, shown, "this"),
    article.content
      ? h("p", { key: "content", class: "content" }, article.content)
      : h("p", { key: "content", class: "empty" }, "Nothing is written yet."),
    h(
      "div",
      { key: "buttons", class: "buttons" },
      button("Edit", { is: "opened" }, { class: "first", disabled: isSaving }),
      article.published_at === null ? button("Publish", { is: "published", article_id }) : null,
      button("Delete", { is: "deleted", article_id }),
      button("Close", { is: "selected", article_id: null }),
    ),
  );
}

function editor(form: Form, shown: Shown): View {
  const id = `${shown.me.id}-edit`;
  return h(
    "form",
    { key: "form", class: "article form", "aria-label": "Edit the article", on: { submit: { is: "saved" } } },
    working(form.article_id, shown, "this, too"),
    h("label", { for: `${id}-title` }, "Title"),
    h("input", {
      id: `${id}-title`,
      value: form.title,
      autocomplete: "off",
      on: { input: (text) => ({ is: "wrote", what: "title", text }) },
    }),
    h("label", { for: `${id}-content` }, "Text"),
    h("textarea", {
      id: `${id}-content`,
      rows: "6",
      value: form.content,
      autofocus: true,
      on: { input: (text) => ({ is: "wrote", what: "content", text }) },
    }),
    overtaken(form, shown),
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "submit", class: "first" }, "Save"),
      button("Close", { is: "left" }),
    ),
  );
}

function working(article_id: string, shown: Shown, what: string): View | null {
  const others = editorsOf(article_id, shown);
  const verb = others.length === 1 ? "is" : "are";
  return others.length === 0
    ? null
    : h("p", { key: "working", class: "hint" }, `${listed(others)} ${verb} editing ${what}.`);
}

/** What has become of the article while its user was writing. */
function overtaken({ article_id, revision }: Form, { slices, phase }: Shown): View | null {
  const there = slices.articles?.articles.find((one) => one.id === article_id);
  if (there === undefined && slices.articles !== undefined && phase === "live")
    return h("p", { key: "overtaken", class: "hint" }, "The article is not there any more. Your text stays.");
  if (there === undefined || revision === null || there.revision === revision) return null;
  const text = `Revision ${there.revision} has come; you began with ${revision}. Saving will be refused once.`;
  return h("p", { key: "overtaken", class: "hint" }, text);
}
