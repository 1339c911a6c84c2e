/** The list of articles, and how a new one is begun. */

import type { Article } from "../../src/index.js";
import type { Shown, Ui } from "../model.js";
import { h } from "../node.js";
import { empty, isLocal, listed, mark, nameOf, pendingOn, type View, waitingMark } from "./parts.js";

export function articlesOf(ui: Ui, shown: Shown): View {
  const articles = shown.view.articles?.articles ?? [];
  const id = `${shown.me.id}-articles`;
  return h(
    "section",
    { key: "articles", class: "articles", "aria-labelledby": id },
    h("h3", { id }, "Articles"),
    newOne(ui, shown),
    articles.length === 0
      ? empty(shown, "None yet. A draft is its author’s and the editors’ to read.")
      : h("ul", { key: "list", class: "list" }, ...articles.map((article) => entry(article, shown))),
  );
}

function newOne({ title }: Ui, { me }: Shown): View {
  const id = `${me.id}-title`;
  return h(
    "form",
    { key: "new", class: "line", on: { submit: { is: "created" } } },
    h("label", { for: id, class: "unseen" }, "Title of a new article"),
    h("input", {
      id,
      value: title,
      placeholder: "Title of a new article",
      autocomplete: "off",
      on: { input: (text) => ({ is: "titled", text }) },
    }),
    h("button", { type: "submit", disabled: title.trim() === "" }, "Create"),
  );
}

function entry(article: Article, shown: Shown): View {
  const { view, pending } = shown;
  const isOpen = view.articles?.current_article?.id === article.id;
  const isWaiting = pendingOn(pending, article.id).some(({ type }) => type !== "article.select");
  return h(
    "li",
    { key: article.id, class: isWaiting ? "entry is-waiting" : "entry" },
    h(
      "button",
      {
        type: "button",
        class: "pick",
        "aria-pressed": isOpen ? "true" : "false",
        disabled: isLocal(article.id),
        on: { click: { is: "selected", article_id: isOpen ? null : article.id } },
      },
      h("span", { class: "name" }, article.title || "Untitled"),
      h("span", { class: "by" }, `by ${article.author || nameOf(shown, article.author_id)}`),
    ),
    h("span", { class: "marks" }, ...marks(article, shown, isWaiting)),
  );
}

function marks(article: Article, shown: Shown, isWaiting: boolean): View[] {
  const others = editorsOf(article.id, shown);
  const isOpening = pendingOn(shown.pending, article.id).some(({ type }) => type === "article.select");
  return [
    ...(others.length > 0 ? [mark("editing", `${listed(others)} editing`)] : []),
    ...(isOpening ? [mark("waiting", "opening")] : []),
    ...(isWaiting ? [waitingMark()] : []),
    article.published_at === null ? mark("draft", "draft") : mark("published", "published"),
  ];
}

/** Names of the other users who edit an article. */
export function editorsOf(article_id: string, shown: Shown): string[] {
  return (shown.view.articles?.editors ?? [])
    .filter((editor) => editor.article_id === article_id && editor.user_id !== shown.me.id)
    .map(({ user_id }) => nameOf(shown, user_id));
}
