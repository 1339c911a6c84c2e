//// The kinds of state that a session can open.

import gleam/dynamic/decode.{type Decoder}
import gleam/string

/// What a session shows: each kind has a slice, events and actions of its own.
pub type Kind {
  Articles
  Chat
  Url
  User
}

/// All kinds of the protocol.
pub const all = [Articles, Chat, Url, User]

/// The name of a kind on the wire.
pub fn to_string(kind: Kind) -> String {
  case kind {
    Articles -> "articles"
    Chat -> "chat"
    Url -> "url"
    User -> "user"
  }
}

/// The kind of a name, an error for one that this client does not know.
pub fn from_string(name: String) -> Result(Kind, Nil) {
  case name {
    "articles" -> Ok(Articles)
    "chat" -> Ok(Chat)
    "url" -> Ok(Url)
    "user" -> Ok(User)
    _ -> Error(Nil)
  }
}

/// The kind that an event or action is about: the part of its type before the dot tells it.
pub fn of_type(type_: String) -> Result(Kind, Nil) {
  case string.split_once(type_, ".") {
    Ok(#("article", _)) -> Ok(Articles)
    Ok(#("chat", _)) -> Ok(Chat)
    Ok(#("url", _)) -> Ok(Url)
    Ok(#("user", _)) -> Ok(User)
    _ -> Error(Nil)
  }
}

/// The name of a kind that is known here.
pub fn decoder() -> Decoder(Kind) {
  use name <- decode.then(decode.string)
  case from_string(name) {
    Ok(kind) -> decode.success(kind)
    Error(Nil) -> decode.failure(Articles, "Kind")
  }
}
