//// What a client shows before the server has done it: its pending actions folded over its slices (HYB-005).

import gleam/list
import gleam/option.{None, Some}
import gleam/result
import omni/action.{type UserAction}
import omni/articles.{type Article, Article, ArticlesState}
import omni/chat.{type ChatMessage, ChatMessage, ChatState}
import omni/entries.{type Limits}
import omni/types.{type Slices, Slices}
import omni/url.{type ShortUrl, ShortUrl, UrlState}
import omni/user.{User, UserState}
import omni/value.{type Value}

/// Whose actions they are, and what lists are cut to.
pub type Folding {
  Folding(user_id: String, limits: Limits)
}

/// The slices with an action on top, that was dispatched at a time. A rule does nothing where its kind is not open, or
/// its target is not there.
pub fn fold(
  slices: Slices,
  action: UserAction,
  at: Int,
  folding: Folding,
) -> Slices {
  case action.type_ {
    "article." <> _ ->
      Slices(
        ..slices,
        articles: option.map(slices.articles, fold_articles(_, action, folding)),
      )
    "chat." <> _ ->
      Slices(
        ..slices,
        chat: option.map(slices.chat, fold_chat(_, action, at, folding)),
      )
    "url." <> _ ->
      Slices(
        ..slices,
        url: option.map(slices.url, fold_url(_, action, at, folding)),
      )
    "user.update" ->
      Slices(..slices, user: option.map(slices.user, fold_user(_, action)))
    _ -> slices
  }
}

fn fold_articles(
  slice: articles.ArticlesState,
  action: UserAction,
  folding: Folding,
) -> articles.ArticlesState {
  let id = text(action.data, "article_id", "")
  let changes = changes(action)
  case action.type_, value.get(action.data, "article_id") {
    "article.create", _ ->
      ArticlesState(
        ..slice,
        articles: front(
          new_article(action, folding),
          slice.articles,
          folding,
          "articles",
        ),
      )
    "article.update", _ ->
      ArticlesState(
        ..slice,
        articles: entries.change(
          slice.articles,
          fn(one) { one.id == id },
          change_article(_, changes),
        ),
        current_article: case slice.current_article {
          Some(current) if current.id == id ->
            Some(change_content(change_article(current, changes), changes))
          current -> current
        },
      )
    "article.delete", _ ->
      articles.reduce(slice, articles.ArticleDeleted(id), folding.limits)
    // What another article holds is not known here.
    "article.select", Ok(value.Null) ->
      ArticlesState(..slice, current_article: None, revisions: [])
    _, _ -> slice
  }
}

fn new_article(action: UserAction, folding: Folding) -> Article {
  Article(
    id: action.local_id(action),
    slug: "",
    revision: 0,
    author_id: folding.user_id,
    author: "",
    title: "",
    subtitle: "",
    leading: "",
    content: None,
    tags: [],
    published_at: None,
    struct_version: 0,
  )
  |> change_article(action.data)
}

fn change_article(article: Article, changes: Value) -> Article {
  Article(
    ..article,
    slug: text(changes, "slug", article.slug),
    title: text(changes, "title", article.title),
    subtitle: text(changes, "subtitle", article.subtitle),
    leading: text(changes, "leading", article.leading),
    tags: case value.get(changes, "tags") {
      Ok(value.Array(tags)) -> list.filter_map(tags, string_of)
      _ -> article.tags
    },
  )
}

fn change_content(article: Article, changes: Value) -> Article {
  case value.get_string(changes, "content") {
    Ok(content) -> Article(..article, content: Some(content))
    Error(Nil) -> article
  }
}

fn fold_chat(
  slice: chat.ChatState,
  action: UserAction,
  at: Int,
  folding: Folding,
) -> chat.ChatState {
  let id = text(action.data, "message_id", "")
  case action.type_ {
    "chat.send" -> {
      let message = new_message(action, at, folding)
      ChatState(
        ..slice,
        messages: front(message, slice.messages, folding, "chat_messages"),
      )
    }
    "chat.edit" ->
      ChatState(
        ..slice,
        messages: entries.change(
          slice.messages,
          fn(one) { one.id == id },
          fn(one) {
            let content = text(action.data, "content", one.content)
            ChatMessage(..one, content:)
          },
        ),
      )
    "chat.delete" -> chat.reduce(slice, chat.MessageDeleted(id), folding.limits)
    _ -> slice
  }
}

fn new_message(action: UserAction, at: Int, folding: Folding) -> ChatMessage {
  ChatMessage(
    id: action.local_id(action),
    user_id: folding.user_id,
    content: text(action.data, "content", ""),
    sent_at: at,
    edited_at: None,
  )
}

fn fold_url(
  slice: url.UrlState,
  action: UserAction,
  at: Int,
  folding: Folding,
) -> url.UrlState {
  let id = text(action.data, "url_id", "")
  case action.type_ {
    "url.create" ->
      UrlState(front(new_url(action, at, folding), slice.urls, folding, "urls"))
    "url.update" ->
      UrlState(
        entries.change(slice.urls, fn(one) { one.id == id }, change_url(
          _,
          changes(action),
        )),
      )
    "url.delete" -> url.reduce(slice, url.UrlDeleted(id), folding.limits)
    _ -> slice
  }
}

fn new_url(action: UserAction, at: Int, folding: Folding) -> ShortUrl {
  ShortUrl(
    id: action.local_id(action),
    short_code: text(action.data, "short_code", ""),
    target_url: text(action.data, "target_url", ""),
    created_by: folding.user_id,
    created_at: at,
    updated_at: at,
    access_count: 0,
    is_active: True,
  )
}

fn change_url(url: ShortUrl, changes: Value) -> ShortUrl {
  ShortUrl(
    ..url,
    target_url: text(changes, "target_url", url.target_url),
    short_code: text(changes, "short_code", url.short_code),
    is_active: case value.get(changes, "is_active") {
      Ok(value.Bool(is_active)) -> is_active
      _ -> url.is_active
    },
  )
}

fn fold_user(slice: user.UserState, action: UserAction) -> user.UserState {
  let changes = changes(action)
  use found <- change_user(slice)
  User(
    ..found,
    username: text(changes, "username", found.username),
    email: value.get_string(changes, "email")
      |> option.from_result
      |> option.or(found.email),
  )
}

fn change_user(
  slice: user.UserState,
  change: fn(user.User) -> user.User,
) -> user.UserState {
  UserState(..slice, user: option.map(slice.user, change))
}

/// A new entry stands in front, and the list is cut at its end.
fn front(entry: a, list: List(a), folding: Folding, limit: String) -> List(a) {
  entries.cut([entry, ..list], entries.limit(folding.limits, limit))
}

fn changes(action: UserAction) -> Value {
  value.get(action.data, "changes") |> result.unwrap(value.Null)
}

fn text(data: Value, name: String, otherwise: String) -> String {
  value.get_string(data, name) |> result.unwrap(otherwise)
}

fn string_of(value: Value) -> Result(String, Nil) {
  case value {
    value.String(text) -> Ok(text)
    _ -> Error(Nil)
  }
}
