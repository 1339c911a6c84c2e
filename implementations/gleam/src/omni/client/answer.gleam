//// Answers to requests and actions, from bytes to what they say.

import gleam/dict
import gleam/dynamic.{type Dynamic}
import gleam/dynamic/decode.{type Decoder}
import gleam/list
import gleam/option.{type Option, None, Some}
import gleam/result
import omni/client/message.{
  type Body, type Outcome, type Own, type Refusal, count_or, position_decoder,
}
import omni/entries.{type Limits}
import omni/kind.{type Kind}
import omni/member
import omni/position.{type Position}

/// What `session.opened` grants.
pub type Opened {
  Opened(
    position: Position,
    kinds: List(Kind),
    /// How many states follow, those of kinds that are not known here included.
    states: Int,
    actions: List(String),
    limits: Limits,
    heartbeat_ms: Int,
    resume_window_ms: Int,
  )
}

/// How a client gets on after a resume.
pub type Mode {
  Current
  Replay
  Snapshot
}

/// An answer.
pub type Answer {
  SessionOpened(Opened)
  Syncing(position: Position, states: Int)
  Resumed(mode: Mode, position: Position, messages: List(Dynamic))
  Pong(Position)
  Outcome(Outcome)
  Refused(Refusal)
}

/// What an answer says; an error for one that is of no use, which is as none (CLI-035).
pub fn read(own: Own, payload: BitArray) -> Result(Answer, Nil) {
  use body <- result.try(message.parse(payload))
  case message.is_spoken(body), body.type_ {
    True, "error" -> read_error(own, body)
    True, _ ->
      case message.is_own(own, body) {
        True -> read_data(body)
        False -> Error(Nil)
      }
    False, _ -> Error(Nil)
  }
}

/// An error may answer a message that did not tell its ids: they are empty here where they were null.
fn read_error(own: Own, body: Body) -> Result(Answer, Nil) {
  let is_mine =
    list.contains(["", own.user_id], body.user_id)
    && list.contains(["", own.session_id], body.session_id)
  case is_mine {
    True -> run(body, member.of("error", message.refusal_decoder(), Refused))
    False -> Error(Nil)
  }
}

fn run(body: Body, decoder: Decoder(a)) -> Result(a, Nil) {
  decode.run(body.data, decoder) |> result.replace_error(Nil)
}

fn read_data(body: Body) -> Result(Answer, Nil) {
  case body.type_ {
    "session.opened" -> run(body, opened_decoder())
    "session.syncing" -> run(body, syncing_decoder())
    "session.resumed" -> run(body, resumed_decoder())
    "session.pong" -> run(body, decode.map(position_decoder(), Pong))
    _ ->
      message.read_outcome(body)
      |> result.map(Outcome)
      |> result.replace_error(Nil)
  }
}

fn opened_decoder() -> Decoder(Answer) {
  use position <- decode.then(position_decoder())
  use kinds <- decode.field("kinds", decode.list(decode.string))
  use actions <- decode.optional_field("actions", [], texts_decoder())
  use limits <- decode.optional_field("limits", dict.new(), limits_decoder())
  use heartbeat_ms <- decode.then(decode.at(
    ["timers", "heartbeat_ms"],
    position.positive_decoder(),
  ))
  use resume_window_ms <- decode.then(decode.optionally_at(
    ["timers", "resume_window_ms"],
    0,
    count_or(0),
  ))
  let known = list.filter_map(kinds, kind.from_string)
  let opened =
    Opened(
      position:,
      kinds: known,
      states: list.length(kinds),
      actions:,
      limits:,
      heartbeat_ms:,
      resume_window_ms:,
    )
  case kinds {
    [] -> decode.failure(SessionOpened(opened), "Kinds")
    _ -> decode.success(SessionOpened(opened))
  }
}

fn texts_decoder() -> Decoder(List(String)) {
  decode.one_of(decode.list(decode.string), [decode.success([])])
}

/// Limits that are no counts are as none.
fn limits_decoder() -> Decoder(Limits) {
  let some = decode.map(position.count_decoder(), Some)
  let counts =
    decode.dict(decode.string, decode.one_of(some, [decode.success(None)]))
  use found <- decode.map(decode.one_of(counts, [decode.success(dict.new())]))
  dict.fold(found, dict.new(), fn(limits, name, limit) {
    case limit {
      Some(limit) -> dict.insert(limits, name, limit)
      None -> limits
    }
  })
}

fn syncing_decoder() -> Decoder(Answer) {
  use position <- decode.then(position_decoder())
  use kinds <- decode.field("kinds", decode.list(decode.dynamic))
  decode.success(Syncing(position, list.length(kinds)))
}

fn resumed_decoder() -> Decoder(Answer) {
  use mode <- decode.field("mode", mode_decoder())
  use position <- decode.then(position_decoder())
  use messages <- decode.optional_field(
    "messages",
    [],
    decode.one_of(decode.list(decode.dynamic), [decode.success([])]),
  )
  decode.success(Resumed(mode:, position:, messages:))
}

fn mode_decoder() -> Decoder(Mode) {
  use mode <- decode.then(decode.string)
  case mode {
    "current" -> decode.success(Current)
    "replay" -> decode.success(Replay)
    "snapshot" -> decode.success(Snapshot)
    _ -> decode.failure(Current, "Mode")
  }
}

/// The limit of actions, none where it is not told.
pub fn action_limit(opened: Option(Opened)) -> Option(Int) {
  option.then(opened, fn(opened) { entries.limit(opened.limits, "action") })
}
