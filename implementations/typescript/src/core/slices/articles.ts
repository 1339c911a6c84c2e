import { compareText } from "../json.js";
import type { Article, ArticlesSlice, Editor, Limits, Revision } from "../types.js";
import { by, type Order, upsert } from "./lists.js";

const byPublishing: Order<Article> = by(
  (left, right) => newness(right) - newness(left),
  (left, right) => compareText(left.id, right.id),
);
const byEditor: Order<Editor> = by(
  (left, right) => compareText(left.article_id, right.article_id),
  (left, right) => compareText(left.user_id, right.user_id),
);

/** Drafts stand first, as if they were published after all others. */
function newness(article: Article): number {
  return article.published_at ?? Number.MAX_SAFE_INTEGER;
}

export const EMPTY: ArticlesSlice = {
  type: "articles",
  articles: [],
  current_article: null,
  revisions: [],
  editors: [],
};

export interface ArticleEvents {
  "article.created": { readonly article: Article };
  "article.updated": { readonly article: Article };
  "article.deleted": { readonly article_id: string };
  "article.selected": { readonly article: Article | null; readonly revisions: readonly Revision[] };
  "article.revision_added": { readonly revision: Revision };
  "article.edit_started": Editor;
  "article.edit_ended": Editor;
}

function updated(slice: ArticlesSlice, { article }: { article: Article }, limits: Limits): ArticlesSlice {
  const entry = { ...article, content: null };
  const same = (one: Article) => one.id === article.id;
  return {
    ...slice,
    articles: upsert(slice.articles, entry, same, byPublishing, limits.articles),
    current_article: slice.current_article?.id === article.id ? article : slice.current_article,
  };
}

function deleted(slice: ArticlesSlice, { article_id }: { article_id: string }): ArticlesSlice {
  const isCurrent = slice.current_article?.id === article_id;
  return {
    ...slice,
    articles: slice.articles.filter((one) => one.id !== article_id),
    editors: slice.editors.filter((one) => one.article_id !== article_id),
    current_article: isCurrent ? null : slice.current_article,
    revisions: isCurrent ? [] : slice.revisions,
  };
}

function revised(slice: ArticlesSlice, { revision }: { revision: Revision }, limits: Limits): ArticlesSlice {
  if (slice.current_article?.id !== revision.article_id) return slice;
  const same = (one: Revision) => one.revision === revision.revision;
  const highest: Order<Revision> = (left, right) => right.revision - left.revision;
  return { ...slice, revisions: upsert(slice.revisions, revision, same, highest, limits.revisions) };
}

const isSame = (editor: Editor) => (one: Editor) =>
  one.article_id === editor.article_id && one.user_id === editor.user_id;

export const REDUCERS: {
  readonly [T in keyof ArticleEvents]: (
    slice: ArticlesSlice,
    data: ArticleEvents[T],
    limits: Limits,
  ) => ArticlesSlice;
} = {
  "article.created": updated,
  "article.updated": updated,
  "article.deleted": deleted,
  "article.selected": (slice, { article, revisions }) => ({ ...slice, current_article: article, revisions }),
  "article.revision_added": revised,
  "article.edit_started": (slice, editor, limits) => ({
    ...slice,
    editors: upsert(slice.editors, editor, isSame(editor), byEditor, limits.editors),
  }),
  "article.edit_ended": (slice, editor) => ({
    ...slice,
    editors: slice.editors.filter((one) => !isSame(editor)(one)),
  }),
};
