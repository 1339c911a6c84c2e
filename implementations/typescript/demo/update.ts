/** What happens in a pane, as a function: what its user does, and what became of that. */

import type { Action, Article } from "../src/index.js";
import type { Deed, Form, Msg, Shown, Step, Ui } from "./model.js";
import { ofFailure, ofRefusal } from "./words.js";

/** So often the others are told that somebody still types. */
const TYPING_EVERY_MS = 2_000;
/** And so long they may go by it. */
const TYPING_LASTS_MS = 5_000;
const MOST_NOTICES = 3;

export function update(ui: Ui, msg: Msg, shown: Shown): Step {
  switch (msg.is) {
    case "line":
      return [{ ...ui, isCut: !ui.isCut }, [{ do: "line", isCut: !ui.isCut }]];
    case "again":
      return [ui, [{ do: "again" }]];
    case "dismissed":
      return [{ ...ui, notices: ui.notices.filter(({ number }) => number !== msg.number) }, []];
    case "refused":
      return [given(noted(ui, ofRefusal(msg.action, msg.reason)), msg.action), []];
    case "failed":
      return [given(noted(ui, ofFailure(msg.action, msg.failed)), msg.action), []];
    case "titled":
      return [{ ...ui, title: msg.text }, []];
    case "created":
      return create(ui);
    case "selected":
      return select(ui, msg.article_id);
    case "opened":
      return open(ui, shown);
    case "wrote":
      return [ui.form === null ? ui : { ...ui, form: { ...ui.form, [msg.what]: msg.text } }, []];
    case "saved":
      return save(ui, shown);
    case "left":
      return leave(ui);
    case "published":
      return [ui, [act("article.publish", { article_id: msg.article_id })]];
    case "deleted":
      return [ui, [act("article.delete", { article_id: msg.article_id })]];
    case "typed":
      return typed({ ...ui, message: msg.text }, shown);
    case "sent":
      return send(ui, shown);
    case "corrects":
      return [{ ...ui, correction: { message_id: msg.message_id, text: msg.text } }, []];
    case "correction":
      return [ui.correction === null ? ui : { ...ui, correction: { ...ui.correction, text: msg.text } }, []];
    case "corrected":
      return correct(ui);
    case "kept":
      return [{ ...ui, correction: null }, []];
    case "taken_back":
      return [ui, [act("chat.delete", { message_id: msg.message_id })]];
  }
}

function act(type: string, data: Action["data"], revision: number | null = null): Deed {
  return { do: "act", action: { type, data, ...(revision === null ? {} : { expect: { revision } }) } };
}

function noted(ui: Ui, text: string): Ui {
  const number = ui.last_notice + 1;
  return { ...ui, last_notice: number, notices: [{ number, text }, ...ui.notices].slice(0, MOST_NOTICES) };
}

/** Give a text back that was not taken, where its user has begun no other one. */
function given(ui: Ui, { type, data }: Action): Ui {
  if (type === "chat.send" && ui.message === "") return { ...ui, message: String(data.content) };
  if (type === "article.create" && ui.title === "") return { ...ui, title: String(data.title) };
  if (type === "article.update" && ui.form === null) {
    const { title, content } = data.changes as { title: string; content: string };
    // Whoever saves again has seen what is there by now.
    const form: Form = { article_id: String(data.article_id), revision: null, title, content, was: NOTHING };
    return { ...ui, form };
  }
  const isMeant = type === "article.edit_start" && ui.form?.article_id === data.article_id;
  return isMeant && ui.form !== null && !isChanged(ui.form) ? { ...ui, form: null } : ui;
}

const NOTHING = { title: "", content: "" };

function create(ui: Ui): Step {
  const title = ui.title.trim();
  if (title === "") return [ui, []];
  return [{ ...ui, title: "" }, [act("article.create", { title })]];
}

function select(ui: Ui, article_id: string | null): Step {
  if (ui.form !== null && isChanged(ui.form))
    return [noted(ui, "Save or close the article that you edit, then open another one."), []];
  const [left, deeds] = ui.form === null ? [ui, []] : leave(ui);
  return [left, [...deeds, act("article.select", { article_id })]];
}

function open(ui: Ui, { view, slices }: Shown): Step {
  const article = view.articles?.current_article;
  if (article == null || ui.form !== null) return [ui, []];
  const revision = slices.articles?.current_article?.revision ?? article.revision;
  const was = { title: article.title, content: article.content ?? "" };
  const form = { article_id: article.id, revision, ...was, was };
  return [{ ...ui, form }, [act("article.edit_start", { article_id: article.id })]];
}

function save(ui: Ui, { slices }: Shown): Step {
  const { form } = ui;
  if (form === null) return [ui, []];
  const { article_id, title, content } = form;
  const revision = form.revision ?? currentOf(slices.articles?.articles, article_id)?.revision ?? null;
  const saved = act("article.update", { article_id, changes: { title, content } }, revision);
  return [{ ...ui, form: null }, [saved, act("article.edit_end", { article_id })]];
}

function currentOf(articles: readonly Article[] | undefined, id: string): Article | undefined {
  return articles?.find((article) => article.id === id);
}

function leave(ui: Ui): Step {
  if (ui.form === null) return [ui, []];
  return [{ ...ui, form: null }, [act("article.edit_end", { article_id: ui.form.article_id })]];
}

/** Whether a form holds what would be lost. */
export function isChanged({ title, content, was }: Form): boolean {
  return title !== was.title || content !== was.content;
}

/** Typing is told while the session is live: what waits for a line is old when it comes. */
function typed(ui: Ui, { phase, now }: Shown): Step {
  if (phase !== "live") return [{ ...ui, typing: null }, []];
  if (ui.message === "") return stopTyping(ui);
  if (ui.typing !== null && now - ui.typing < TYPING_EVERY_MS) return [ui, []];
  return [{ ...ui, typing: now }, [act("chat.typing", { active: true, ttl_ms: TYPING_LASTS_MS })]];
}

function stopTyping(ui: Ui): Step {
  return ui.typing === null ? [ui, []] : [{ ...ui, typing: null }, [act("chat.typing", { active: false })]];
}

function send(ui: Ui, { phase }: Shown): Step {
  const content = ui.message.trim();
  if (content === "") return [ui, []];
  const said = act("chat.send", { content });
  const [stopped, deeds] = stopTyping({ ...ui, message: "" });
  return phase === "live" ? [stopped, [said, ...deeds]] : [{ ...stopped, typing: null }, [said]];
}

function correct(ui: Ui): Step {
  const { correction } = ui;
  const content = correction?.text.trim() ?? "";
  if (correction === null || content === "") return [ui, []];
  return [{ ...ui, correction: null }, [act("chat.edit", { message_id: correction.message_id, content })]];
}
