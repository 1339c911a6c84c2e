//// The kind `articles`: its slice, and what events do to it.

import gleam/dynamic/decode.{type Decoder}
import gleam/int
import gleam/json.{type Json}
import gleam/option.{type Option, None, Some}
import gleam/order.{type Order, Gt, Lt}
import omni/entries.{type Limits}
import omni/member

/// The slice of this kind: lists in the order of the specification, cut to their limits.
pub type ArticlesState {
  ArticlesState(
    articles: List(Article),
    current_article: Option(Article),
    revisions: List(Revision),
    editors: List(Editor),
  )
}

/// An article. `content` is there in `current_article` alone, and `published_at` is not in drafts.
pub type Article {
  Article(
    id: String,
    slug: String,
    revision: Int,
    author_id: String,
    author: String,
    title: String,
    subtitle: String,
    leading: String,
    content: Option(String),
    tags: List(String),
    published_at: Option(Int),
    struct_version: Int,
  )
}

/// A revision of the current article.
pub type Revision {
  Revision(
    article_id: String,
    revision: Int,
    author_id: String,
    title: String,
    timestamp: Int,
  )
}

/// Who edits which article, and since when.
pub type Editor {
  Editor(article_id: String, user_id: String, since: Int)
}

/// What an event of this kind tells.
pub type ArticlesEvent {
  ArticleChanged(article: Article)
  ArticleDeleted(article_id: String)
  ArticleSelected(article: Option(Article), revisions: List(Revision))
  RevisionAdded(revision: Revision)
  EditStarted(editor: Editor)
  EditEnded(editor: Editor)
}

/// The slice before its first state (CLI-022).
pub const empty = ArticlesState([], None, [], [])

/// The slice after an event (CLI-025).
pub fn reduce(
  slice: ArticlesState,
  event: ArticlesEvent,
  limits: Limits,
) -> ArticlesState {
  case event {
    ArticleChanged(article) ->
      ArticlesState(
        ..slice,
        articles: entries.upsert(
          slice.articles,
          Article(..article, content: None),
          fn(other) { other.id == article.id },
          by_publication,
          entries.limit(limits, "articles"),
        ),
        current_article: case is_current(slice, article.id) {
          True -> Some(article)
          False -> slice.current_article
        },
      )
    ArticleDeleted(id) -> delete(slice, id)
    ArticleSelected(article, revisions) ->
      ArticlesState(..slice, current_article: article, revisions: revisions)
    RevisionAdded(revision) ->
      case is_current(slice, revision.article_id) {
        False -> slice
        True ->
          ArticlesState(
            ..slice,
            revisions: entries.upsert(
              slice.revisions,
              revision,
              fn(other) { other.revision == revision.revision },
              fn(left, right) { int.compare(right.revision, left.revision) },
              entries.limit(limits, "revisions"),
            ),
          )
      }
    EditStarted(editor) ->
      ArticlesState(
        ..slice,
        editors: entries.upsert(
          slice.editors,
          editor,
          is_edit(editor),
          by_edit,
          entries.limit(limits, "editors"),
        ),
      )
    EditEnded(editor) ->
      ArticlesState(
        ..slice,
        editors: entries.remove(slice.editors, is_edit(editor)),
      )
  }
}

fn delete(slice: ArticlesState, id: String) -> ArticlesState {
  let left =
    ArticlesState(
      ..slice,
      articles: entries.remove(slice.articles, fn(one) { one.id == id }),
      editors: entries.remove(slice.editors, fn(one) { one.article_id == id }),
    )
  case is_current(slice, id) {
    True -> ArticlesState(..left, current_article: None, revisions: [])
    False -> left
  }
}

/// Whether an article is the one that the session has selected.
pub fn is_current(slice: ArticlesState, id: String) -> Bool {
  case slice.current_article {
    Some(article) -> article.id == id
    None -> False
  }
}

fn is_edit(editor: Editor) -> fn(Editor) -> Bool {
  fn(other: Editor) {
    other.article_id == editor.article_id && other.user_id == editor.user_id
  }
}

/// Drafts first, then what was published last; by id where that is equal (STATE-008).
fn by_publication(left: Article, right: Article) -> Order {
  let by_time = case left.published_at, right.published_at {
    None, None -> order.Eq
    None, Some(_) -> Lt
    Some(_), None -> Gt
    Some(left_at), Some(right_at) -> int.compare(right_at, left_at)
  }
  order.break_tie(by_time, entries.compare(left.id, right.id))
}

fn by_edit(left: Editor, right: Editor) -> Order {
  order.break_tie(
    entries.compare(left.article_id, right.article_id),
    entries.compare(left.user_id, right.user_id),
  )
}

