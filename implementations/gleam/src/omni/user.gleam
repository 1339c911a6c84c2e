//// The kind `user`: its slice, and what events do to it.

import gleam/dynamic/decode.{type Decoder}
import gleam/int
import gleam/json.{type Json}
import gleam/list
import gleam/option.{type Option, None, Some}
import gleam/order.{type Order}
import omni/entries
import omni/member

/// The slice of this kind: who the user is, what it may do, and which sessions it has.
pub type UserState {
  UserState(
    user: Option(User),
    permissions: List(String),
    sessions: List(SessionInfo),
  )
}

/// A user. Other users see no email.
pub type User {
  User(id: String, username: String, email: Option(String))
}

/// A live session of the user. Kinds that are not known here are kept by their names.
pub type SessionInfo {
  SessionInfo(session_id: String, opened_at: Int, kinds: List(String))
}

/// What an event of this kind tells.
pub type UserEvent {
  UserUpdated(user: User)
  PermissionsChanged(permissions: List(String))
  SessionOpened(session: SessionInfo)
  SessionClosed(session_id: String)
}

/// The slice before its first state (CLI-022).
pub const empty = UserState(None, [], [])

/// The slice after an event (CLI-025).
pub fn reduce(slice: UserState, event: UserEvent) -> UserState {
  case event {
    UserUpdated(user) -> UserState(..slice, user: Some(user))
    PermissionsChanged(permissions) ->
      UserState(..slice, permissions: permissions)
    SessionOpened(session) ->
      UserState(
        ..slice,
        sessions: entries.upsert(
          slice.sessions,
          session,
          fn(other) { other.session_id == session.session_id },
          by_opening,
          None,
        ),
      )
    SessionClosed(id) ->
      UserState(
        ..slice,
        sessions: entries.remove(slice.sessions, fn(one) {
          one.session_id == id
        }),
      )
  }
}

fn by_opening(left: SessionInfo, right: SessionInfo) -> Order {
  order.break_tie(
    int.compare(left.opened_at, right.opened_at),
    entries.compare(left.session_id, right.session_id),
  )
}

/// The `data` of a state of this kind.
pub fn decoder() -> Decoder(UserState) {
  use user <- decode.field("user", decode.optional(user_decoder()))
  use permissions <- decode.field("permissions", decode.list(decode.string))
  use sessions <- decode.field("sessions", decode.list(session_decoder()))
  decode.success(UserState(user:, permissions:, sessions:))
}

/// The `data` of an event; an error where its type is not known.
pub fn event_decoder(type_: String) -> Result(Decoder(UserEvent), Nil) {
  case type_ {
    "user.updated" -> Ok(member.of("user", user_decoder(), UserUpdated))
    "user.permissions_changed" ->
      Ok(member.of(
        "permissions",
        decode.list(decode.string),
        PermissionsChanged,
      ))
    "user.session_opened" ->
      Ok(member.of("session", session_decoder(), SessionOpened))
    "user.session_closed" ->
      Ok(member.of("session_id", decode.string, SessionClosed))
    _ -> Error(Nil)
  }
}

/// A user, with an email or without.
pub fn user_decoder() -> Decoder(User) {
  use id <- decode.field("id", decode.string)
  use username <- decode.field("username", decode.string)
  use email <- decode.optional_field(
    "email",
    None,
    decode.map(decode.string, Some),
  )
  decode.success(User(id:, username:, email:))
}

fn session_decoder() -> Decoder(SessionInfo) {
  use session_id <- decode.field("session_id", decode.string)
  use opened_at <- decode.field("opened_at", decode.int)
  use kinds <- decode.field("kinds", decode.list(decode.string))
  decode.success(SessionInfo(session_id:, opened_at:, kinds:))
}

/// The slice as a state writes it.
pub fn to_json(slice: UserState) -> Json {
  json.object([
    #("type", json.string("user")),
    #("user", json.nullable(slice.user, user_to_json)),
    #("permissions", json.array(slice.permissions, json.string)),
    #("sessions", json.array(slice.sessions, session_to_json)),
  ])
}

/// A user as bodies write it: a user without an email has no such member.
pub fn user_to_json(user: User) -> Json {
  let email = case user.email {
    Some(email) -> [#("email", json.string(email))]
    None -> []
  }
  json.object(list.append(
    [#("id", json.string(user.id)), #("username", json.string(user.username))],
    email,
  ))
}

fn session_to_json(session: SessionInfo) -> Json {
  json.object([
    #("session_id", json.string(session.session_id)),
    #("opened_at", json.int(session.opened_at)),
    #("kinds", json.array(session.kinds, json.string)),
  ])
}
