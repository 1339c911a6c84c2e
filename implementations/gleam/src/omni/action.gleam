//// Actions: what a user wants done.

import gleam/json.{type Json}
import gleam/list
import gleam/option.{type Option, None, Some}
import gleam/string
import omni/position
import omni/value.{type Value}

/// An action under an id of its own, which names it in all its copies and sessions (HYB-013). `expect` is the revision
/// that an article is to have. Members of `data` that the protocol does not name are sent as well.
pub type UserAction {
  UserAction(action_id: String, type_: String, data: Value, expect: Option(Int))
}

/// A chat message.
pub fn chat_send(action_id: String, content: String) -> UserAction {
  new(action_id, "chat.send", [#("content", value.String(content))])
}

/// A draft with a title.
pub fn article_create(action_id: String, title: String) -> UserAction {
  new(action_id, "article.create", [#("title", value.String(title))])
}

/// Changes of an article. With `expecting` it is refused unless the article has that revision still.
pub fn article_update(
  action_id: String,
  article_id: String,
  changes: List(#(String, Value)),
) -> UserAction {
  new(action_id, "article.update", [
    #("article_id", value.String(article_id)),
    #("changes", value.Object(changes)),
  ])
}

/// What the session looks at: an article, or none.
pub fn article_select(
  action_id: String,
  article_id: Option(String),
) -> UserAction {
  let id = case article_id {
    Some(id) -> value.String(id)
    None -> value.Null
  }
  new(action_id, "article.select", [#("article_id", id)])
}

/// An action of any type.
pub fn new(
  action_id: String,
  type_: String,
  data: List(#(String, Value)),
) -> UserAction {
  UserAction(action_id, type_, value.Object(data), None)
}

/// The same action, for an article of this revision alone.
pub fn expecting(action: UserAction, revision: Int) -> UserAction {
  UserAction(..action, expect: Some(revision))
}

/// The id that a new entry has in the view until the server tells one.
pub fn local_id(action: UserAction) -> String {
  "local:" <> action.action_id
}

/// Whether it makes a new entry.
pub fn is_create(action: UserAction) -> Bool {
  list.contains(["article.create", "chat.send", "url.create"], action.type_)
}

/// Whether doing it a second time does no harm, or fails by itself (HYB-019).
pub fn is_harmless(action: UserAction) -> Bool {
  case action.type_, action.expect {
    "article.select", _ | "session.noop", _ -> True
    "article.update", Some(_) -> True
    _, _ -> False
  }
}

/// The id of the entry that it is about; an error where it names none.
pub fn named(action: UserAction) -> Result(String, Nil) {
  let member = case string.split_once(action.type_, ".") {
    Ok(#("article", _)) -> "article_id"
    Ok(#("chat", _)) -> "message_id"
    Ok(#("url", _)) -> "url_id"
    _ -> ""
  }
  case is_create(action) {
    True -> Error(Nil)
    False -> value.get_string(action.data, member)
  }
}

/// The body of an action in a session, under its number there.
pub fn encode_action(
  action: UserAction,
  user_id user_id: String,
  session_id session_id: String,
  client_seq client_seq: Int,
  timestamp timestamp: Int,
) -> String {
  let members = [
    #("v", json.string("1.0")),
    #("type", json.string(action.type_)),
    #("action_id", json.string(action.action_id)),
    #("user_id", json.string(user_id)),
    #("session_id", json.string(session_id)),
    #("client_seq", json.int(client_seq)),
    #("timestamp", json.int(timestamp)),
    #("data", value.to_json(action.data)),
    ..expect_to_json(action.expect)
  ]
  json.to_string(json.object(members))
}

/// The member `expect`, where there is one.
pub fn expect_to_json(expect: Option(Int)) -> List(#(String, Json)) {
  case expect {
    Some(revision) -> [
      #("expect", json.object([#("revision", json.int(revision))])),
    ]
    None -> []
  }
}

/// Whether the body would be valid against its schema (CLI-034, HYB-016).
pub fn is_valid(action: UserAction) -> Bool {
  is_text(action.action_id, 128)
  && option.unwrap(option.map(action.expect, is_positive), True)
  && value.is_writable(action.data)
  && is_object(action.data)
  && case members(action.type_) {
    Some(members) -> list.all(members, is_kept(action.data, _))
    None -> is_type_name(action.type_)
  }
}

type Rule {
  Required(name: String, is_right: fn(Value) -> Bool)
  Allowed(name: String, is_right: fn(Value) -> Bool)
}

fn is_kept(data: Value, rule: Rule) -> Bool {
  case value.get(data, rule.name), rule {
    Ok(value), _ -> rule.is_right(value)
    Error(Nil), Required(..) -> False
    Error(Nil), Allowed(..) -> True
  }
}

/// What is asked of the data of a known type.
fn members(type_: String) -> Option(List(Rule)) {
  case type_ {
    "session.noop" -> Some([])
    "article.create" -> Some([Required("title", is_string), ..article_members])
    "article.update" ->
      Some([Required("article_id", is_article_id), changes(article_members)])
    "article.delete"
    | "article.publish"
    | "article.edit_start"
    | "article.edit_end" -> Some([Required("article_id", is_article_id)])
    "article.select" ->
      Some([
        Required("article_id", fn(id) { id == value.Null || is_article_id(id) }),
      ])
    "chat.send" -> Some([Required("content", is_string)])
    "chat.edit" ->
      Some([Required("message_id", is_id), Required("content", is_string)])
    "chat.delete" -> Some([Required("message_id", is_id)])
    "chat.typing" ->
      Some([Required("active", is_bool), Allowed("ttl_ms", is_integer)])
    "url.create" ->
      Some([
        Required("target_url", is_string),
        Allowed("short_code", is_short_code),
      ])
    "url.update" -> Some([Required("url_id", is_id), changes(url_members)])
    "url.delete" -> Some([Required("url_id", is_id)])
    "user.update" -> Some([changes(user_members)])
    _ -> None
  }
}

const article_members = [
  Allowed("title", is_string),
  Allowed("slug", is_string),
  Allowed("subtitle", is_string),
  Allowed("leading", is_string),
  Allowed("content", is_string),
  Allowed("tags", is_strings),
]

const url_members = [
  Allowed("target_url", is_string),
  Allowed("short_code", is_short_code),
  Allowed("is_active", is_bool),
]

const user_members = [
  Allowed("username", is_string),
  Allowed("email", is_string),
]

fn changes(members: List(Rule)) -> Rule {
  Required("changes", fn(value) {
    is_object(value) && list.all(members, is_kept(value, _))
  })
}

fn is_object(value: Value) -> Bool {
  case value {
    value.Object(_) -> True
    _ -> False
  }
}

fn is_string(value: Value) -> Bool {
  case value {
    value.String(_) -> True
    _ -> False
  }
}

fn is_strings(value: Value) -> Bool {
  case value {
    value.Array(items) -> list.all(items, is_string)
    _ -> False
  }
}

fn is_bool(value: Value) -> Bool {
  case value {
    value.Bool(_) -> True
    _ -> False
  }
}

fn is_integer(value: Value) -> Bool {
  case value {
    value.Int(it) -> it <= position.most && it >= -position.most
    _ -> False
  }
}

fn is_positive(number: Int) -> Bool {
  number >= 1 && number <= position.most
}

fn is_id(value: Value) -> Bool {
  case value {
    value.String(text) -> text != ""
    _ -> False
  }
}

fn is_article_id(value: Value) -> Bool {
  is_of(value, 96)
}

fn is_short_code(value: Value) -> Bool {
  is_of(value, 64)
}

fn is_of(value: Value, most: Int) -> Bool {
  case value {
    value.String(text) -> is_text(text, most)
    _ -> False
  }
}

/// Lengths are counted in code points, as JSON Schema does.
fn is_text(text: String, most: Int) -> Bool {
  text != "" && list.length(string.to_utf_codepoints(text)) <= most
}

fn is_type_name(type_: String) -> Bool {
  let parts = string.split(type_, ".")
  list.length(parts) >= 2 && list.all(parts, is_type_part)
}

fn is_type_part(part: String) -> Bool {
  let letters = "abcdefghijklmnopqrstuvwxyz"
  case string.pop_grapheme(part) {
    Ok(#(first, rest)) ->
      string.contains(letters, first)
      && list.all(string.to_graphemes(rest), string.contains(
        letters <> "0123456789_-",
        _,
      ))
    Error(Nil) -> False
  }
}