/// The `data` of a state of this kind.
pub fn decoder() -> Decoder(ArticlesState) {
  use articles <- decode.field("articles", decode.list(article_decoder()))
  use current_article <- decode.field(
    "current_article",
    decode.optional(article_decoder()),
  )
  use revisions <- decode.field("revisions", decode.list(revision_decoder()))
  use editors <- decode.field("editors", decode.list(editor_decoder()))
  decode.success(ArticlesState(articles, current_article, revisions, editors))
}

/// The `data` of an event; an error where its type is not known.
pub fn event_decoder(type_: String) -> Result(Decoder(ArticlesEvent), Nil) {
  case type_ {
    "article.created" | "article.updated" ->
      Ok(member.of("article", article_decoder(), ArticleChanged))
    "article.deleted" ->
      Ok(member.of("article_id", decode.string, ArticleDeleted))
    "article.selected" -> Ok(selected_decoder())
    "article.revision_added" ->
      Ok(member.of("revision", revision_decoder(), RevisionAdded))
    "article.edit_started" -> Ok(decode.map(editor_decoder(), EditStarted))
    "article.edit_ended" -> Ok(decode.map(editor_decoder(), EditEnded))
    _ -> Error(Nil)
  }
}

fn selected_decoder() -> Decoder(ArticlesEvent) {
  use article <- decode.field("article", decode.optional(article_decoder()))
  use revisions <- decode.field("revisions", decode.list(revision_decoder()))
  decode.success(ArticleSelected(article, revisions))
}

fn article_decoder() -> Decoder(Article) {
  use id <- decode.field("id", decode.string)
  use slug <- decode.field("slug", decode.string)
  use revision <- decode.field("revision", decode.int)
  use author_id <- decode.field("author_id", decode.string)
  use author <- decode.field("author", decode.string)
  use title <- decode.field("title", decode.string)
  use subtitle <- decode.field("subtitle", decode.string)
  use leading <- decode.field("leading", decode.string)
  use content <- decode.field("content", decode.optional(decode.string))
  use tags <- decode.field("tags", decode.list(decode.string))
  use published_at <- decode.field("published_at", decode.optional(decode.int))
  use struct_version <- decode.field("struct_version", decode.int)
  decode.success(Article(
    id:,
    slug:,
    revision:,
    author_id:,
    author:,
    title:,
    subtitle:,
    leading:,
    content:,
    tags:,
    published_at:,
    struct_version:,
  ))
}

fn revision_decoder() -> Decoder(Revision) {
  use article_id <- decode.field("article_id", decode.string)
  use revision <- decode.field("revision", decode.int)
  use author_id <- decode.field("author_id", decode.string)
  use title <- decode.field("title", decode.string)
  use timestamp <- decode.field("timestamp", decode.int)
  decode.success(Revision(
    article_id:,
    revision:,
    author_id:,
    title:,
    timestamp:,
  ))
}

fn editor_decoder() -> Decoder(Editor) {
  use article_id <- decode.field("article_id", decode.string)
  use user_id <- decode.field("user_id", decode.string)
  use since <- decode.field("since", decode.int)
  decode.success(Editor(article_id:, user_id:, since:))
}

/// The slice as a state writes it.
pub fn to_json(slice: ArticlesState) -> Json {
  json.object([
    #("type", json.string("articles")),
    #("articles", json.array(slice.articles, article_to_json)),
    #("current_article", json.nullable(slice.current_article, article_to_json)),
    #("revisions", json.array(slice.revisions, revision_to_json)),
    #("editors", json.array(slice.editors, editor_to_json)),
  ])
}

fn article_to_json(article: Article) -> Json {
  json.object([
    #("id", json.string(article.id)),
    #("slug", json.string(article.slug)),
    #("revision", json.int(article.revision)),
    #("author_id", json.string(article.author_id)),
    #("author", json.string(article.author)),
    #("title", json.string(article.title)),
    #("subtitle", json.string(article.subtitle)),
    #("leading", json.string(article.leading)),
    #("content", json.nullable(article.content, json.string)),
    #("tags", json.array(article.tags, json.string)),
    #("published_at", json.nullable(article.published_at, json.int)),
    #("struct_version", json.int(article.struct_version)),
  ])
}

fn revision_to_json(revision: Revision) -> Json {
  json.object([
    #("article_id", json.string(revision.article_id)),
    #("revision", json.int(revision.revision)),
    #("author_id", json.string(revision.author_id)),
    #("title", json.string(revision.title)),
    #("timestamp", json.int(revision.timestamp)),
  ])
}

fn editor_to_json(editor: Editor) -> Json {
  json.object([
    #("article_id", json.string(editor.article_id)),
    #("user_id", json.string(editor.user_id)),
    #("since", json.int(editor.since)),
  ])
}
