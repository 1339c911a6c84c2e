//// What the subject `.state` carries: the whole truth of one kind in one session.

import gleam/dynamic/decode.{type Decoder}
import gleam/json.{type Json}
import gleam/list
import gleam/option.{type Option, None, Some}
import omni/articles
import omni/chat
import omni/kind.{type Kind}
import omni/url
import omni/user

/// A state: whose it is, when it was made, and the slice.
pub type SessionState {
  SessionState(
    user_id: String,
    session_id: String,
    timestamp: Int,
    data: StateData,
  )
}

/// The slice of one kind. A kind that is not known here is a value as well, so that it is skipped and not taken for a
/// body that cannot be used (CLI-010).
pub type StateData {
  ArticlesState(articles.ArticlesState)
  ChatState(chat.ChatState)
  UrlState(url.UrlState)
  UserState(user.UserState)
  UnknownState(kind: String)
}

/// The slices of a session, one of each kind that it has open.
pub type Slices {
  Slices(
    articles: Option(articles.ArticlesState),
    chat: Option(chat.ChatState),
    url: Option(url.UrlState),
    user: Option(user.UserState),
  )
}

/// No kind is open.
pub const no_slices = Slices(None, None, None, None)

/// The body of a state.
pub fn state_decoder() -> Decoder(SessionState) {
  use user_id <- decode.field("user_id", decode.string)
  use session_id <- decode.field("session_id", decode.string)
  use timestamp <- decode.field("timestamp", decode.int)
  use data <- decode.field("data", data_decoder())
  decode.success(SessionState(user_id:, session_id:, timestamp:, data:))
}

/// The body of a state, from its text.
pub fn decode_state(payload: String) -> Result(SessionState, json.DecodeError) {
  json.parse(payload, state_decoder())
}

/// The `data` of a state: `type` says which kind it is.
pub fn data_decoder() -> Decoder(StateData) {
  use type_ <- decode.field("type", decode.string)
  case kind.from_string(type_) {
    Ok(kind.Articles) -> decode.map(articles.decoder(), ArticlesState)
    Ok(kind.Chat) -> decode.map(chat.decoder(), ChatState)
    Ok(kind.Url) -> decode.map(url.decoder(), UrlState)
    Ok(kind.User) -> decode.map(user.decoder(), UserState)
    Error(Nil) -> decode.success(UnknownState(type_))
  }
}

/// A slice as a state writes it. Of an unknown kind nothing but its name was kept.
pub fn data_to_json(data: StateData) -> Json {
  case data {
    ArticlesState(slice) -> articles.to_json(slice)
    ChatState(slice) -> chat.to_json(slice)
    UrlState(slice) -> url.to_json(slice)
    UserState(slice) -> user.to_json(slice)
    UnknownState(kind) -> json.object([#("type", json.string(kind))])
  }
}

/// The slices of these kinds: those that were held stay, the others are empty (CLI-022).
pub fn slices_of(kinds: List(Kind), held: Slices) -> Slices {
  Slices(
    articles: keep(kinds, kind.Articles, held.articles, articles.empty),
    chat: keep(kinds, kind.Chat, held.chat, chat.empty),
    url: keep(kinds, kind.Url, held.url, url.empty),
    user: keep(kinds, kind.User, held.user, user.empty),
  )
}

fn keep(
  kinds: List(Kind),
  kind: Kind,
  slice: Option(a),
  empty: a,
) -> Option(a) {
  case list.contains(kinds, kind) {
    True -> Some(option.unwrap(slice, empty))
    False -> None
  }
}

/// The slices with one in the place of that of its kind, where that kind is open (CLI-004).
pub fn put(slices: Slices, data: StateData) -> Slices {
  case data, slices {
    ArticlesState(new), Slices(articles: Some(_), ..) ->
      Slices(..slices, articles: Some(new))
    ChatState(new), Slices(chat: Some(_), ..) ->
      Slices(..slices, chat: Some(new))
    UrlState(new), Slices(url: Some(_), ..) -> Slices(..slices, url: Some(new))
    UserState(new), Slices(user: Some(_), ..) ->
      Slices(..slices, user: Some(new))
    _, _ -> slices
  }
}

/// The open slices, one after the other.
pub fn to_list(slices: Slices) -> List(#(Kind, StateData)) {
  option.values([
    option.map(slices.articles, fn(it) { #(kind.Articles, ArticlesState(it)) }),
    option.map(slices.chat, fn(it) { #(kind.Chat, ChatState(it)) }),
    option.map(slices.url, fn(it) { #(kind.Url, UrlState(it)) }),
    option.map(slices.user, fn(it) { #(kind.User, UserState(it)) }),
  ])
}

/// The open slices by the names of their kinds.
pub fn slices_to_json(slices: Slices) -> Json {
  json.object(
    list.map(to_list(slices), fn(one) {
      #(kind.to_string(one.0), data_to_json(one.1))
    }),
  )
}
