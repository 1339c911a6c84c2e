/** What an optimistic client shows: its pending actions folded over the slices, by the rules of the protocol. */

import type { Model } from "./model.js";
import { localId, type Pending } from "./pending.js";
import { kindOf, reduce } from "./slices/index.js";
import type {
  Article,
  ArticlesSlice,
  ChatMessage,
  ChatSlice,
  JsonObject,
  Limits,
  ShortUrl,
  Slice,
  Slices,
  UrlSlice,
  UserSlice,
} from "./types.js";

/** What an action is to its rule: its data is valid, and new entries are its user's. */
interface Act {
  readonly data: JsonObject;
  readonly id: string;
  readonly user_id: string;
  readonly at: number;
  readonly limits: Limits;
}

type Rules<S extends Slice> = { readonly [type: string]: (slice: S, act: Act) => S };

const ARTICLE = ["title", "slug", "subtitle", "leading", "tags"] as const;
const ARTICLE_WITH_CONTENT = [...ARTICLE, "content"] as const;
const URL = ["target_url", "short_code", "is_active"] as const;
const USER = ["username", "email"] as const;

/** The members of some names that are there: whatever else is there is not taken. */
function picked(data: JsonObject | undefined, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(data ?? {}).filter(([name]) => names.includes(name)));
}

function changesOf({ data }: Act): JsonObject {
  return data.changes as JsonObject;
}

/** A list in which one entry, if it is there, has taken members. */
function changed<T extends { readonly id: string }>(
  list: readonly T[],
  id: unknown,
  members: object,
): readonly T[] {
  return list.some((one) => one.id === id)
    ? list.map((one) => (one.id === id ? { ...one, ...members } : one))
    : list;
}

/** A new entry stands in front, and the list is cut at its end. */
function fronted<T>(entry: T, list: readonly T[], limit = Number.POSITIVE_INFINITY): readonly T[] {
  return [entry, ...list].slice(0, limit);
}

/** As an event does it. */
function asEvent<S extends Slice>(type: string, slice: S, data: JsonObject, { limits }: Act): S {
  return reduce(slice, type, data, limits) as S;
}

const ARTICLES: Rules<ArticlesSlice> = {
  "article.create": (slice, act) => ({
    ...slice,
    articles: fronted(newArticle(act), slice.articles, act.limits.articles),
  }),
  "article.update": (slice, act) => {
    const { article_id } = act.data;
    const changes = changesOf(act);
    const current = slice.current_article;
    return {
      ...slice,
      articles: changed(slice.articles, article_id, picked(changes, ARTICLE)),
      current_article:
        current?.id === article_id ? { ...current, ...picked(changes, ARTICLE_WITH_CONTENT) } : current,
    } as ArticlesSlice;
  },
  "article.delete": (slice, act) => asEvent("article.deleted", slice, act.data, act),
  // What another article holds is not known here.
  "article.select": (slice, act) =>
    act.data.article_id === null
      ? asEvent("article.selected", slice, { article: null, revisions: [] }, act)
      : slice,
};

function newArticle({ data, id, user_id }: Act): Article {
  return {
    slug: "",
    revision: 0,
    author: "",
    title: "",
    subtitle: "",
    leading: "",
    tags: [],
    struct_version: 0,
    ...picked(data, ARTICLE),
    ...{ id, author_id: user_id, content: null, published_at: null },
  };
}

const CHAT: Rules<ChatSlice> = {
  "chat.send": (slice, act) => ({
    ...slice,
    messages: fronted(newMessage(act), slice.messages, act.limits.chat_messages),
  }),
  "chat.edit": (slice, { data }) => ({
    ...slice,
    messages: changed(slice.messages, data.message_id, picked(data, ["content"])),
  }),
  "chat.delete": (slice, act) => asEvent("chat.message_deleted", slice, act.data, act),
};

function newMessage({ data, id, user_id, at }: Act): ChatMessage {
  return { id, user_id, content: data.content as string, sent_at: at, edited_at: null };
}

const URLS: Rules<UrlSlice> = {
  "url.create": (slice, act) => ({ ...slice, urls: fronted(newUrl(act), slice.urls, act.limits.urls) }),
  "url.update": (slice, act) => ({
    ...slice,
    urls: changed(slice.urls, act.data.url_id, picked(changesOf(act), URL)),
  }),
  "url.delete": (slice, act) => asEvent("url.deleted", slice, act.data, act),
};

function newUrl({ data, id, user_id, at }: Act): ShortUrl {
  return {
    id,
    short_code: (data.short_code ?? "") as string,
    target_url: data.target_url as string,
    created_by: user_id,
    ...{ created_at: at, updated_at: at },
    ...{ access_count: 0, is_active: true },
  };
}

const USERS: Rules<UserSlice> = {
  "user.update": (slice, act) =>
    slice.user === null ? slice : { ...slice, user: { ...slice.user, ...picked(changesOf(act), USER) } },
};

// Whoever calls one has seen that the slice is of its kind.
const RULES = new Map(Object.entries({ ...ARTICLES, ...CHAT, ...URLS, ...USERS })) as unknown as ReadonlyMap<
  string,
  (slice: Slice, act: Act) => Slice
>;

/** What is shown: the slices themselves where nothing is pending, or the mode has no view. */
export function viewOf({ config, slices, pending, limits }: Model): Slices {
  if (config.mode !== "optimistic") return slices;
  return pending.reduce((view, one) => fold(view, one, config.user_id, limits), slices);
}

function fold(view: Slices, one: Pending, user_id: string, limits: Limits): Slices {
  const { type, data } = one.action;
  const kind = kindOf(type);
  const slice = kind === undefined ? undefined : view[kind];
  const rule = RULES.get(type);
  // A create whose effect is seen would stand there twice.
  if (slice === undefined || rule === undefined || one.isSeen) return view;
  const act = { data, id: localId(one.action_id), user_id, at: one.at, limits };
  return { ...view, [slice.type]: rule(slice, act) };
}
